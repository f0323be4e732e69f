//! Headers that keep browsers from being used against the people in front of them.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response, header},
    middleware::Next,
};

use super::AppState;
use crate::config::Config;

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// The policy of an answer that is no page: it may load nothing and stand in no frame.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What `Strict-Transport-Security` says, once browsers reach the console by TLS.
pub(super) fn hsts(config: &Config) -> Option<HeaderValue> {
    let subdomains = if config.hsts_include_subdomains { "; includeSubDomains" } else { "" };
    let value = format!("max-age={}{subdomains}", config.hsts_max_age);
    config.is_secure().then(|| HeaderValue::from_str(&value).ok())?
}

/// Sets the headers of every answer.
pub(crate) async fn set(State(state): State<AppState>, request: Request, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(hsts) = state.hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts);
    }
    // What people see of accounts stays in no cache.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOTHING));
    response
}

/// Lets a page run the script that carries `nonce`, load what this server serves, and send forms there
/// and, by way of a redirect, to `elsewhere`.
pub(crate) fn allow_scripts(headers: &mut HeaderMap, nonce: &str, elsewhere: &str) {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; form-action 'self' {elsewhere}; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    #[test]
    fn tls_is_asked_for_on_this_host_only_unless_configured() {
        let config = Config { public_url: Some("https://console.example.com".to_owned()), ..Config::default() };
        assert_eq!(hsts(&config).unwrap(), "max-age=31536000");
        let config = Config { hsts_max_age: 60, hsts_include_subdomains: true, ..config };
        assert_eq!(hsts(&config).unwrap(), "max-age=60; includeSubDomains");
        assert!(hsts(&Config { public_url: Some("http://console.example.com".to_owned()), ..config }).is_none());
    }
}
