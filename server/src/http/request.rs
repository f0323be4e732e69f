//! Reading a request: who sends it, in which language, from where.

use std::net::SocketAddr;

use app::{
    error::WireError,
    forms::FOLLOWS,
    request::{LOCALE_COOKIE, Request, session_cookie},
};
use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, header, request::Parts},
};
use domain::locale::Locale;
use service::sessions::{self, SessionToken};

use super::AppState;

/// What pages and server functions know of the request of `parts`.
pub(crate) async fn read(state: &AppState, parts: &Parts) -> Result<Request, WireError> {
    let token = cookie(&parts.headers, session_cookie(state.secure)).and_then(SessionToken::from_cookie);
    let signed_in = match &token {
        Some(token) if parts.headers.contains_key(FOLLOWS) => sessions::find_unused(&state.backend, token).await?,
        Some(token) => sessions::find(&state.backend, token).await?,
        None => None,
    };
    let source = source(state, parts);
    let span = tracing::Span::current();
    span.record("source", source.as_str());
    if let Some(signed_in) = &signed_in {
        span.record("person", signed_in.person.0);
    }
    let asked = || parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let locale = signed_in
        .as_ref()
        .and_then(|person| person.locale)
        .or_else(|| cookie(&parts.headers, LOCALE_COOKIE).and_then(Locale::from_tag))
        .or_else(|| asked().and_then(Locale::negotiate))
        .unwrap_or_default();
    Ok(Request {
        backend: state.backend.clone(),
        site: state.files.site(),
        token: token.filter(|_| signed_in.is_some()),
        signed_in,
        locale,
        source,
        secure: state.secure,
        uri: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        posted: None,
    })
}

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// The client's address: that of the connection, or what a proxy says that is configured.
pub(super) fn source(state: &AppState, parts: &Parts) -> String {
    let told = state.client_address_header.as_deref().and_then(|name| parts.headers.get_all(name).iter().next_back());
    let told = told.and_then(|value| value.to_str().ok()).and_then(|value| value.rsplit(',').next()).map(str::trim);
    if let Some(told) = told {
        return told.to_owned();
    }
    let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    connection.map_or_else(String::new, |ConnectInfo(address)| address.ip().to_string())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_broken_ones() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; ;=; session ;x"));
        headers.append(header::COOKIE, HeaderValue::from_static("locale=it;session=abc=def"));
        assert_eq!(cookie(&headers, "session"), Some("abc=def"));
        assert_eq!(cookie(&headers, "locale"), Some("it"));
        assert_eq!(cookie(&headers, "other"), None);
    }
}
