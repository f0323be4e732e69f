//! What every page and server function knows of its request.

use std::{any::Any, sync::Arc};

use axum::http::{
    HeaderValue, StatusCode,
    header::{LOCATION, SET_COOKIE},
};
use cookie::{Cookie, SameSite};
use domain::{locale::Locale, role::Caller};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use service::{
    Backend,
    orders::import::FILE_MAX,
    sessions::{SessionToken, SignedIn},
};

use crate::{api::ImportOrders, error::WireError};

/// The addresses of the browser's files, with the hash of their content.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Site {
    /// The script that loads the WebAssembly.
    pub script: String,
    /// The WebAssembly.
    pub wasm: String,
    /// The style sheet.
    pub style: String,
}

/// A request, as pages and server functions see it.
#[derive(Clone)]
pub struct Request {
    /// The use cases.
    pub backend: Backend,
    /// The browser's files.
    pub site: Arc<Site>,
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// The session's token.
    pub token: Option<SessionToken>,
    /// The language to answer in.
    pub locale: Locale,
    /// From where the request came: the client's address.
    pub source: String,
    /// Whether the browser reaches the console by TLS.
    pub secure: bool,
    /// Path and query, as they were asked for.
    pub uri: String,
    /// The form that was posted to this page and refused.
    pub posted: Option<Posted>,
}

/// A form that was posted to a page and refused, kept to be shown again as it was typed.
#[derive(Clone)]
pub struct Posted {
    /// The server function's arguments.
    pub(crate) input: Arc<dyn Any + Send + Sync>,
    /// Why it was refused; `None` when it was only to be shown with the fields of another country.
    pub(crate) error: Option<WireError>,
}

impl Posted {
    /// A file of orders of which nothing was read, because it is too large.
    #[must_use]
    pub fn large_file() -> Self {
        let max = u32::try_from(FILE_MAX / (1024 * 1024)).unwrap_or(u32::MAX);
        let input = ImportOrders {
            csv: String::new(),
            file: String::new(),
            encoding: String::new(),
            confirmed: false,
            expected: None,
            idempotency_key: String::new(),
        };
        Self { input: Arc::new(input), error: Some(WireError::TooLarge { max }) }
    }
}

/// The present request.
///
/// # Panics
/// Outside of a request; the server provides one to every page and server function.
#[must_use]
pub fn current() -> Arc<Request> {
    expect_context()
}

impl Request {
    /// The subject of questions of rights.
    ///
    /// # Errors
    /// [`WireError::Unauthenticated`] when nobody is signed in.
    pub fn caller(&self) -> Result<Caller, WireError> {
        self.signed_in.as_ref().and_then(SignedIn::caller).ok_or(WireError::Unauthenticated)
    }

    /// The signed-in person and their session, seated or not.
    ///
    /// # Errors
    /// [`WireError::Unauthenticated`] when nobody is signed in.
    pub fn session(&self) -> Result<(&SignedIn, &SessionToken), WireError> {
        self.signed_in.as_ref().zip(self.token.as_ref()).ok_or(WireError::Unauthenticated)
    }

    /// The refused form of the server function `F`, if it is what was posted to this page.
    pub(crate) fn posted<F: Clone + 'static>(&self) -> Option<(F, Option<WireError>)> {
        let posted = self.posted.as_ref()?;
        Some((posted.input.downcast_ref::<F>()?.clone(), posted.error.clone()))
    }
}

/// The name of the cookie that holds the session's token. With the prefix a browser takes it only
/// over TLS, from this very host.
#[must_use]
pub const fn session_cookie(secure: bool) -> &'static str {
    if secure { "__Host-tenantry_session" } else { "tenantry_session" }
}

/// The name of the cookie that holds the language of people who are not signed in.
#[must_use]
pub const fn locale_cookie(secure: bool) -> &'static str {
    if secure { "__Host-tenantry_locale" } else { "tenantry_locale" }
}

/// Sets a cookie on the answer. An empty `value` removes it.
pub(crate) fn set_cookie(request: &Request, name: &'static str, value: &str, seconds: i64) {
    let seconds = if value.is_empty() { 0 } else { seconds };
    let cookie = Cookie::build((name, value))
        .path("/")
        .max_age(cookie::time::Duration::seconds(seconds))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(request.secure)
        .to_string();
    if let (Ok(cookie), Some(options)) = (HeaderValue::from_str(&cookie), use_context::<ResponseOptions>()) {
        options.append_header(SET_COOKIE, cookie);
    }
}

/// Sets the status of the answer.
pub(crate) fn set_status(status: StatusCode) {
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(status);
    }
}

/// Sends the browser to another page of this site.
pub(crate) fn redirect(path: &str) {
    let target = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(StatusCode::SEE_OTHER);
        options.insert_header(LOCATION, target);
    }
}

/// A path on this site, or `None`: never another site, whatever was asked for.
#[must_use]
pub fn local_path(text: &str) -> Option<&str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && text.starts_with('/') && !text.starts_with("//")).then_some(text)
}

tokio::task_local! {
    static ID: String;
}

/// Answers a request within its id.
pub async fn with_id<T>(id: String, answer: impl Future<Output = T>) -> T {
    ID.scope(id, answer).await
}

/// The id of the present request: in the log, in the answer's `X-Request-Id`, and the reference of an
/// internal error. Empty outside of a request.
#[must_use]
pub fn id() -> String {
    ID.try_with(Clone::clone).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_tls_cookies_are_of_this_very_host() {
        for cookie in [session_cookie, locale_cookie] {
            assert_eq!(cookie(true), format!("__Host-{}", cookie(false)));
        }
    }

    #[tokio::test]
    async fn the_id_of_a_request_is_known_while_it_is_answered() {
        assert_eq!(with_id("a".to_owned(), async { id() }).await, "a");
        assert_eq!(id(), "");
    }

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
