//! Subscriptions of an account.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    integrations::IntegrationKey,
    order::{SubscriptionStatus, Term},
};

/// A subscription as the account page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionView {
    /// Its number.
    pub number: String,
    /// Of which application the licences are.
    pub application: IntegrationKey,
    /// Plan.
    pub plan: String,
    /// The licences that are assigned to the account.
    pub assigned: i64,
    /// What the order is beyond them; `None` for people of the account, whose business it is not.
    pub order: Option<OrderLicences>,
    /// The first day.
    pub starts_on: Date,
    /// The last day; `None` for a perpetual one.
    pub ends_on: Option<Date>,
    /// What it is worth today.
    pub status: SubscriptionStatus,
    /// For how long it runs.
    pub term: Term,
    /// Tracking number of the order.
    pub tracking_number: String,
    /// The number of the order in SAP.
    pub sap_order: Option<String>,
    /// Purchase-order numbers.
    pub purchase_orders: Vec<String>,
    /// When the order was placed.
    pub purchased_on: Date,
}

/// The licences of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLicences {
    /// Those that were ordered.
    pub ordered: i64,
    /// Those of them that are assigned to nobody yet.
    pub free: i64,
}
