//! What pages show of an account.

use serde::{Deserialize, Serialize};

use super::{
    activity::ActivityRecord, contacts::SupportContact, integrations::AccountServices, reports::ProblemReport,
    subscriptions::SubscriptionView,
};
use crate::{
    account::AccountStatus, account_number::AccountNumber, customer::CustomerForm, rights::Decision, time::Timestamp,
};

/// An account as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountInformation {
    /// Account ID.
    pub number: AccountNumber,
    /// Whether it is in use.
    pub status: AccountStatus,
    /// The version that an edit begun now has to state.
    pub version: i64,
    /// Customer information.
    pub customer: CustomerForm,
    /// The key of the region in which its data is held.
    pub cloud_location: String,
    /// Whether it is an account on `MiCloud` Connect, which calls the next field otherwise.
    pub micloud_connect: bool,
    /// SAP customer number, once an order has set it.
    pub sap_number: Option<String>,
    /// PBX type, once a gateway has reported it.
    pub pbx_type: Option<String>,
    /// Whether the caller may edit customer information; the reason if not is theirs to see.
    pub edit: Decision,
    /// Support contacts.
    pub contacts: Vec<SupportContact>,
    /// Whether the caller may edit support contacts.
    pub edit_contacts: Decision,
    /// The last reports of problems, newest first.
    pub reports: Vec<ProblemReport>,
    /// Whether the caller may report a problem.
    pub report: Decision,
    /// Integrations, privileges and call services.
    pub services: AccountServices,
    /// Subscriptions, in the order in which they were assigned.
    pub subscriptions: Vec<SubscriptionView>,
    /// Whether the caller may assign orders.
    pub assign_orders: Decision,
    /// The latest records of activity, the latest first.
    pub activity: Vec<ActivityRecord>,
    /// Whether the caller may deactivate and reactivate it.
    pub deactivate: Decision,
    /// Whether the caller may delete it.
    pub delete: Decision,
    /// Whether the caller may restore it once it is deleted.
    pub restore: Decision,
    /// When it was deleted, if it is.
    pub deleted_at: Option<Timestamp>,
}

/// What deactivating or deleting an account concerns, to be said beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeactivationScope {
    /// People who can sign in for the account.
    pub people: i64,
    /// Licences that are assigned to it.
    pub licences: i64,
}
