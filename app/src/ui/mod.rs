//! The parts that pages are made of. They know no domain type: text comes in, events go out.

mod badge;
pub(crate) mod combobox;
mod copy_button;
mod dialogue;
pub(crate) mod dom;
mod field;
mod icon;
mod isolate;
mod notice;
mod options;
mod pager;
mod refusal;
mod switch;

pub use self::{
    badge::{Badge, Tone},
    copy_button::CopyButton,
    dialogue::open_modal,
    field::{ChoiceField, Field, SecretField, TextArea, TextField},
    icon::{Icon, IconName},
    isolate::{isolated, with_isolates},
    notice::{ErrorSummary, Notice},
    options::{escaped, options},
    pager::Pager,
    refusal::Refusal,
    switch::Switch,
};
