//! The address of a list of activity: search, filters and place in it.

use domain::{
    activity::ActivityKind,
    customer::{FieldError, FieldErrors},
    order::parse_date,
    time::Timestamp,
    view::activity::{ActivityCursor, ActivityQuery},
};

use crate::paths::{encode, value_in};

/// The longest text of a filter, in characters.
const TEXT_MAX: usize = 200;

/// What the query of an address asks for. What it gets wrong is as if it had not asked.
#[must_use]
pub fn read_query(query: &str) -> ActivityQuery {
    let value = |name: &str| value_in(query, name).unwrap_or_default();
    let cursor = |name: &str, before: bool| {
        let text = value(name);
        let (at, id) = text.split_once('.')?;
        Some(ActivityCursor { at: Timestamp(at.parse().ok()?), id: id.parse().ok()?, before })
    };
    let text = |name: &str| value(name).chars().filter(|character| *character != '\0').take(TEXT_MAX).collect();
    ActivityQuery {
        search: text("q"),
        person: text("person"),
        kind: ActivityKind::from_key(&value("kind")),
        from: parse_date(&value("from")).ok(),
        until: parse_date(&value("until")).ok(),
        cursor: cursor("after", false).or_else(|| cursor("before", true)),
    }
}

/// What of the query of an address is no value that can be asked for.
#[must_use]
pub fn query_errors(query: &str) -> FieldErrors {
    let value = |name: &str| value_in(query, name).unwrap_or_default();
    let kind = value("kind");
    let mut errors = FieldErrors::new();
    if !kind.is_empty() && ActivityKind::from_key(&kind).is_none() {
        errors.push(("kind".to_owned(), FieldError::UnknownChoice));
    }
    for name in ["from", "until"] {
        let day = value(name);
        let error = if day.trim().is_empty() { None } else { parse_date(&day).err() };
        errors.extend(error.map(|error| (name.to_owned(), error)));
    }
    errors
}

/// The query of an address that asks for `query`, with the question mark; empty for everything.
pub(super) fn write(query: &ActivityQuery) -> String {
    let mut parts = Vec::new();
    let mut part = |name: &str, value: &str| {
        if !value.is_empty() {
            parts.push(format!("{name}={}", encode(value)));
        }
    };
    part("q", &query.search);
    part("person", &query.person);
    part("kind", query.kind.map_or("", ActivityKind::key));
    part("from", &query.from.map(|day| day.to_string()).unwrap_or_default());
    part("until", &query.until.map(|day| day.to_string()).unwrap_or_default());
    if let Some(cursor) = query.cursor {
        part(if cursor.before { "before" } else { "after" }, &format!("{}.{}", cursor.at.0, cursor.id));
    }
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}
