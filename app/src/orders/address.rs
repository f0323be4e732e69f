//! The address of the list of orders: search, filter and place in it.

use domain::{
    account_number::AccountNumber,
    order::parse_date,
    view::orders::{OrderCursor, OrderFilter, OrderQuery},
};

use crate::paths::{self, encode, value_in};

/// The filters of the list.
pub(super) const FILTERS: [OrderFilter; 4] =
    [OrderFilter::All, OrderFilter::Unassigned, OrderFilter::Expiring, OrderFilter::Expired];

/// The longest search, in characters.
const SEARCH_MAX: usize = 200;

/// The name of a filter.
pub(super) const fn filter_name(filter: OrderFilter) -> &'static str {
    match filter {
        OrderFilter::All | OrderFilter::Import(_) => "all",
        OrderFilter::Unassigned => "unassigned",
        OrderFilter::Expiring => "expiring",
        OrderFilter::Expired => "expired",
    }
}

/// What the query of an address asks for. What it gets wrong is as if it had not asked.
pub(super) fn read(query: &str) -> OrderQuery {
    let value = |name: &str| value_in(query, name).unwrap_or_default();
    let cursor = |name: &str, before: bool| {
        let text = value(name);
        let (day, id) = text.split_once('.')?;
        let day = parse_date(day).ok()?.to_string();
        Some(OrderCursor { day, id: id.parse().ok()?, before })
    };
    let show = value("show");
    let import = value("import").parse().ok().map(OrderFilter::Import);
    OrderQuery {
        search: value("q").chars().filter(|character| *character != '\0').take(SEARCH_MAX).collect(),
        filter: import.or_else(|| FILTERS.into_iter().find(|filter| filter_name(*filter) == show)).unwrap_or_default(),
        cursor: cursor("after", false).or_else(|| cursor("before", true)),
    }
}

/// The address of the list that `query` asks for; an order is looked for on behalf of the account `back_to`.
pub(super) fn write(query: &OrderQuery, back_to: Option<AccountNumber>) -> String {
    let mut parts = Vec::new();
    let mut part = |name: &str, value: &str| parts.push(format!("{name}={}", encode(value)));
    match query.filter {
        OrderFilter::All => {}
        OrderFilter::Import(import) => part("import", &import.to_string()),
        filter => part("show", filter_name(filter)),
    }
    if !query.search.is_empty() {
        part("q", &query.search);
    }
    if let Some(number) = back_to {
        part("for", &number.to_string());
    }
    if let Some(cursor) = &query.cursor {
        part(if cursor.before { "before" } else { "after" }, &format!("{}.{}", cursor.day, cursor.id));
    }
    if parts.is_empty() { paths::ORDERS.to_owned() } else { format!("{}?{}", paths::ORDERS, parts.join("&")) }
}
