//! The parts that pages are made of. They know no domain type: text comes in, events go out.

mod badge;
mod field;
mod icon;
mod isolate;
mod notice;
mod options;
mod panel;
mod switch;

pub use self::{
    badge::{Badge, Tone},
    field::{ChoiceField, Field, SecretField, TextField},
    icon::{Icon, IconName},
    isolate::{isolated, with_isolates},
    notice::{ErrorSummary, Notice},
    options::{escaped, options},
    panel::Panel,
    switch::Switch,
};
