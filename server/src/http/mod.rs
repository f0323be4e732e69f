//! HTTP: the router, and what every request passes.

mod client_address;
mod deadline;
mod export;
mod gateway;
mod headers;
mod host;
mod live;
mod observe;
mod origin;
mod pages;
mod request;
mod streams;

use app::Pages;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, Request, Response},
    middleware,
    response::IntoResponse,
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use service::Backend;
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};

use self::{client_address::ClientAddress, host::PublicOrigin, streams::Streams};
use crate::{config::Config, health, site::Files};

/// The most bytes of a request's body: far more than any form holds.
const BODY_LIMIT: usize = 256 * 1024;

/// The most bytes of the form with a file of orders, which it sends back in Base64 to be confirmed.
const IMPORT_LIMIT: usize = 2 * service::orders::import::FILE_MAX;

/// The address of the metrics.
const METRICS: &str = "/metrics";

/// What handlers share.
#[derive(Clone)]
pub struct AppState {
    pub(crate) backend: Backend,
    pub(crate) files: Files,
    pub(crate) secure: bool,
    pub(crate) public_origin: PublicOrigin,
    pub(crate) hsts: Option<HeaderValue>,
    pub(crate) client_address: ClientAddress,
    pub(crate) streams: Streams,
    pub(crate) metrics: PrometheusHandle,
    /// Whether the metrics are served at an address of their own.
    metrics_apart: bool,
}

impl AppState {
    pub(crate) fn new(backend: Backend, files: Files, config: &Config) -> Self {
        Self {
            backend,
            files,
            secure: config.is_secure(),
            public_origin: PublicOrigin::new(config),
            hsts: headers::hsts(config),
            client_address: ClientAddress::new(config),
            streams: Streams::default(),
            metrics: observe::recorder(),
            metrics_apart: config.metrics_listen.is_some(),
        }
    }

    /// The scheme by which browsers reach the console.
    fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// Sums up what was recorded, again and again, whether anybody asks for it or not; until it is dropped.
    pub(crate) async fn run_upkeep(self) {
        let mut interval = tokio::time::interval(observe::UPKEEP_INTERVAL);
        loop {
            interval.tick().await;
            self.metrics.run_upkeep();
        }
    }

    /// The state of a server that is configured by nothing but its database.
    #[must_use]
    pub fn plain(backend: Backend, files: Files) -> Self {
        Self::new(backend, files, &Config::default())
    }
}

/// The addresses that are neither pages nor server functions.
pub const PLAIN_ROUTES: [&str; 7] =
    ["/healthz", "/readyz", METRICS, gateway::PATH, live::PATH, export::OF_PARTNER, export::OF_ACCOUNT];

/// The addresses of the pages, as the application names them.
#[must_use]
pub fn page_routes() -> Vec<String> {
    leptos_axum::generate_route_list(Pages).iter().map(|route| route.path().to_owned()).collect()
}

/// The addresses of the server functions.
#[must_use]
pub fn function_routes() -> Vec<String> {
    leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect()
}

/// The whole server.
pub fn router(state: AppState) -> Router {
    let mut router = Router::new();
    for path in page_routes() {
        router = router.route(&path, get(pages::show).post(pages::post));
    }
    for path in function_routes() {
        router = router.route(&path, axum::routing::post(pages::function));
    }
    router = router
        .fallback(fallback)
        .route(live::PATH, get(live::events))
        .route(export::OF_PARTNER, get(export::of_partner))
        .route(export::OF_ACCOUNT, get(export::of_account))
        .layer(middleware::from_fn_with_state(state.clone(), origin::refuse_cross_site))
        .route(gateway::PATH, axum::routing::post(gateway::onboarding))
        .layer(middleware::from_fn_with_state(state.clone(), host::refuse_unknown))
        // Whoever looks after the server asks for these by whatever address it has.
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz));
    if !state.metrics_apart {
        router = router.route(METRICS, get(health::metrics));
    }
    guarded(router, state)
}

/// What every request passes. Each layer is within the next one.
fn guarded(router: Router<AppState>, state: AppState) -> Router {
    router
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(deadline::give_up))
        .layer(compression())
        .layer(CatchPanicLayer::custom(observe::panicked))
        .layer(middleware::from_fn_with_state(state.clone(), headers::set))
        .layer(middleware::from_fn(observe::observe))
        .with_state(state)
}

/// The metrics at an address of their own.
pub(crate) fn metrics_router(state: AppState) -> Router {
    Router::new()
        .route(METRICS, get(health::metrics))
        .layer(middleware::from_fn_with_state(state.clone(), headers::set))
        .with_state(state)
}

/// Pages are sent at a quarter of their size. What is small gains nothing by it, and the browser's
/// files are compressed already.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(1024).and(NotForContentType::const_new("text/event-stream")))
}

/// A file of the browser's, or the page that says that there is nothing.
async fn fallback(State(state): State<AppState>, request: Request<Body>) -> Response<Body> {
    if let Some(answer) = state.files.answer(request.uri().path(), request.headers()) {
        return answer;
    }
    pages::show(State(state), request).await.into_response()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use http_body_util::BodyExt;
    use service::testing::on_each_database;
    use tower::ServiceExt;

    use super::*;

    async fn fail() -> &'static str {
        panic!("a fault")
    }

    #[tokio::test]
    async fn a_panic_is_answered_with_the_headers_and_the_id_of_every_answer() {
        on_each_database(async |backend| {
            let state = AppState::plain(backend, Files::load().unwrap());
            let router = guarded(Router::new().route("/", get(fail)), state);
            let response = router.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
            let (parts, body) = response.into_parts();
            assert_eq!(parts.status, 500);
            assert_eq!(parts.headers["x-content-type-options"], "nosniff");
            let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
            assert!(text.contains(parts.headers["x-request-id"].to_str().unwrap()), "{text}");
        })
        .await;
    }
}
