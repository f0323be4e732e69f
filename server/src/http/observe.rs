//! What operators see of each request: a line in the log, figures, and panics caught.

use std::{any::Any, sync::LazyLock, time::Instant};

use axum::{
    body::Body,
    extract::MatchedPath,
    http::{Request, Response, StatusCode},
    middleware::Next,
    response::IntoResponse,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing::{Instrument, field::Empty};

/// The recorder of figures, of which a process has one.
pub(crate) fn recorder() -> PrometheusHandle {
    static RECORDER: LazyLock<PrometheusHandle> = LazyLock::new(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // A second recorder would be refused; there is no second.
        let _ = metrics::set_global_recorder(recorder);
        handle
    });
    RECORDER.clone()
}

/// Logs and counts a request.
pub(crate) async fn observe(request: Request<Body>, next: Next) -> Response<Body> {
    let begun = Instant::now();
    let method = request.method().clone();
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let span = tracing::info_span!("request", id, %method, path = request.uri().path(), source = Empty, person = Empty);
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let response = next.run(request).instrument(span.clone()).await;
    let elapsed = begun.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(status, milliseconds = elapsed.as_secs_f64() * 1000.0, "answered"));
    let labels = [("method", method.to_string()), ("route", route), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
    response
}

/// The answer to a request that ended in a panic, which is a fault of ours.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over by value")]
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response<Body> {
    let message = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = message.unwrap_or("unknown"), "a request panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on the server. Nothing was changed.\n").into_response()
}
