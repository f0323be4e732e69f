//! What operators see of each request: its id, a line in the log, figures, and panics caught.

use std::{
    any::Any,
    net::SocketAddr,
    sync::LazyLock,
    time::{Duration, Instant},
};

use app::{
    request::{id, with_id},
    wording::Wording,
};
use axum::{
    body::Body,
    extract::{ConnectInfo, MatchedPath},
    http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode},
    middleware::Next,
    response::IntoResponse,
};
use domain::locale::Locale;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tower_http::request_id::{MakeRequestId, MakeRequestUuid, RequestId};
use tracing::{
    Instrument, Span,
    field::{Empty, display},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const DURATION: &str = "http_request_duration_seconds";

/// The upper bounds between which durations are counted, in seconds.
const DURATION_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// How often what was recorded is summed up. Until then each duration takes memory of its own.
pub(super) const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The most characters of anything a client chose that the log holds.
const LOGGED_CHARACTERS: usize = 200;

/// The recorder of figures, of which a process has one.
pub(crate) fn recorder() -> PrometheusHandle {
    static RECORDER: LazyLock<PrometheusHandle> = LazyLock::new(|| {
        let builder = PrometheusBuilder::new();
        // It fails only for no buckets at all.
        let builder = builder
            .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &DURATION_BUCKETS)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // A second recorder would be refused; there is no second.
        let _ = metrics::set_global_recorder(recorder);
        handle
    });
    RECORDER.clone()
}

/// Gives a request its id, logs and counts it.
pub(crate) async fn observe(mut request: Request<Body>, next: Next) -> Response<Body> {
    let begun = Instant::now();
    // What a client sends under this name is no id of ours.
    request.headers_mut().remove(REQUEST_ID);
    let id = MakeRequestUuid.make_request_id(&request).map(RequestId::into_header_value);
    let id = id.unwrap_or(HeaderValue::from_static("none"));
    let text = id.to_str().unwrap_or_default().to_owned();
    let method = method_label(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let span = span(&request, &text, method);
    let mut response = with_id(text, next.run(request)).instrument(span.clone()).await;
    response.headers_mut().insert(REQUEST_ID, id);
    let elapsed = begun.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(status, milliseconds = elapsed.as_secs_f64() * 1000.0, "answered"));
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!(DURATION, &labels).record(elapsed.as_secs_f64());
    response
}

/// The span of a request. Who sends it is recorded once it is known.
fn span(request: &Request<Body>, id: &str, method: &str) -> Span {
    let path = request.uri().path();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| display(peer.ip()));
    let account = account_in(path);
    tracing::info_span!("request", id, method, path = cut(path), peer, account, source = Empty, person = Empty)
}

/// Records the network from which the present request came.
pub(super) fn record_source(source: &str) {
    Span::current().record("source", source);
}

/// Records who sent the present request.
pub(super) fn record_person(person: i64) {
    Span::current().record("person", person);
}

/// The Account ID in a path, if it has one.
fn account_in(path: &str) -> Option<&str> {
    let number = path.strip_prefix("/accounts/")?.split('/').next()?;
    (number.len() == 9 && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

/// The beginning of a text that a client chose.
pub(super) fn cut(text: &str) -> &str {
    text.char_indices().nth(LOGGED_CHARACTERS).map_or(text, |(end, _)| &text[..end])
}

/// A method as a label, of which there must not be more and more.
fn method_label(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// The answer to a request that ended in a panic, which is a fault of ours. The hook has logged it.
pub(crate) fn panicked(_panic: Box<dyn Any + Send>) -> Response<Body> {
    let text = Wording(Locale::default()).error_internal(&id());
    (StatusCode::INTERNAL_SERVER_ERROR, text + "\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_of_known_methods_only() {
        assert_eq!(method_label(&Method::PATCH), "PATCH");
        let invented = Method::from_bytes("A".repeat(200_000).as_bytes()).unwrap_or_default();
        assert_eq!(method_label(&invented), "other");
    }

    #[test]
    fn what_a_client_chose_is_cut_between_characters() {
        assert_eq!(cut("/accounts"), "/accounts");
        assert_eq!(cut(&"ü".repeat(1_000)), "ü".repeat(LOGGED_CHARACTERS));
    }

    #[test]
    fn the_account_of_a_request_is_read_from_its_path() {
        assert_eq!(account_in("/accounts/482913576/activity"), Some("482913576"));
        for path in ["/accounts/new", "/accounts/48291357x", "/orders", "/accounts/"] {
            assert_eq!(account_in(path), None, "{path}");
        }
    }
}
