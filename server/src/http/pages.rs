//! Pages, the forms that are posted to them, and server functions.

use std::{convert::Infallible, sync::Arc};

use app::{
    error::WireError,
    forms::{self, Answer},
    pages::App,
    paths,
    request::{Posted, Request as PageRequest},
    wording::Wording,
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, Response, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::rights::{Action, Decision, Resource, decide};
use futures_util::{TryStreamExt, stream};
use leptos::{
    nonce::Nonce,
    prelude::{Owner, ScopedFuture, provide_context},
};
use leptos_axum::ResponseOptions;
use multer::{Constraints, Multipart};

use super::{AppState, headers::allow_scripts, request};

/// The most that is read of a body that is too large, only so that its sender hears the answer.
const DISCARD_LIMIT: usize = 64 * 1024 * 1024;

/// The fields of the form with a file.
const IMPORT_FIELDS: [&str; 7] = [forms::FORM, "csv", "file", "encoding", "confirmed", "expected", "idempotency_key"];

/// The most parts of a form with a file.
const MAX_PARTS: usize = 10;

/// Shows a page.
pub(crate) async fn show(State(state): State<AppState>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    match request::read(&state, &parts).await {
        Ok(page) => render(Arc::new(page), Request::from_parts(parts, body)).await,
        Err(error) => failed(&state, &parts, &error),
    }
}

/// Runs the form that was posted to a page; shows the page again if it was refused.
pub(crate) async fn post(State(state): State<AppState>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let is_import = parts.uri.path() == paths::IMPORT_ORDERS;
    if is_import {
        match request::read(&state, &parts).await {
            Ok(page) if may_import(&page) => {}
            // The page itself says why not; nothing large is read for it.
            Ok(page) => return show_again(page, parts).await,
            Err(error) => return failed(&state, &parts, &error),
        }
    }
    let body = form_body(&parts, body, is_import).await;
    // A session that ended while the body was on its way is no longer one.
    let page = match request::read(&state, &parts).await {
        Ok(page) => page,
        Err(error) => return failed(&state, &parts, &error),
    };
    let body = match body {
        Ok(body) => body,
        Err(StatusCode::PAYLOAD_TOO_LARGE) if is_import => {
            let posted = Some(Posted::large_file());
            let mut response = show_again(PageRequest { posted, ..page }, parts).await;
            if response.status().is_success() {
                *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            }
            return response;
        }
        Err(status) => return unreadable(status, Wording(page.locale)),
    };
    let live = parts.headers.contains_key(forms::LIVE);
    let options = ResponseOptions::default();
    match run(Arc::new(page.clone()), options.clone(), body).await {
        Answer::Done(target) => see_other(&target, &options),
        Answer::Refused(WireError::Unauthenticated, _)
            if page.signed_in.is_none() && parts.uri.path() != paths::SIGN_IN =>
        {
            see_other(&paths::sign_in_then(parts.uri.path()), &options)
        }
        Answer::Again(posted) => show_again(PageRequest { posted: Some(posted), ..page }, parts).await,
        Answer::Refused(error, posted) => {
            let mut response = show_again(PageRequest { posted: Some(posted), ..page }, parts).await;
            // To a script, a form that comes back is an answer; a browser would log it as a failure.
            if response.status().is_success() && !live {
                *response.status_mut() = error.status();
            }
            response
        }
        Answer::Unknown => unreadable(StatusCode::BAD_REQUEST, Wording(page.locale)),
    }
}

/// Shows the page to which a form was posted.
async fn show_again(page: PageRequest, mut parts: Parts) -> Response<Body> {
    parts.method = Method::GET;
    render(Arc::new(page), Request::from_parts(parts, Body::empty())).await
}

/// Whether the one who sends a request may import orders.
fn may_import(page: &PageRequest) -> bool {
    page.caller().is_ok_and(|caller| {
        let partner = Resource::Partner(caller.seat.partner());
        decide(&caller, Action::ImportOrders, partner) == Decision::Allowed
    })
}

/// The answer to a form that could not be read.
fn unreadable(status: StatusCode, wording: Wording) -> Response<Body> {
    let text = if status == StatusCode::PAYLOAD_TOO_LARGE { wording.form_too_large() } else { wording.error_form() };
    (status, format!("{text}\n")).into_response()
}

/// Runs a server function for an island.
pub(crate) async fn function(State(state): State<AppState>, request: Request) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let body = read_body(body, super::BODY_LIMIT).await;
    // A session that ended while the body was on its way is no longer one.
    let page = match request::read(&state, &parts).await {
        Ok(page) => Arc::new(page),
        Err(error) => return failed(&state, &parts, &error),
    };
    let body = match body {
        Ok(body) => Body::from(body),
        Err(status) => return unreadable(status, Wording(page.locale)),
    };
    // To one that says it takes HTML, leptos_axum would answer by sending it to its Referer.
    parts.headers.remove(header::ACCEPT);
    let request = Request::from_parts(parts, body);
    let context = move || provide_context(page.clone());
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

async fn run(page: Arc<PageRequest>, options: ResponseOptions, body: String) -> Answer {
    let owner = Owner::new();
    owner
        .with(|| {
            ScopedFuture::new(async move {
                provide_context(page);
                provide_context(options);
                forms::run(&body).await
            })
        })
        .await
}

/// The text of a posted form; the status to answer with when the body is something else.
async fn form_body(parts: &Parts, body: Body, is_import: bool) -> Result<String, StatusCode> {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // Only there is a file to be chosen.
    if is_import && let Ok(boundary) = multer::parse_boundary(kind) {
        let bytes = read_body(body, super::IMPORT_LIMIT).await?;
        return multipart(bytes, boundary).await;
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(StatusCode::BAD_REQUEST);
    }
    let limit = if is_import { super::IMPORT_LIMIT } else { super::BODY_LIMIT };
    String::from_utf8(read_body(body, limit).await?).map_err(|_| StatusCode::BAD_REQUEST)
}

/// Reads a body of at most `limit` bytes. Of one that is larger the rest is read too, and dropped.
pub(super) async fn read_body(body: Body, limit: usize) -> Result<Vec<u8>, StatusCode> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.try_next().await.map_err(|_| StatusCode::BAD_REQUEST)? {
        length = length.saturating_add(piece.len());
        if length <= limit {
            bytes.extend_from_slice(&piece);
        } else if length <= DISCARD_LIMIT {
            bytes = Vec::new();
        } else {
            break;
        }
    }
    if length > limit { Err(StatusCode::PAYLOAD_TOO_LARGE) } else { Ok(bytes) }
}

/// The text of a form with a file, which is passed on in Base64 as the field `file`: in which encoding it is, is
/// for the form to say. Of fields with the same name, the first that is not empty.
async fn multipart(bytes: Vec<u8>, boundary: String) -> Result<String, StatusCode> {
    let known = Constraints::new().allowed_fields(IMPORT_FIELDS.to_vec());
    let whole = stream::once(async { Ok::<_, Infallible>(bytes) });
    let mut form = Multipart::with_constraints(whole, boundary, known);
    let mut fields: Vec<(String, String)> = Vec::new();
    let wrong = |_| StatusCode::BAD_REQUEST;
    for _ in 0..=MAX_PARTS {
        let Some(field) = form.next_field().await.map_err(wrong)? else {
            return Ok(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish());
        };
        let is_file = field.file_name().is_some();
        let name = if is_file { "file" } else { field.name().unwrap_or_default() }.to_owned();
        let bytes = field.bytes().await.map_err(wrong)?;
        let text = if is_file {
            BASE64_STANDARD.encode(&bytes)
        } else {
            String::from_utf8(bytes.to_vec()).map_err(|_| StatusCode::BAD_REQUEST)?
        };
        match fields.iter_mut().find(|(known, _)| *known == name) {
            None => fields.push((name, text)),
            Some((_, known)) if known.is_empty() => *known = text,
            Some(_) => {}
        }
    }
    Err(StatusCode::BAD_REQUEST)
}

/// Sends the browser on after a form was done, with the cookies that it set.
fn see_other(target: &str, options: &ResponseOptions) -> Response<Body> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(options) = options.0.read() {
        response.headers_mut().extend(options.headers.clone());
    }
    let target = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, target);
    response
}

async fn render(page: Arc<PageRequest>, request: Request) -> Response<Body> {
    let nonce = Nonce::new();
    let policy = nonce.to_string();
    let microsoft = page.backend.settings.microsoft.clone();
    let elsewhere = microsoft.application.map_or_else(String::new, |_| microsoft.login_url);
    let context = move || {
        provide_context(page.clone());
        provide_context(nonce.clone());
    };
    let mut response = leptos_axum::render_app_async_with_context(context, App)(request).await;
    allow_scripts(response.headers_mut(), &policy, &elsewhere);
    response
}

/// The answer when not even the session could be read.
fn failed(state: &AppState, parts: &Parts, error: &WireError) -> Response<Body> {
    let text = Wording(request::locale(state, &parts.headers)).wire_error(error);
    (error.status(), format!("{text}\n")).into_response()
}
