//! Requests that another site made a browser send are refused, but for plain navigation.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, Response, StatusCode, header},
    middleware::Next,
    response::IntoResponse,
};

use super::AppState;

/// Refuses what would change something and comes from another site.
pub(crate) async fn refuse_cross_site(State(state): State<AppState>, request: Request, next: Next) -> Response<Body> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_same_origin(request.headers(), state.public_host.as_deref()) {
        return next.run(request).await;
    }
    tracing::warn!(path = request.uri().path(), "refused a request from another site");
    (StatusCode::FORBIDDEN, "This request came from another site and was refused. Nothing was changed.\n")
        .into_response()
}

/// Whether the browser says that its page is of this site. A program that is no browser says
/// nothing, and carries no cookie that another site could have made it send.
fn is_same_origin(headers: &HeaderMap, public_host: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    host.is_some() && (host == text("host") || host == public_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap_or(header::VIA), axum::http::HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_this_site_and_programs_may_change_things() {
        for good in [
            &[][..],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
            &[("sec-fetch-site", "none")],
            &[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")],
            &[("origin", "https://console.example.com"), ("host", "10.0.0.5")],
        ] {
            assert!(is_same_origin(&headers(good), Some("console.example.com")), "{good:?}");
        }
        for bad in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example"), ("host", "127.0.0.1:3000")],
            &[("origin", "null"), ("host", "127.0.0.1:3000")],
        ] {
            assert!(!is_same_origin(&headers(bad), Some("console.example.com")), "{bad:?}");
        }
    }
}
