//! Activity as a file, of one account or of all that the caller may see, sent piece by piece.

use app::{error::WireError, pages::activity::read_query, paths};
use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::account_number::AccountNumber;
use futures_util::TryStreamExt;
use service::activity::{
    export::{Format, export},
    find::Of,
};

use super::{AppState, request};

/// The addresses, each ending in the form of the file.
pub(super) const OF_PARTNER: &str = "/activity/{file}";
pub(super) const OF_ACCOUNT: &str = "/accounts/{number}/activity/{file}";

/// The activity of all that the caller may see.
pub(super) async fn of_partner(State(state): State<AppState>, Path(file): Path<String>, request: Request) -> Response {
    answer(state, Of::Partner, &file, request).await
}

/// The activity of one account.
pub(super) async fn of_account(
    State(state): State<AppState>,
    Path((number, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    match AccountNumber::parse(&number) {
        Ok(number) => answer(state, Of::Account(number), &file, request).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn answer(state: AppState, of: Of, file: &str, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let (caller, locale) = match request::read(&state, &parts).await.and_then(|page| Ok((page.caller()?, page.locale)))
    {
        Ok(caller) => caller,
        Err(WireError::Unauthenticated) => return Redirect::to(paths::SIGN_IN).into_response(),
        Err(error) => return error.status().into_response(),
    };
    let (format, kind) = match file {
        "export.csv" => (Format::Csv(locale), "text/csv; charset=utf-8"),
        "export.jsonl" => (Format::JsonLines, "application/x-ndjson"),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let day = state.backend.clock.now().date();
    let query = read_query(|name| value(&parts.uri, name));
    let pieces = match export(state.backend, &caller, of, query, format).await {
        Ok(pieces) => pieces,
        Err(error) => return WireError::from(error).status().into_response(),
    };
    let pieces = pieces.inspect_err(|error| tracing::error!(%error, "an export broke off"));
    let name = file.trim_start_matches("export.");
    let disposition = format!("attachment; filename=\"activity-{day}.{name}\"");
    let mut response = Body::from_stream(pieces).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

/// The value of `name` in the query; empty when it is not there.
fn value(uri: &Uri, name: &str) -> String {
    let query = uri.query().unwrap_or_default();
    let found = form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}
