//! A state, told by a word as well as by a colour.

use leptos::prelude::*;

/// How a state is to be felt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Neutral,
    /// As it should be.
    Good,
    /// Needs attention.
    Warn,
    /// Wrong.
    Bad,
}

impl Tone {
    /// The class that gives the colours.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A state in a word.
#[component]
pub fn Badge(
    /// How it is to be felt.
    tone: Tone,
    /// The word.
    label: &'static str,
) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())>{label}</span> }
}
