//! What can be done: the use cases of Tenantry over its database.
//!
//! One story shows them all. Lucia saves a customer's new city. [`accounts::information::save`]
//! looks up the account in a transaction, asks [`domain::rights`] whether she may, brings her edit
//! together with what others saved since she opened the page, writes the account, its words for
//! searching and one record of activity, and commits: all of it or nothing. Whoever calls, the
//! page, the REST API or the command line, calls this same function.
//!
//! No HTTP and no Leptos here; rules that need no database live in `domain`.

pub mod accounts;
pub mod activity;
pub mod clock;
pub mod contacts;
pub mod demo;
mod entity;
mod error;
pub mod idempotency;
pub mod integrations;
mod json_rows;
pub mod live;
pub mod migration;
pub mod orders;
pub mod outbox;
pub mod partners;
mod passwords;
pub mod person_name;
pub mod profile;
mod random;
mod rate_limit;
pub mod reports;
mod seal;
pub mod search;
pub mod sessions;
pub mod spreadsheet;
mod sql;
mod store;
pub mod subscriptions;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod undo;

use std::sync::Arc;

use domain::{integrations::Catalogue, locale::Locale};

pub use self::{
    error::{Error, Result},
    seal::{Sealer, check_key},
    store::{Store, StoreOptions},
};
use crate::{
    clock::Clock,
    idempotency::IdempotencyKey,
    integrations::microsoft::{MicrosoftSettings, NoTokenEndpoint, TokenEndpoint},
};

/// Everything that use cases stand on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Backend {
    /// The database.
    pub store: Store,
    /// Where the time comes from.
    pub clock: Clock,
    /// What the operator configured.
    pub settings: Arc<Settings>,
    /// Where Microsoft's credentials are checked.
    pub token_endpoint: Arc<dyn TokenEndpoint>,
    /// The key under which the present request was sent; the same key again changes nothing again.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl Backend {
    /// A backend on `store` that reaches nothing outside.
    #[must_use]
    pub fn new(store: Store, clock: Clock, settings: Settings) -> Self {
        Self {
            store,
            clock,
            settings: Arc::new(settings),
            token_endpoint: Arc::new(NoTokenEndpoint),
            idempotency_key: None,
        }
    }

    /// The same for one request that was sent under `key`.
    #[must_use]
    pub fn with_idempotency_key(&self, key: Option<IdempotencyKey>) -> Self {
        Self { idempotency_key: key, ..self.clone() }
    }
}

/// What the operator configured that use cases must know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The regions in which an account's data can be held, in the order in which they are offered.
    pub cloud_locations: Vec<CloudLocation>,
    /// How long sessions last.
    pub session: sessions::SessionLimits,
    /// The applications that accounts can be integrated with.
    pub catalogue: Catalogue,
    /// What is configured of Microsoft.
    pub microsoft: MicrosoftSettings,
    /// Seals what must be read again.
    pub sealer: Sealer,
}

/// A region in which an account's data is held.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloudLocation {
    /// The key under which it is stored; never shown while the location is configured.
    pub key: String,
    /// Its name in English.
    pub en: String,
    /// Its name in Italian.
    pub it: String,
}

impl CloudLocation {
    /// The regions of a server of which none are configured.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        let location =
            |key: &str, en: &str, it: &str| Self { key: key.to_owned(), en: en.to_owned(), it: it.to_owned() };
        vec![
            location("canada", "Canada", "Canada"),
            location("europe", "Europe", "Europa"),
            location("united-kingdom", "United Kingdom", "Regno Unito"),
            location("united-states", "United States", "Stati Uniti"),
        ]
    }

    /// The name in the language of `locale`.
    #[must_use]
    pub fn name(&self, locale: Locale) -> &str {
        match locale {
            Locale::En => &self.en,
            Locale::It => &self.it,
        }
    }
}

impl Settings {
    /// The defaults, with the key of the configuration.
    #[must_use]
    pub fn new(encryption_key: &[u8; 32]) -> Self {
        Self {
            cloud_locations: CloudLocation::defaults(),
            session: sessions::SessionLimits::default(),
            catalogue: integrations::read_catalogue("").unwrap_or_default(),
            microsoft: MicrosoftSettings::default(),
            sealer: Sealer::new(encryption_key),
        }
    }
}

impl Settings {
    /// The name of the cloud location stored as `key`; the key itself if it is configured no more.
    #[must_use]
    pub fn cloud_location_name<'a>(&'a self, key: &'a str, locale: Locale) -> &'a str {
        self.cloud_locations.iter().find(|location| location.key == key).map_or(key, |location| location.name(locale))
    }
}
