//! Pages, the forms that are posted to them, and server functions.

use std::{convert::Infallible, sync::Arc};

use app::{
    Document, Message,
    error::WireError,
    form::{self, Posted},
    paths,
    request::{Request as PageRequest, cookie, message_cookie, message_header},
    start,
    wording::Wording,
};
use axum::{
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::rights::{Action, Decision, Resource, decide};
use futures_util::{TryStreamExt, stream};
use leptos::{nonce::Nonce, prelude::provide_context};
use multer::{Constraints, Multipart};
use serde::Deserialize;
use service::orders::import::FILE_MAX;

use super::{AppState, headers::allow_scripts, request};

/// The server functions that take a file of orders.
const IMPORT_FUNCTIONS: [&str; 2] = ["/api/preview_orders", "/api/import_orders"];

/// The most that is read of a body that is too large, only so that its sender hears the answer.
const DISCARD_LIMIT: usize = 64 * 1024 * 1024;

/// The fields of the form with a file.
const IMPORT_FIELDS: [&str; 7] = [form::FORM, "csv", "file", "encoding", "confirmed", "expected", "idempotency_key"];

/// The most parts of a form with a file.
const MAX_PARTS: usize = 10;

/// Shows a page.
pub(crate) async fn show(State(state): State<AppState>, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    match request::read(&state, &parts).await {
        Ok(page) => render(&state, page, parts, None).await,
        Err(error) => failed(&state, &parts, &error),
    }
}

/// Calls the server function that a form was posted to by way of its page, for browsers without JavaScript:
/// sends the browser on when it did what was asked, and shows the page again when it refused.
pub(crate) async fn post(State(state): State<AppState>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let is_import = parts.uri.path() == paths::IMPORT_ORDERS;
    let body = match form_body(&state, &parts, body, is_import).await {
        Ok(body) => Ok(body),
        // The page itself says why not; nothing large is read for it.
        Err(Unread::Forbidden(page)) => return render(&state, *page, parts, None).await,
        Err(Unread::Failed(error)) => return failed(&state, &parts, &error),
        Err(Unread::Status(status)) => Err(status),
    };
    // A session that ended while the body was on its way is no longer one.
    let page = match request::read(&state, &parts).await {
        Ok(page) => page,
        Err(error) => return failed(&state, &parts, &error),
    };
    let body = match body {
        Ok(body) => body,
        Err(StatusCode::PAYLOAD_TOO_LARGE) if is_import => {
            let error = Some(large_file());
            let posted = Posted { form: IMPORT_FUNCTIONS[0].to_owned(), body: String::new(), error };
            return render(&state, page, parts, Some(posted)).await;
        }
        Err(status) => return unreadable(status, Wording(page.locale)),
    };
    let page = PageRequest { posted_body: Some(body.as_str().into()), ..page };
    let fields = || form_urlencoded::parse(body.as_bytes());
    // The button that was pressed comes last.
    let form = fields().filter(|(name, _)| name == form::FORM).last().map(|(_, value)| value.into_owned());
    let Some(form) = form.filter(|form| is_function(form)) else {
        return unreadable(StatusCode::BAD_REQUEST, Wording(page.locale));
    };
    if fields().any(|(name, _)| name == form::AGAIN) {
        let posted = Posted { form, body: form::echo_of(&body), error: None };
        return render(&state, page, parts, Some(posted)).await;
    }
    let answer = call(page.clone(), &form, body.clone()).await;
    match read_answer(answer).await {
        // What it answers is shown on the page itself.
        Some(Answer::Done { next, .. }) if next.is_empty() => {
            let posted = Posted { form, body: form::echo_of(&body), error: None };
            render(&state, page, parts, Some(posted)).await
        }
        Some(Answer::Done { message, next, cookies }) => see_other(&state, &next, message.as_deref(), *cookies),
        Some(Answer::Refused(WireError::Unauthenticated))
            if page.signed_in.is_none() && parts.uri.path() != paths::SIGN_IN =>
        {
            see_other(&state, &paths::sign_in_then(parts.uri.path()), None, HeaderMap::new())
        }
        Some(Answer::Refused(WireError::Invalid { fields })) if fields.is_empty() => {
            unreadable(StatusCode::BAD_REQUEST, Wording(page.locale))
        }
        Some(Answer::Refused(error)) => {
            let posted = Posted { form, body: form::echo_of(&body), error: Some(error) };
            render(&state, page, parts, Some(posted)).await
        }
        None => unreadable(StatusCode::BAD_REQUEST, Wording(page.locale)),
    }
}

/// What a server function answered to a form.
enum Answer {
    Done { message: Option<Box<Message>>, next: String, cookies: Box<HeaderMap> },
    Refused(WireError),
}

/// What of an answer is for a browser without JavaScript.
#[derive(Deserialize)]
struct Head {
    message: Option<Box<Message>>,
    next: String,
}

/// Whether `path` is that of a server function.
fn is_function(path: &str) -> bool {
    leptos::server_fn::axum::server_fn_paths().any(|(known, _)| known == path)
}

/// Calls the server function at `path` with a posted form.
async fn call(page: PageRequest, path: &str, body: String) -> Response<Body> {
    let request =
        Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body));
    let Ok(mut request) = request else { return StatusCode::BAD_REQUEST.into_response() };
    // What is passed on was read within the limit of its address.
    DefaultBodyLimit::disable().apply(&mut request);
    let page = Arc::new(page);
    let context = move || provide_context(page.clone());
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

/// Reads what a server function answered; nothing where it is none that a form is posted to.
async fn read_answer(response: Response<Body>) -> Option<Answer> {
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.ok()?;
    if !parts.status.is_success() {
        return serde_json::from_slice(&body).ok().map(Answer::Refused);
    }
    let Head { message, next } = serde_json::from_slice(&body).ok()?;
    let mut cookies = Box::new(HeaderMap::new());
    for cookie in parts.headers.get_all(header::SET_COOKIE) {
        cookies.append(header::SET_COOKIE, cookie.clone());
    }
    Some(Answer::Done { message, next, cookies })
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

/// Runs a server function for the application in a browser.
pub(crate) async fn function(State(state): State<AppState>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let is_import = IMPORT_FUNCTIONS.contains(&parts.uri.path());
    let body = match form_body(&state, &parts, body, is_import).await {
        Ok(body) => Ok(body),
        Err(Unread::Forbidden(_)) => Ok(String::new()),
        Err(Unread::Failed(error)) => return failed(&state, &parts, &error),
        Err(Unread::Status(status)) => Err(status),
    };
    // A session that ended while the body was on its way is no longer one.
    let page = match request::read(&state, &parts).await {
        Ok(page) => page,
        Err(error) => return failed(&state, &parts, &error),
    };
    match body {
        // To one that says it takes HTML, leptos_axum would answer by sending it to its Referer; the call has
        // nothing of the request but its body.
        Ok(body) => call(page, parts.uri.path(), body).await,
        Err(StatusCode::PAYLOAD_TOO_LARGE) if is_import => {
            let error = large_file();
            (error.status(), axum::Json(error)).into_response()
        }
        Err(status) => unreadable(status, Wording(page.locale)),
    }
}

/// The error of a file that is too large.
fn large_file() -> WireError {
    WireError::TooLarge { max: u32::try_from(FILE_MAX / (1024 * 1024)).unwrap_or(u32::MAX) }
}

/// Why the body of a form was not read.
enum Unread {
    /// Who sends it may not do what it is for.
    Forbidden(Box<PageRequest>),
    /// Not even the session could be read.
    Failed(WireError),
    /// It is none, or too large.
    Status(StatusCode),
}

/// The text of a posted form. A file of orders is read only from those who may import it.
async fn form_body(state: &AppState, parts: &Parts, body: Body, is_import: bool) -> Result<String, Unread> {
    if is_import {
        match request::read(state, parts).await {
            Ok(page) if may_import(&page) => {}
            Ok(page) => return Err(Unread::Forbidden(Box::new(page))),
            Err(error) => return Err(Unread::Failed(error)),
        }
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // Only there is a file to be chosen.
    if is_import && let Ok(boundary) = multer::parse_boundary(kind) {
        let bytes = read_body(body, super::IMPORT_LIMIT).await.map_err(Unread::Status)?;
        return multipart(bytes, boundary).await.map_err(Unread::Status);
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Unread::Status(StatusCode::BAD_REQUEST));
    }
    let limit = if is_import { super::IMPORT_LIMIT } else { super::BODY_LIMIT };
    let bytes = read_body(body, limit).await.map_err(Unread::Status)?;
    String::from_utf8(bytes).map_err(|_| Unread::Status(StatusCode::BAD_REQUEST))
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

/// Sends the browser on after a form was done, with the cookies that it set, and with what is to be said there.
fn see_other(state: &AppState, target: &str, message: Option<&Message>, cookies: HeaderMap) -> Response<Body> {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.extend(cookies);
    headers.insert(header::LOCATION, HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/")));
    let cookie = message.and_then(|message| message_header(message, state.secure));
    headers.extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

/// Renders a page, with the form that was posted to it if that was refused.
async fn render(state: &AppState, mut page: PageRequest, mut parts: Parts, posted: Option<Posted>) -> Response<Body> {
    let refused = posted.as_ref().and_then(|posted| posted.error.as_ref()).map(WireError::status);
    let message = message(state, &parts);
    let has_message = message.is_some();
    page.start = match start::load(&page, posted, message).await {
        Ok(start) => start,
        Err(error) => return failed(state, &parts, &error),
    };
    parts.method = Method::GET;
    let nonce = Nonce::new();
    let policy = nonce.to_string();
    let microsoft = page.backend.settings.microsoft.clone();
    let elsewhere = microsoft.application.map_or_else(String::new, |_| microsoft.login_url);
    let page = Arc::new(page);
    let context = move || {
        provide_context(page.clone());
        provide_context(nonce.clone());
    };
    let request = Request::from_parts(parts, Body::empty());
    let mut response = leptos_axum::render_app_async_with_context(context, Document)(request).await;
    allow_scripts(response.headers_mut(), &policy, &elsewhere);
    if has_message {
        let forgotten = cookie(message_cookie(state.secure), "", 0, state.secure);
        response.headers_mut().extend(forgotten.map(|cookie| (header::SET_COOKIE, cookie)));
    }
    if let Some(status) = refused.filter(|_| response.status().is_success()) {
        *response.status_mut() = status;
    }
    response
}

/// What the form posted before did, as its cookie says.
fn message(state: &AppState, parts: &Parts) -> Option<Message> {
    let text = request::cookies(&parts.headers, message_cookie(state.secure)).next()?;
    let text = paths::value_in(&format!("message={text}"), "message")?;
    serde_json::from_str(&text).ok()
}

/// The answer when not even the session could be read.
fn failed(state: &AppState, parts: &Parts, error: &WireError) -> Response<Body> {
    let text = Wording(request::locale(state, &parts.headers)).wire_error(error);
    (error.status(), format!("{text}\n")).into_response()
}
