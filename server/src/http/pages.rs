//! Pages, the forms that are posted to them, and server functions.

use std::sync::Arc;

use app::{
    error::WireError,
    forms::{self, Answer},
    pages::App,
    paths,
    request::Request as PageRequest,
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, Response, StatusCode, header, request::Parts},
    response::IntoResponse,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use leptos::{
    nonce::Nonce,
    prelude::{Owner, ScopedFuture, provide_context},
};
use leptos_axum::ResponseOptions;
use multer::{Constraints, Multipart, SizeLimit};

use super::{AppState, headers::allow_scripts, request};

/// Shows a page.
pub(crate) async fn show(State(state): State<AppState>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    match request::read(&state, &parts).await {
        Ok(page) => render(Arc::new(page), Request::from_parts(parts, body)).await,
        Err(error) => failed(&error),
    }
}

/// Runs the form that was posted to a page; shows the page again if it was refused.
pub(crate) async fn post(State(state): State<AppState>, request: Request) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let page = match request::read(&state, &parts).await {
        Ok(page) => page,
        Err(error) => return failed(&error),
    };
    let body = match form_body(&parts, body).await {
        Ok(body) => body,
        Err(status) => return (status, "This form could not be read. Go back and try again.\n").into_response(),
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
        Answer::Again(posted) => {
            parts.method = Method::GET;
            let page = PageRequest { posted: Some(posted), ..page };
            render(Arc::new(page), Request::from_parts(parts, Body::empty())).await
        }
        Answer::Refused(error, posted) => {
            parts.method = Method::GET;
            let page = PageRequest { posted: Some(posted), ..page };
            let mut response = render(Arc::new(page), Request::from_parts(parts, Body::empty())).await;
            // To a script, a form that comes back is an answer; a browser would log it as a failure.
            if response.status().is_success() && !live {
                *response.status_mut() = error.status();
            }
            response
        }
        Answer::Unknown => {
            (StatusCode::BAD_REQUEST, "This form is not known here. Reload the page and try again.\n").into_response()
        }
    }
}

/// Runs a server function for an island.
pub(crate) async fn function(State(state): State<AppState>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let page = match request::read(&state, &parts).await {
        Ok(page) => Arc::new(page),
        Err(error) => return failed(&error),
    };
    let body = match to_bytes(body, super::BODY_LIMIT).await {
        Ok(body) => Body::from(body),
        Err(_) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    };
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
async fn form_body(parts: &Parts, body: Body) -> Result<String, StatusCode> {
    // Only there is a file to be chosen.
    let takes_files = parts.uri.path() == paths::IMPORT_ORDERS;
    let limit = if takes_files { super::IMPORT_LIMIT } else { super::BODY_LIMIT };
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if takes_files && let Ok(boundary) = multer::parse_boundary(kind) {
        return multipart(Multipart::with_constraints(body.into_data_stream(), boundary, whole(limit))).await;
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(StatusCode::BAD_REQUEST);
    }
    let bytes = to_bytes(body, limit).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| StatusCode::BAD_REQUEST)
}

fn whole(limit: usize) -> Constraints {
    Constraints::new().size_limit(SizeLimit::new().whole_stream(limit as u64))
}

/// The same of a form with a file, which is passed on in Base64 as the field `file`: in which encoding it is, is
/// for the form to say. Of fields with the same name, the first that is not empty.
async fn multipart(mut form: Multipart<'_>) -> Result<String, StatusCode> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let wrong = |error: multer::Error| match error {
        // What ends the stream, unless the browser is gone, is the limit of all requests.
        multer::Error::StreamSizeExceeded { .. } | multer::Error::StreamReadFailed(_) => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    while let Some(field) = form.next_field().await.map_err(wrong)? {
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
    Ok(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish())
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
    let elsewhere = microsoft.client_id.map_or_else(String::new, |_| microsoft.login_url);
    let context = move || {
        provide_context(page.clone());
        provide_context(nonce.clone());
    };
    let mut response = leptos_axum::render_app_async_with_context(context, App)(request).await;
    allow_scripts(response.headers_mut(), &policy, &elsewhere);
    response
}

/// The answer when not even the session could be read.
fn failed(error: &WireError) -> Response<Body> {
    let WireError::Internal { reference } = error else { return error.status().into_response() };
    let text = format!("The server could not answer. Nothing was changed. Reference: {reference}\n");
    (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
}
