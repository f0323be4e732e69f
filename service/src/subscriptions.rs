//! Subscriptions: what of the partner's orders is assigned to an account.

use domain::view::subscriptions::{OrderLicences, SubscriptionView};
use std::collections::BTreeMap;

use domain::{
    integrations::IntegrationKey,
    order::{SubscriptionStatus, Term},
};
use jiff::civil::Date;
use serde::Deserialize;

use crate::{
    error::{Error, Result},
    json_rows::JsonRows,
};

/// A subscription as it is stored, with what its order says.
#[derive(Debug, Deserialize)]
pub(crate) struct StoredSubscription {
    /// Its number.
    pub(crate) number: String,
    /// The licences that are assigned to the account.
    pub(crate) assigned: i64,
    /// The key of the application.
    pub(crate) application: String,
    /// Plan.
    pub(crate) plan: String,
    /// The licences of the order.
    pub(crate) quantity: i64,
    /// Those of them that are assigned to nobody yet.
    pub(crate) remaining: i64,
    /// The first day.
    pub(crate) starts_on: String,
    /// The last day; `None` for a perpetual one.
    pub(crate) ends_on: Option<String>,
    /// Tracking number of the order.
    pub(crate) tracking_number: String,
    /// The number of the order in SAP.
    pub(crate) sap_order: Option<String>,
    /// Purchase-order numbers, one to a line.
    pub(crate) purchase_orders: String,
    /// When the order was placed.
    pub(crate) purchased_on: String,
}

/// An account's subscriptions, in the order in which they were assigned.
pub(crate) const ROWS: JsonRows<StoredSubscription> = JsonRows::new(
    "subscription",
    &[
        "number",
        "assigned",
        "application",
        "plan",
        "quantity",
        "remaining",
        "starts_on",
        "ends_on",
        "tracking_number",
        "sap_order",
        "purchase_orders",
        "purchased_on",
    ],
    "SELECT s.number, s.quantity AS assigned, o.application, o.plan, o.quantity, o.remaining, o.starts_on, \
        o.ends_on, o.tracking_number, o.sap_order, o.purchase_orders, o.purchased_on \
        FROM subscription s JOIN partner_order o ON o.id = s.order_id WHERE s.account_id = $1 ORDER BY s.id",
);

/// `stored` as people of the account, or of the partner, may see them on `today`.
pub(crate) fn shown(stored: Vec<StoredSubscription>, of_account: bool, today: Date) -> Result<Vec<SubscriptionView>> {
    stored.into_iter().map(|one| one.shown(of_account, today)).collect()
}

impl StoredSubscription {
    fn shown(self, of_account: bool, today: Date) -> Result<SubscriptionView> {
        let starts_on = day(&self.starts_on)?;
        let ends_on = self.ends_on.as_deref().map(day).transpose()?;
        Ok(SubscriptionView {
            number: self.number,
            application: application(&self.application)?,
            plan: self.plan,
            assigned: self.assigned,
            order: (!of_account).then_some(OrderLicences { ordered: self.quantity, free: self.remaining }),
            starts_on,
            ends_on,
            status: SubscriptionStatus::on(today, starts_on, ends_on),
            term: Term::between(starts_on, ends_on),
            tracking_number: self.tracking_number,
            sap_order: self.sap_order,
            purchase_orders: self.purchase_orders.lines().map(str::to_owned).collect(),
            purchased_on: day(&self.purchased_on)?,
        })
    }
}

/// Reads a day as it is stored.
pub(crate) fn day(text: &str) -> Result<Date> {
    text.parse().map_err(|error| Error::Internal(format!("{text} is stored as a day: {error}")))
}

/// Reads the key of an application as it is stored.
pub(crate) fn application(text: &str) -> Result<IntegrationKey> {
    IntegrationKey::parse(text).map_err(|_| Error::Internal(format!("{text} is stored as an application")))
}

/// How many licences of each application are among `all` and not expired.
pub(crate) fn licences(all: &[SubscriptionView]) -> BTreeMap<IntegrationKey, u64> {
    let mut licences = BTreeMap::new();
    for one in all.iter().filter(|one| one.status != SubscriptionStatus::Expired) {
        *licences.entry(one.application.clone()).or_default() += u64::try_from(one.assigned).unwrap_or_default();
    }
    licences
}
