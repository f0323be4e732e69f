//! Orders and what is assigned of them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::paging::Page;
use crate::{
    account_number::AccountNumber,
    integrations::IntegrationKey,
    order::{SubscriptionStatus, Term, TrackingNumber},
};

/// An order, as its page and the list show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// Tracking number.
    pub tracking_number: TrackingNumber,
    /// Of which application the licences are.
    pub application: IntegrationKey,
    /// Plan.
    pub plan: String,
    /// The licences ordered.
    pub quantity: i64,
    /// The licences that are not assigned yet.
    pub remaining: i64,
    /// When it was placed.
    pub purchased_on: Date,
    /// The first day.
    pub starts_on: Date,
    /// The last day; `None` for a perpetual one.
    pub ends_on: Option<Date>,
    /// What it is worth today.
    pub status: SubscriptionStatus,
    /// For how long it runs.
    pub term: Term,
    /// The number of the order in SAP.
    pub sap_order: Option<String>,
    /// The number of the customer in SAP.
    pub sap_customer_number: Option<String>,
    /// Purchase-order numbers.
    pub purchase_orders: Vec<String>,
    /// The version that a change has to state.
    pub version: i64,
}

/// What of an order is assigned to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The number of the subscription.
    pub number: String,
    /// The licences.
    pub quantity: i64,
    /// The account's ID and name; `None` for one that is none of the caller's.
    pub account: Option<(AccountNumber, String)>,
}

/// An order with all that is assigned of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDetails {
    /// The order.
    pub order: OrderView,
    /// What is assigned, in the order in which it was; of many the first [`SHOWN`].
    pub assignments: Vec<Assignment>,
    /// To how many accounts it is assigned in all.
    pub accounts: u64,
}

/// Which orders are listed, and with it in which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderFilter {
    /// All, the latest purchase first.
    #[default]
    All,
    /// Those of which licences are not assigned yet, the latest purchase first.
    Unassigned,
    /// Those that end within thirty days, the next to end first.
    Expiring,
    /// Those that have ended, the last to end first.
    Expired,
    /// Those that one import made, the latest purchase first.
    Import(i64),
}

impl OrderFilter {
    /// By which column the list is sorted, and whether downwards.
    #[must_use]
    pub const fn order(self) -> (&'static str, bool) {
        match self {
            Self::All | Self::Unassigned | Self::Import(_) => ("purchased_on", true),
            Self::Expiring => ("ends_on", false),
            Self::Expired => ("ends_on", true),
        }
    }
}

/// Where a page begins: after, or before, an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCursor {
    /// The day by which that order was sorted.
    pub day: String,
    /// Its place among those of that day.
    pub id: i64,
    /// Whether the page ends before it instead of beginning after it.
    pub before: bool,
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderQuery {
    /// What was typed into the search field.
    pub search: String,
    /// Which orders.
    pub filter: OrderFilter,
    /// Where the page begins; `None` for the first.
    pub cursor: Option<OrderCursor>,
}

/// One order in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedOrder {
    /// The order.
    pub order: OrderView,
    /// The first of what is assigned of it.
    pub assignments: Vec<Assignment>,
    /// To how many accounts it is assigned in all.
    pub accounts: i64,
}

/// What a removal took back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedAssignment {
    /// From which account.
    pub account: AccountNumber,
    /// The number of its subscription.
    pub number: String,
    /// The licences.
    pub quantity: i64,
}

/// One page of the list.
pub type OrderPage = Page<ListedOrder, OrderCursor>;
