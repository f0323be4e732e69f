//! What every page and server function knows of its request.

use std::sync::Arc;

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
    idempotency::IdempotencyKey,
    sessions::{SessionToken, SignedIn},
};

use crate::{error::WireError, message::Message, start::PageStart};

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
    /// The whole form that was posted to its page and is shown again.
    pub posted_body: Option<Arc<str>>,
    /// What its page begins with; nothing for other requests.
    pub start: PageStart,
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

/// The name of the cookie that says on the next page what a form did.
#[must_use]
pub const fn message_cookie(secure: bool) -> &'static str {
    if secure { "__Host-tenantry_message" } else { "tenantry_message" }
}

/// A cookie as a header has it; `None` for a value that no header can hold. Without `seconds` to live it is removed.
#[must_use]
pub fn cookie(name: &'static str, value: &str, seconds: i64, secure: bool) -> Option<HeaderValue> {
    let cookie = Cookie::build((name, value))
        .path("/")
        .max_age(cookie::time::Duration::seconds(seconds))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure);
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// Sets a cookie on the answer. An empty `value` removes it.
pub(crate) fn set_cookie(request: &Request, name: &'static str, value: &str, seconds: i64) {
    let seconds = if value.is_empty() { 0 } else { seconds };
    if let (Some(cookie), Some(options)) =
        (cookie(name, value, seconds, request.secure), use_context::<ResponseOptions>())
    {
        options.append_header(SET_COOKIE, cookie);
    }
}

/// How long the message about a form waits for the page that follows, in seconds.
const MESSAGE_SECONDS: i64 = 60;

/// The cookie that holds a message for the next page.
#[must_use]
pub fn message_header(message: &Message, secure: bool) -> Option<HeaderValue> {
    let text = serde_json::to_string(message).ok()?;
    cookie(message_cookie(secure), &crate::paths::encode(&text), MESSAGE_SECONDS, secure)
}

/// Leaves a message for the next page.
pub(crate) fn set_message(request: &Request, message: &Message) {
    if let (Some(cookie), Some(options)) = (message_header(message, request.secure), use_context::<ResponseOptions>()) {
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

/// Gives an error the HTTP status that goes with it.
pub(crate) fn refuse(error: impl Into<WireError>) -> WireError {
    let error = error.into();
    set_status(error.status());
    error
}

/// The use cases for a request that was sent under an idempotency key.
pub(crate) fn once(request: &Request, key: &str) -> Backend {
    request.backend.with_idempotency_key(IdempotencyKey::parse(key))
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
        for cookie in [session_cookie, locale_cookie, message_cookie] {
            assert_eq!(cookie(true), format!("__Host-{}", cookie(false)));
        }
    }

    #[tokio::test]
    async fn the_id_of_a_request_is_known_while_it_is_answered() {
        assert_eq!(with_id("a".to_owned(), async { id() }).await, "a");
        assert_eq!(id(), "");
    }
}
