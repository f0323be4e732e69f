//! Search: one way to find accounts, orders and records of activity by what somebody types.
//!
//! Text is folded into words ([`text`]), which stand in a table of words per kind of row, the partner first
//! in its key, and in the row itself. What is typed becomes terms ([`terms`]); a row is found when for each
//! term one of its words begins with it. Lists are not sorted by relevance but by an index of their own, so
//! a search has two ways ([`plan`]): where few rows have its rarest term these are gathered and sorted, where
//! many have it the order is walked until the page is full. Both find the same. `docs/adr/0001-search.md`
//! says why the words are kept in tables of our own.

pub(crate) mod index;
mod plan;
mod refresh;
mod similar;
mod terms;
mod text;

pub use self::{plan::Limits, refresh::refresh};
pub(crate) use self::{
    plan::{Plan, count, plan},
    similar::corrections,
    terms::{Term, terms},
    text::{as_seen, fold, index_words, number_words, sort_key},
};
