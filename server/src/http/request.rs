//! Reading a request: who sends it, in which language, from where.

use app::{
    error::WireError,
    live::FOLLOWS,
    request::{Request, locale_cookie, session_cookie},
    start::PageStart,
};
use axum::http::{HeaderMap, header, request::Parts};
use axum_extra::extract::cookie::Cookie;
use domain::locale::Locale;
use service::sessions::{self, SessionToken, SignedIn};

use super::{
    AppState,
    observe::{record_person, record_source},
};

/// How many cookies of one name are tried. Another tool on the same host may have set one too.
const COOKIES: usize = 8;

/// What pages and server functions know of the request of `parts`.
pub(crate) async fn read(state: &AppState, parts: &Parts) -> Result<Request, WireError> {
    let (signed_in, token) = session(state, parts).await?.unzip();
    let source = state.client_address.network(parts);
    record_source(&source);
    if let Some(person) = &signed_in {
        record_person(person.person.0);
    }
    let chosen = signed_in.as_ref().and_then(|person| person.locale);
    Ok(Request {
        backend: state.backend.clone(),
        site: state.files.site(),
        token,
        signed_in,
        locale: chosen.unwrap_or_else(|| locale(state, &parts.headers)),
        source,
        secure: state.secure,
        uri: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        posted_body: None,
        start: PageStart::default(),
    })
}

/// The session of a request: that of the first cookie that has one.
async fn session(state: &AppState, parts: &Parts) -> Result<Option<(SignedIn, SessionToken)>, WireError> {
    let follows = parts.headers.contains_key(FOLLOWS);
    for token in
        cookies(&parts.headers, session_cookie(state.secure)).filter_map(|value| SessionToken::from_cookie(&value))
    {
        let found = if follows {
            sessions::find_unused(&state.backend, &token).await?
        } else {
            sessions::find(&state.backend, &token).await?
        };
        if let Some(found) = found {
            return Ok(Some((found, token)));
        }
    }
    Ok(None)
}

/// The language of who is not signed in: the one they chose in this browser, or the browser's.
pub(super) fn locale(state: &AppState, headers: &HeaderMap) -> Locale {
    let chosen = cookies(headers, locale_cookie(state.secure)).find_map(|tag| Locale::from_tag(&tag));
    let asked = || headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    chosen.or_else(|| asked().and_then(Locale::negotiate)).unwrap_or_default()
}

/// The values of the first cookies of a name.
pub(super) fn cookies(headers: &HeaderMap, name: &str) -> impl Iterator<Item = String> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let found = values.flat_map(Cookie::split_parse).filter_map(Result::ok).filter(move |cookie| cookie.name() == name);
    found.map(|cookie| cookie.value().to_owned()).take(COOKIES)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn cookies_are_found_among_others_and_broken_ones() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; ;=; tenantry_session ;x; tenantry_session=old"));
        headers.append(header::COOKIE, HeaderValue::from_static("locale=it;tenantry_session=abc=def"));
        let found = |name| cookies(&headers, name).collect::<Vec<_>>();
        assert_eq!(found("tenantry_session"), ["old", "abc=def"]);
        assert_eq!(found("locale"), ["it"]);
        assert!(found("other").is_empty());
    }

    #[test]
    fn only_so_many_cookies_of_a_name_are_tried() {
        let value = HeaderValue::from_str(&"tenantry_session=a; ".repeat(1_000));
        let headers: HeaderMap = value.into_iter().map(|value| (header::COOKIE, value)).collect();
        assert_eq!(cookies(&headers, "tenantry_session").count(), COOKIES);
    }
}
