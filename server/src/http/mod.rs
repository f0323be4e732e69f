//! HTTP: the router, and what every request passes.

mod export;
mod gateway;
mod headers;
mod live;
mod observe;
mod origin;
mod pages;
mod request;

use std::{sync::Arc, time::Duration};

use app::pages::Pages;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, State},
    http::{Request, Response, StatusCode},
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
    limit::RequestBodyLimitLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
};

use crate::{config::Config, health, site::Files};

/// The most bytes of a request's body: far more than any form holds.
const BODY_LIMIT: usize = 256 * 1024;

/// The most bytes of a file of orders: more than as many rows as one can have, sent back to be confirmed.
const IMPORT_LIMIT: usize = 2 * service::orders::import::FILE_MAX;

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What handlers share.
#[derive(Clone)]
pub struct AppState {
    pub(crate) backend: Backend,
    pub(crate) files: Files,
    pub(crate) secure: bool,
    pub(crate) public_host: Option<Arc<str>>,
    pub(crate) client_address_header: Option<Arc<str>>,
    pub(crate) metrics: PrometheusHandle,
}

impl AppState {
    pub(crate) fn new(backend: Backend, files: Files, config: &Config) -> Self {
        let host = config.public_url.as_deref().and_then(|url| url.split("//").nth(1));
        Self {
            backend,
            files,
            secure: config.is_secure(),
            public_host: host.map(|host| host.trim_end_matches('/').into()),
            client_address_header: config.client_address_header.as_deref().map(Into::into),
            metrics: observe::recorder(),
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
    ["/healthz", "/readyz", "/metrics", gateway::PATH, live::PATH, export::OF_PARTNER, export::OF_ACCOUNT];

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
    router
        .fallback(fallback)
        .route(live::PATH, get(live::events))
        .route(export::OF_PARTNER, get(export::of_partner))
        .route(export::OF_ACCOUNT, get(export::of_account))
        .layer(middleware::from_fn_with_state(state.clone(), origin::refuse_cross_site))
        .route(gateway::PATH, axum::routing::post(gateway::onboarding))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(IMPORT_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(middleware::from_fn_with_state(state.clone(), headers::set))
        .layer(compression())
        .layer(CatchPanicLayer::custom(observe::panicked))
        .layer(middleware::from_fn(observe::observe))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
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
