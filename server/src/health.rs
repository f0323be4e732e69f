//! What operators' tools ask for.

use axum::{extract::State, http::StatusCode, response::IntoResponse};

use service::outbox;

use crate::http::AppState;

/// The process runs.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// The process can answer requests: its database answers.
pub(crate) async fn readyz(State(state): State<AppState>) -> impl IntoResponse {
    match state.backend.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}

/// Figures, in the text format of Prometheus.
pub(crate) async fn metrics(State(state): State<AppState>) -> String {
    match outbox::count_waiting(&state.backend).await {
        #[expect(clippy::cast_precision_loss, reason = "figures are floating-point numbers")]
        Ok(waiting) => metrics::gauge!("mail_waiting").set(waiting as f64),
        Err(error) => tracing::warn!(%error, "the outbox cannot be counted"),
    }
    state.metrics.render()
}
