//! Orders of licences, and the subscriptions that accounts have of them.
//!
//! A partner buys licences of an application by an order. What of it is assigned to an account is that
//! account's subscription; an order can be split over several.

use jiff::{Span, ToSpan, Unit, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    choices::choices,
    customer::{FieldCheck, FieldError, FieldErrors, required_line},
    integrations::{Catalogue, IntegrationKey},
    order_file::OrderColumn,
    text::parse_line,
};

/// The most licences of one order.
pub const QUANTITY_MAX: u32 = 1_000_000;

/// The most characters of a tracking number.
pub const TRACKING_NUMBER_MAX: usize = 40;

/// The most purchase-order numbers of one order.
pub const PURCHASE_ORDERS_MAX: u16 = 10;

/// The most characters of a purchase-order number.
pub const PURCHASE_ORDER_MAX: u16 = 60;

/// Days before its end from which on a subscription counts as expiring.
pub const EXPIRING_DAYS: i64 = 30;

choices! {
    /// What a subscription, or an order, is worth on a given day.
    #[derive(PartialOrd, Ord)]
    SubscriptionStatus {
        /// It has not begun yet.
        Pending = "pending",
        /// In force, and not about to end.
        Active = "active",
        /// In force, and ends within [`EXPIRING_DAYS`] days.
        Expiring = "expiring",
        /// Its last day is over.
        Expired = "expired",
        /// In force, without an end.
        Perpetual = "perpetual",
    }
}

impl SubscriptionStatus {
    /// The status on `today` of what begins on `starts_on` and has `ends_on` as its last day.
    #[must_use]
    pub fn on(today: Date, starts_on: Date, ends_on: Option<Date>) -> Self {
        match ends_on {
            Some(end) if end < today => Self::Expired,
            _ if starts_on > today => Self::Pending,
            Some(end) if end <= expiring_until(today) => Self::Expiring,
            Some(_) => Self::Active,
            None => Self::Perpetual,
        }
    }
}

/// The last day that is near enough to `today` for what ends on it to be expiring.
#[must_use]
pub fn expiring_until(today: Date) -> Date {
    today.saturating_add(EXPIRING_DAYS.days())
}

/// For how long something runs from its first to its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Term {
    /// Whole months.
    Months(u64),
    /// Days, where they are no whole months.
    Days(u64),
    /// Without an end.
    Perpetual,
}

impl Term {
    /// The term from `starts_on` to the end of the day `ends_on`.
    #[must_use]
    pub fn between(starts_on: Date, ends_on: Option<Date>) -> Self {
        let Some(after) = ends_on.map(|end| end.saturating_add(1.day())) else { return Self::Perpetual };
        let span = |unit: Unit| starts_on.until((unit, after)).unwrap_or_else(|_| Span::new());
        let months = span(Unit::Month);
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        if months.get_days() == 0 && months.get_months() > 0 {
            Self::Months(count(months.get_months().into()))
        } else {
            Self::Days(count(span(Unit::Day).get_days().into()))
        }
    }
}

/// The number under which a partner follows an order: letters, digits, `-`, `_` and `.`; in upper case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrackingNumber(String);

impl TrackingNumber {
    /// Reads a tracking number.
    ///
    /// # Errors
    /// [`FieldError::Required`] when it is empty, [`FieldError::TrackingNumber`] when it is none.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim().to_ascii_uppercase();
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let has_meaning = text.bytes().any(|byte| byte.is_ascii_alphanumeric());
        match text.as_str() {
            "" => Err(FieldError::Required),
            _ if has_meaning && text.len() <= TRACKING_NUMBER_MAX && text.bytes().all(is_part) => Ok(Self(text)),
            _ => Err(FieldError::TrackingNumber),
        }
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for TrackingNumber {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for TrackingNumber {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).map_err(|_| format!("{text:?} is no tracking number"))
    }
}

impl From<TrackingNumber> for String {
    fn from(number: TrackingNumber) -> Self {
        number.0
    }
}

/// Reads how many licences are meant.
///
/// # Errors
/// [`FieldError::Quantity`] for anything but a whole number from 1 to `max`.
pub fn parse_quantity(text: &str, max: u32) -> Result<u32, FieldError> {
    match text.trim() {
        "" => Err(FieldError::Required),
        text => text.parse().ok().filter(|count| (1..=max).contains(count)).ok_or(FieldError::Quantity { max }),
    }
}

/// Reads a day, written as in `2026-11-22`.
///
/// # Errors
/// [`FieldError::Date`] when it is none.
pub fn parse_date(text: &str) -> Result<Date, FieldError> {
    match text.trim() {
        "" => Err(FieldError::Required),
        text => {
            let day: Date = text.parse().map_err(|_| FieldError::Date)?;
            // Written otherwise, or with a year of two digits, it may mean another day.
            if day.to_string() == text && day.year() >= 1970 { Ok(day) } else { Err(FieldError::Date) }
        }
    }
}

/// An order as text, as it is written in a file. The fields follow each other as [`OrderColumn::ALL`] does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderForm {
    /// Tracking number.
    pub tracking_number: String,
    /// The application, by its name or its key in the catalogue.
    pub product: String,
    /// Plan.
    pub plan: String,
    /// How many licences.
    pub quantity: String,
    /// When it was bought.
    pub purchase_date: String,
    /// The first day; that of the purchase if empty.
    pub start_date: String,
    /// The last day; perpetual if empty.
    pub end_date: String,
    /// The number of the order in SAP.
    pub sap_order: String,
    /// The number of the customer in SAP, which the account takes over.
    pub sap_customer_number: String,
    /// Purchase-order numbers, with `,`, `;` or `|` between them.
    pub purchase_orders: String,
    /// The Account ID of the account to which the whole order is assigned; nothing where it is to none.
    pub account: String,
}

impl OrderForm {
    /// The text in `column`.
    #[must_use]
    pub fn get(&self, column: OrderColumn) -> &str {
        match column {
            OrderColumn::TrackingNumber => &self.tracking_number,
            OrderColumn::Product => &self.product,
            OrderColumn::Plan => &self.plan,
            OrderColumn::Quantity => &self.quantity,
            OrderColumn::PurchaseDate => &self.purchase_date,
            OrderColumn::StartDate => &self.start_date,
            OrderColumn::EndDate => &self.end_date,
            OrderColumn::SapOrder => &self.sap_order,
            OrderColumn::SapCustomerNumber => &self.sap_customer_number,
            OrderColumn::PurchaseOrders => &self.purchase_orders,
            OrderColumn::Account => &self.account,
        }
    }
}

/// An order that was read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewOrder {
    /// Tracking number.
    pub tracking_number: TrackingNumber,
    /// Of which application.
    pub application: IntegrationKey,
    /// Plan.
    pub plan: String,
    /// How many licences.
    pub quantity: u32,
    /// When it was bought.
    pub purchased_on: Date,
    /// The first day.
    pub starts_on: Date,
    /// The last day; `None` for a perpetual one.
    pub ends_on: Option<Date>,
    /// The number of the order in SAP.
    pub sap_order: Option<String>,
    /// The number of the customer in SAP.
    pub sap_customer_number: Option<String>,
    /// Purchase-order numbers.
    pub purchase_orders: Vec<String>,
}

impl NewOrder {
    /// Reads an order.
    ///
    /// # Errors
    /// Every field that is refused, in the order of the form.
    pub fn parse(form: &OrderForm, catalogue: &Catalogue) -> Result<Self, FieldErrors> {
        let mut check = FieldCheck::default();
        let tracking_number = check.take("tracking_number", TrackingNumber::parse(&form.tracking_number));
        let application = check.take("product", parse_product(&form.product, catalogue));
        let plan = check.take("plan", required_line(&form.plan, 60));
        let quantity = check.take("quantity", parse_quantity(&form.quantity, QUANTITY_MAX));
        let purchased_on = check.take("purchase_date", parse_date(&form.purchase_date));
        let starts_on = match form.start_date.trim() {
            "" => purchased_on,
            text => check.take("start_date", parse_date(text)),
        };
        let ends_on = match form.end_date.trim() {
            "" => Some(None),
            text => check.take("end_date", parse_end(text, starts_on)).map(Some),
        };
        let sap_order = check.take("sap_order", parse_line(&form.sap_order, 40));
        let sap_customer_number = check.take("sap_customer_number", parse_line(&form.sap_customer_number, 40));
        let purchase_orders = check.take("purchase_orders", parse_purchase_orders(&form.purchase_orders));
        let order = (|| {
            Some(Self {
                tracking_number: tracking_number?,
                application: application?,
                plan: plan?,
                quantity: quantity?,
                purchased_on: purchased_on?,
                starts_on: starts_on?,
                ends_on: ends_on?,
                sap_order: sap_order?,
                sap_customer_number: sap_customer_number?,
                purchase_orders: purchase_orders?,
            })
        })();
        order.ok_or_else(|| check.into_errors())
    }
}

fn parse_product(text: &str, catalogue: &Catalogue) -> Result<IntegrationKey, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldError::Required);
    }
    let named = |name: &str| name.eq_ignore_ascii_case(text);
    let found = catalogue.applications().iter().find(|one| named(&one.name) || named(one.key.as_str()));
    found.map(|application| application.key.clone()).ok_or(FieldError::UnknownProduct)
}

fn parse_end(text: &str, starts_on: Option<Date>) -> Result<Date, FieldError> {
    let end = parse_date(text)?;
    if starts_on.is_some_and(|start| end < start) { Err(FieldError::EndBeforeStart) } else { Ok(end) }
}

/// Reads purchase-order numbers. A space is part of a number.
fn parse_purchase_orders(text: &str) -> Result<Vec<String>, FieldError> {
    let parts = text.split([',', ';', '|', '\n', '\r']).map(|number| parse_line(number, PURCHASE_ORDER_MAX));
    let mut all: Vec<String> = Vec::new();
    for number in parts {
        match number? {
            Some(number) if !all.contains(&number) => all.push(number),
            _ => {}
        }
    }
    if all.len() > usize::from(PURCHASE_ORDERS_MAX) {
        return Err(FieldError::TooMany { max: PURCHASE_ORDERS_MAX });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Date {
        parse_date(text).unwrap()
    }

    #[test]
    fn the_status_follows_the_days() {
        let on =
            |today: &str, start: &str, end: Option<&str>| SubscriptionStatus::on(day(today), day(start), end.map(day));
        assert_eq!(on("2026-01-14", "2026-01-15", Some("2026-12-31")), SubscriptionStatus::Pending);
        assert_eq!(on("2026-01-15", "2026-01-15", Some("2026-12-31")), SubscriptionStatus::Active);
        assert_eq!(on("2026-11-30", "2026-01-15", Some("2026-12-31")), SubscriptionStatus::Active);
        assert_eq!(on("2026-12-01", "2026-01-15", Some("2026-12-31")), SubscriptionStatus::Expiring);
        assert_eq!(on("2026-12-31", "2026-01-15", Some("2026-12-31")), SubscriptionStatus::Expiring);
        assert_eq!(on("2027-01-01", "2026-01-15", Some("2026-12-31")), SubscriptionStatus::Expired);
        assert_eq!(on("2026-01-14", "2026-01-15", None), SubscriptionStatus::Pending);
        assert_eq!(on("2099-01-01", "2026-01-15", None), SubscriptionStatus::Perpetual);
    }

    #[test]
    fn a_term_is_told_in_months_where_it_is_whole_ones() {
        let term = |start: &str, end: &str| Term::between(day(start), Some(day(end)));
        assert_eq!(term("2026-01-01", "2026-12-31"), Term::Months(12));
        assert_eq!(term("2026-01-15", "2026-02-14"), Term::Months(1));
        assert_eq!(term("2026-01-15", "2026-02-20"), Term::Days(37));
        assert_eq!(term("2026-01-15", "2026-01-15"), Term::Days(1));
        assert_eq!(Term::between(day("2026-01-15"), None), Term::Perpetual);
    }

    #[test]
    fn an_order_says_all_that_is_wrong_with_it() {
        let form = OrderForm { quantity: "0".into(), end_date: "2026-02-30".into(), ..OrderForm::default() };
        let errors = NewOrder::parse(&form, &Catalogue::default()).unwrap_err();
        let named: Vec<&str> = errors.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(named, ["tracking_number", "product", "plan", "quantity", "purchase_date", "end_date"]);
    }

    #[test]
    fn separators_part_purchase_orders_and_spaces_do_not() {
        let read = |text: &str| parse_purchase_orders(text).unwrap();
        assert_eq!(read("PO-1, PO-2"), ["PO-1", "PO-2"]);
        assert_eq!(read("PO 4711"), ["PO 4711"]);
        assert_eq!(read(" PO-1;PO-2 | PO 3,,\n PO-1 "), ["PO-1", "PO-2", "PO 3"]);
        assert_eq!(read(" "), Vec::<String>::new());
        assert_eq!(parse_purchase_orders("1,2,3,4,5,6,7,8,9,10,11"), Err(FieldError::TooMany { max: 10 }));
    }

    #[test]
    fn a_day_has_four_digits_of_year() {
        assert!(parse_date("2026-01-05").is_ok());
        for text in ["26-01-05", "05-01-2026", "0005-01-26", "2026-1-5", "2026-02-30", "+2026-01-5", "2026/01/05"] {
            assert_eq!(parse_date(text), Err(FieldError::Date), "{text}");
        }
    }

    #[test]
    fn tracking_numbers_stand_in_an_address_as_they_are() {
        assert_eq!(TrackingNumber::parse(" tn-1042_a.7 ").unwrap().as_str(), "TN-1042_A.7");
        for text in ["", "..", "a/b", "a b", "ä", &"1".repeat(41)] {
            assert!(TrackingNumber::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_or_refused(text in "\\PC{0,60}") {
            let form = OrderForm {
                tracking_number: text.clone(), product: text.clone(), plan: text.clone(), quantity: text.clone(),
                purchase_date: text.clone(), start_date: text.clone(), end_date: text.clone(),
                sap_order: text.clone(), sap_customer_number: text.clone(), purchase_orders: text.clone(), account: text,
            };
            let _ = NewOrder::parse(&form, &Catalogue::default());
        }
    }
}
