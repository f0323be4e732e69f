//! The address of the list: search, filter, order and place in it.

use domain::{
    account_number::AccountNumber,
    locale::Locale,
    view::accounts::{AccountCursor, AccountQuery, AccountSort, StatusFilter},
};

use crate::paths::{self, encode, value_in};

/// The orders of the list.
pub(super) const SORTS: [AccountSort; 4] =
    [AccountSort::Name, AccountSort::Number, AccountSort::City, AccountSort::Country];

const STATUSES: [StatusFilter; 4] =
    [StatusFilter::All, StatusFilter::Active, StatusFilter::Deactivated, StatusFilter::Deleted];

/// The longest search, in characters.
const SEARCH_MAX: usize = 200;

/// What an address asks for. What it gets wrong is as if it had not asked.
pub(super) fn read(query: &str, locale: Locale) -> AccountQuery {
    let value = |name: &str| value_in(query, name).unwrap_or_default();
    let status = STATUSES.into_iter().find(|status| status_name(*status) == value("status")).unwrap_or_default();
    let sort = SORTS.into_iter().find(|sort| sort_name(*sort) == value("sort")).unwrap_or_default();
    let cursor = |name: &str, before: bool| {
        let text = value(name);
        let (number, key) = text.split_once('.').unwrap_or((&text, ""));
        let number = number.parse::<AccountNumber>().ok()?;
        let key = key.chars().filter(|character| *character != '\0').collect();
        Some(AccountCursor { key, number, before })
    };
    AccountQuery {
        search: value("q").chars().take(SEARCH_MAX).collect(),
        status,
        sort,
        descending: value("order") == "desc",
        locale,
        cursor: cursor("after", false).or_else(|| cursor("before", true)),
    }
}

const fn sort_name(sort: AccountSort) -> &'static str {
    match sort {
        AccountSort::Name => "name",
        AccountSort::Number => "number",
        AccountSort::City => "city",
        AccountSort::Country => "country",
    }
}

/// The name of a filter by status.
pub(super) const fn status_name(status: StatusFilter) -> &'static str {
    match status {
        StatusFilter::All => "all",
        StatusFilter::Active => "active",
        StatusFilter::Deactivated => "deactivated",
        StatusFilter::Deleted => "deleted",
    }
}

/// The parts of the address that say the order, which stays while somebody searches.
pub(super) fn order(query: &AccountQuery) -> Vec<(&'static str, &'static str)> {
    let sort = (query.sort != AccountSort::Name).then(|| ("sort", sort_name(query.sort)));
    sort.into_iter().chain(query.descending.then_some(("order", "desc"))).collect()
}

/// The address of the list that `query` asks for.
pub(super) fn write(query: &AccountQuery) -> String {
    let mut parts = Vec::new();
    if !query.search.is_empty() {
        parts.push(format!("q={}", encode(&query.search)));
    }
    if query.status != StatusFilter::All {
        parts.push(format!("status={}", status_name(query.status)));
    }
    parts.extend(order(query).into_iter().map(|(name, value)| format!("{name}={value}")));
    if let Some(cursor) = &query.cursor {
        let name = if cursor.before { "before" } else { "after" };
        parts.push(format!("{name}={}.{}", cursor.number, encode(&cursor.key)));
    }
    if parts.is_empty() { paths::ACCOUNTS.to_owned() } else { format!("{}?{}", paths::ACCOUNTS, parts.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_was_asked_for() {
        for address in [
            "/accounts",
            "/accounts?q=a%26b",
            "/accounts?status=deleted&sort=city&order=desc",
            "/accounts?after=679029967.caf%C3%A9",
            "/accounts?before=679029967.",
        ] {
            let query = address.split_once('?').unwrap_or_default().1;
            assert_eq!(write(&read(query, Locale::En)), address);
        }
    }
}
