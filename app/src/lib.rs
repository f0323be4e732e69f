//! What an administrator sees: one Leptos application, laid out by feature.
//!
//! Compiled twice. For the server (feature `ssr`) it renders whole pages, which work by plain links
//! and forms. For the browser (feature `hydrate`) the same components wake on that page, and from
//! then on go from page to page without another document. A form posts to a server function; without
//! JavaScript it is posted to the address of its page, and the server calls the same function; see
//! [`form`].

// A view is one type, which the compiler follows to its depth.
#![recursion_limit = "512"]

#[cfg(not(any(feature = "ssr", feature = "hydrate")))]
compile_error!("app is built with the feature `ssr` or the feature `hydrate`");

mod about;
mod account;
mod accounts;
mod activity;
mod application;
mod consent;
mod draft;
pub mod error;
pub mod form;
mod layout;
pub mod live;
#[cfg(feature = "ssr")]
mod mail;
mod message;
mod navigation;
mod orders;
mod page;
mod panel;
pub mod paths;
mod profile;
#[cfg(feature = "ssr")]
pub mod request;
mod session;
pub mod start;
pub mod ui;
pub mod wording;

pub use activity::{query_errors as activity_query_errors, read_query as read_activity_query};
#[cfg(feature = "ssr")]
pub use application::Document;
pub use application::{App, Pages};
pub use message::{Done, Message, Outcome};
