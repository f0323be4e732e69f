//! The record of what was changed or refused: who, when, what, from which value to which.

use serde::{Deserialize, Serialize};

/// What was done, or tried. The key is stored; the page words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// A partner was created by the operator.
    PartnerAdded,
    /// An account was added.
    AccountAdded,
    /// Customer information was changed.
    CustomerInformationChanged,
}

impl ActivityKind {
    /// The key under which the kind is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::PartnerAdded => "partner_added",
            Self::AccountAdded => "account_added",
            Self::CustomerInformationChanged => "customer_information_changed",
        }
    }
}

/// One field's way from an old value to a new one. Empty text means that there was, or is, none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field's key, such as [`crate::customer::CustomerField::key`].
    pub field: String,
    /// The value before.
    pub old: String,
    /// The value after.
    pub new: String,
}
