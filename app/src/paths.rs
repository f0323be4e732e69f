//! The addresses of the pages, for both halves.

use domain::{account_number::AccountNumber, order::TrackingNumber};

/// Where people sign in.
pub const SIGN_IN: &str = "/sign-in";
/// Where people with several memberships choose one.
pub const MEMBERSHIPS: &str = "/memberships";
/// The list of accounts.
pub const ACCOUNTS: &str = "/accounts";
/// Where an account is added.
pub const NEW_ACCOUNT: &str = "/accounts/new";
/// The list of orders.
pub const ORDERS: &str = "/orders";
/// Where orders are imported.
pub const IMPORT_ORDERS: &str = "/orders/import";
/// The activity of a whole partner.
pub const ACTIVITY: &str = "/activity";
/// A person's own profile.
pub const PROFILE: &str = "/profile";
/// Where pages hear of changes.
pub const EVENTS: &str = "/events";
/// Who helps.
pub const SUPPORT: &str = "/support";
/// Licences and credits.
pub const LEGAL: &str = "/legal";

/// The form of a new account that is sent under `key`.
#[must_use]
pub fn new_account(key: &str) -> String {
    format!("{NEW_ACCOUNT}?key={key}")
}

/// The Account information page.
#[must_use]
pub fn account(number: AccountNumber) -> String {
    format!("{ACCOUNTS}/{number}")
}

/// The activity of an account.
#[must_use]
pub fn account_activity(number: AccountNumber) -> String {
    format!("{ACCOUNTS}/{number}/activity")
}

/// The page of an order.
#[must_use]
pub fn order(number: &TrackingNumber) -> String {
    format!("{ORDERS}/{number}")
}

/// Where to sign in, to come back to `uri` afterwards.
#[must_use]
pub fn sign_in_then(uri: &str) -> String {
    if uri == "/" { SIGN_IN.to_owned() } else { format!("{SIGN_IN}?next={}", encode(uri)) }
}

/// `text` as a value in a query.
#[must_use]
pub fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The first value of `name` in a query or a posted form.
#[must_use]
pub fn value_in(query: &str, name: &str) -> Option<String> {
    let found = form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name);
    found.map(|(_, value)| value.into_owned())
}

/// A query with `value` in place of what it says for `name`; without it where `value` is empty.
#[must_use]
pub fn with_value(query: &str, name: &str, value: &str) -> String {
    let others = form_urlencoded::parse(query.as_bytes()).filter(|(found, _)| found != name);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(others);
    if !value.is_empty() {
        query.append_pair(name, value);
    }
    query.finish()
}

/// A path on this site, or `None`: never another site, whatever was asked for.
#[must_use]
pub fn local_path(text: &str) -> Option<&str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && text.starts_with('/') && !text.starts_with("//")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_this_site() {
        for good in ["/", "/accounts?q=a", "/accounts/482913576#city"] {
            assert_eq!(local_path(good), Some(good));
        }
        for bad in ["", "accounts", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nX: y", "/ü"] {
            assert_eq!(local_path(bad), None, "{bad}");
        }
    }
}
