//! Read models: what use cases answer, and pages show.

pub mod account;
pub mod accounts;
pub mod activity;
pub mod contacts;
pub mod import;
pub mod integrations;
pub mod orders;
pub mod paging;
pub mod reports;
pub mod sessions;
pub mod subscriptions;
