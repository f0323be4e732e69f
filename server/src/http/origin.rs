//! Requests that another site made a browser send are refused, but for plain navigation.

use app::wording::Wording;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, Response, StatusCode, header},
    middleware::Next,
    response::IntoResponse,
};

use super::{
    AppState,
    host::{self, PublicOrigin},
    observe::cut,
    request::locale,
};

/// Refuses what would change something and comes from another site.
pub(crate) async fn refuse_cross_site(State(state): State<AppState>, request: Request, next: Next) -> Response<Body> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_same_origin(request.headers(), &state.public_origin) {
        return next.run(request).await;
    }
    let headers = request.headers();
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()).unwrap_or_default();
    let host = host::asked(headers).unwrap_or_default();
    tracing::warn!(origin = cut(origin), host = cut(host), "refused a request from another site; is public_url right?");
    let text = Wording(locale(&state, headers)).another_site(cut(host), cut(origin));
    (StatusCode::FORBIDDEN, text + "\n").into_response()
}

/// Whether the browser says that its page is of this site. A program that is no browser says
/// nothing, and carries no cookie that another site could have made it send.
fn is_same_origin(headers: &HeaderMap, public: &PublicOrigin) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    origin.to_str().is_ok_and(|origin| public.is_same(origin, host::asked(headers)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap_or(header::VIA), axum::http::HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_this_site_and_programs_may_change_things() {
        let url = Some("https://console.example.com".to_owned());
        let public = PublicOrigin::new(&Config { public_url: url, ..Config::default() });
        for good in [
            &[][..],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
            &[("sec-fetch-site", "none")],
            &[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")],
            &[("origin", "https://console.example.com"), ("host", "10.0.0.5")],
        ] {
            assert!(is_same_origin(&headers(good), &public), "{good:?}");
        }
        for bad in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example"), ("host", "127.0.0.1:3000")],
            &[("origin", "null"), ("host", "127.0.0.1:3000")],
        ] {
            assert!(!is_same_origin(&headers(bad), &public), "{bad:?}");
        }
    }
}
