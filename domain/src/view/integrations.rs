//! Integrations, privileges and call services of an account.

use serde::{Deserialize, Serialize};

use crate::{
    integrations::{Application, Failure, Privilege, State},
    rights::Decision,
    time::Timestamp,
};

/// An account's services as its page shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountServices {
    /// Integrations, in the order of the catalogue.
    pub integrations: Vec<IntegrationView>,
    /// Privileges.
    pub privileges: Vec<PrivilegeView>,
    /// Whether bandwidth optimisation is on.
    pub bandwidth_optimisation: bool,
    /// Whether the caller may switch integrations; the reason if not is theirs to see.
    pub edit_integrations: Decision,
    /// Whether the caller may switch privileges.
    pub edit_privileges: Decision,
    /// Whether the caller may switch call services.
    pub edit_call_services: Decision,
}

/// An integration as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrationView {
    /// What it is.
    pub application: Application,
    /// What it truly is at the moment.
    pub state: State,
    /// Whether it is switched on.
    pub on: bool,
    /// Why it does not work, if it does not.
    pub failure: Option<Failure>,
    /// Whether presence goes both ways.
    pub presence_both_ways: bool,
    /// Whether switching it asks first, as it causes something elsewhere.
    pub asks: bool,
    /// The names of the integrations that must be in use first.
    pub needs: Vec<String>,
    /// The privileges that it wants and that were switched off.
    pub missing: Vec<Privilege>,
    /// The licences of it that are assigned to the account and in force.
    pub licences: u64,
    /// The gateway's one-time code, while it waits to be used.
    pub gateway_code: Option<GatewayCode>,
    /// What was filled in at the set-up of an app registration.
    pub registration: Option<AppRegistration>,
    /// The configuration that was removed, while it can be restored.
    pub removed: Option<RemovedConfiguration>,
}

/// A privilege as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivilegeView {
    /// Which.
    pub privilege: Privilege,
    /// Whether it is on.
    pub on: bool,
    /// The names of the integrations in use that want it.
    pub wanted_by: Vec<String>,
    /// The person who switched it on, if a person did.
    pub set_by: Option<String>,
    /// Whether switching it asks first.
    pub asks: bool,
}

/// A code that waits to be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayCode {
    /// The code, in groups of four.
    pub code: String,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// Whether that is over.
    pub expired: bool,
}

/// What an administrator fills in for an app registration, but for its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRegistration {
    /// A name for it.
    pub name: String,
    /// The directory (tenant): its GUID, or a domain of it.
    pub tenant_id: String,
    /// The application (client) id: a GUID.
    pub client_id: String,
}

/// The configuration of a removed integration, as the page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedConfiguration {
    /// The record of activity by which the removal is undone.
    pub record: i64,
    /// Until when it can be.
    pub until: Timestamp,
}
