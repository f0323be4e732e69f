//! Integrations and privileges: what they are, and what a switch causes.
//!
//! [`apply`] is the one place where consequences are computed, from the catalogue, the present
//! state and the wanted change. The page asks it what would happen, and the change itself is made
//! by it, so that both are the same. Take an account on which `MiCC` is on, and with it guest
//! access. Someone switches `MiTeam Meetings` on, which wants guest access too: nothing else
//! changes. They switch `MiCC` off: guest access stays, for Meetings wants it. They switch Meetings
//! off: now nobody wants it and no person had set it, so it goes off as well, and they are told
//! before it happens.

mod apply;
mod catalogue;
mod microsoft;
mod reversal;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

pub use self::{
    apply::{Effect, Refusal, Wanted, apply},
    catalogue::{Application, Catalogue, Group, SetUp, Texts},
    microsoft::MicrosoftRefusal,
    reversal::Reversal,
};
use crate::{activity, choices::choices, time::Timestamp};

/// The reason of an integration that fails because its stored secret cannot be opened; the page words it.
pub const SECRET_UNREADABLE: &str = "secret_unreadable";

/// The name of an integration in the catalogue, the database and the API, such as `mitel-one`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IntegrationKey(String);

/// The text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegrationKeyError;

impl fmt::Display for IntegrationKeyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key is 1 to 40 small letters, digits and hyphens, and begins with a letter")
    }
}

impl std::error::Error for IntegrationKeyError {}

impl IntegrationKey {
    /// Reads a key.
    ///
    /// # Errors
    /// [`IntegrationKeyError`] when it is none.
    pub fn parse(text: &str) -> Result<Self, IntegrationKeyError> {
        let fits = (1..=40).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(IntegrationKeyError) }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IntegrationKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for IntegrationKey {
    type Error = IntegrationKeyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<IntegrationKey> for String {
    fn from(key: IntegrationKey) -> Self {
        key.0
    }
}

choices! {
    /// What the account's applications may do.
    #[derive(PartialOrd, Ord)]
    Privilege {
        /// A trusted application may authenticate the account's users.
        DelegatedAuthentication = "delegated_authentication",
        /// People outside may join as guests.
        GuestAccess = "guest_access",
    }
}

choices! {
    /// What an integration truly is at the moment.
    State {
        /// Not in use, and nothing is kept of it.
        Off = "off",
        /// Switched on, and waiting to be set up.
        NeedsSetUp = "needs_set_up",
        /// In use.
        On = "on",
        /// Not in use; its configuration is kept.
        Paused = "paused",
        /// In use, and not working.
        Failing = "failing",
    }
}

/// Since when and why an integration does not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The reason, as the other side gave it.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// What is kept of one integration of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// Whether it is switched on.
    pub on: bool,
    /// Whether its set-up is complete.
    pub set_up: bool,
    /// Why it does not work, if it does not.
    pub failure: Option<Failure>,
    /// Whether presence goes both ways; of those that offer it.
    pub presence_both_ways: bool,
}

/// What is kept of one privilege of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivilegeSetting {
    /// Whether it is on.
    pub on: bool,
    /// The name of the person who switched it on, if a person did.
    pub set_by: Option<String>,
}

/// Integrations and privileges of one account. What is not there is off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Services {
    /// Integrations by key.
    pub integrations: BTreeMap<IntegrationKey, Integration>,
    /// Privileges.
    pub privileges: BTreeMap<Privilege, PrivilegeSetting>,
}

impl Services {
    /// What is kept of the integration `key`.
    #[must_use]
    pub fn integration(&self, key: &IntegrationKey) -> Integration {
        self.integrations.get(key).cloned().unwrap_or_default()
    }

    /// What is kept of `privilege`.
    #[must_use]
    pub fn privilege(&self, privilege: Privilege) -> PrivilegeSetting {
        self.privileges.get(&privilege).cloned().unwrap_or_default()
    }

    /// What the integration of `application` truly is.
    #[must_use]
    pub fn state(&self, application: &Application) -> State {
        let Some(kept) = self.integrations.get(&application.key) else { return State::Off };
        let configured = application.set_up.is_some() && kept.set_up;
        match (kept.on, kept.set_up || application.set_up.is_none(), &kept.failure) {
            (true, false, _) => State::NeedsSetUp,
            (true, true, Some(_)) => State::Failing,
            (true, true, None) => State::On,
            (false, ..) if configured => State::Paused,
            (false, ..) => State::Off,
        }
    }

    /// Whether the integration of `application` is in use, working or not.
    #[must_use]
    pub fn is_running(&self, application: &Application) -> bool {
        matches!(self.state(application), State::On | State::Failing)
    }

    /// The integrations in use that want `privilege`, in the order of the catalogue.
    pub fn wanting<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        privilege: Privilege,
    ) -> impl Iterator<Item = &'a Application> {
        catalogue
            .applications()
            .iter()
            .filter(move |application| application.privileges.contains(&privilege) && self.is_running(application))
    }

    /// What differs from `before`, for the record of activity.
    #[must_use]
    pub fn changes_from(&self, before: &Self, catalogue: &Catalogue) -> Vec<activity::Change> {
        let mut changes = Vec::new();
        let mut note = |field: String, old: &str, new: &str| {
            if old != new {
                changes.push(activity::Change { field, old: old.to_owned(), new: new.to_owned() });
            }
        };
        for application in catalogue.applications() {
            let key = &application.key;
            note(format!("integration:{key}"), before.state(application).key(), self.state(application).key());
            let presence = |services: &Self| if services.integration(key).presence_both_ways { "both" } else { "one" };
            note(format!("presence:{key}"), presence(before), presence(self));
        }
        for &privilege in Privilege::ALL {
            let state = |services: &Self| if services.privilege(privilege).on { "on" } else { "off" };
            note(format!("privilege:{}", privilege.key()), state(before), state(self));
        }
        changes
    }
}
