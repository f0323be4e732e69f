//! The parts that pages are made of. They know no domain type: text comes in, events go out.

mod badge;
mod dialogue;
mod field;
mod icon;
mod isolate;
mod notice;
mod options;
mod pager;
mod panel;
mod switch;

pub use self::{
    badge::{Badge, Tone},
    dialogue::open_modal,
    field::{ChoiceField, Field, SecretField, TextField},
    icon::{Icon, IconName},
    isolate::{isolated, with_isolates},
    notice::{ErrorSummary, Notice},
    options::{escaped, options},
    pager::Pager,
    panel::Panel,
    switch::Switch,
};
