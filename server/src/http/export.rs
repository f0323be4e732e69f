//! Activity as a file, of one account or of all that the caller may see, sent piece by piece.

use std::sync::Arc;

use app::{activity_query_errors, error::WireError, paths, read_activity_query, wording::Wording};
use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{account_number::AccountNumber, customer::FieldErrors, role::Caller};
use futures_util::TryStreamExt;
use service::{
    Backend, Error,
    activity::{
        export::{Format, export},
        find::Of,
    },
    sessions::{self, SessionToken},
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
    let reading = request::read(&state, &parts).await;
    let reading = reading.and_then(|page| Ok((page.caller()?, page.session()?.1.clone(), page.locale)));
    let (caller, token, locale) = match reading {
        Ok(session) => session,
        Err(WireError::Unauthenticated) => return Redirect::to(paths::SIGN_IN).into_response(),
        Err(error) => return error.status().into_response(),
    };
    let (format, kind) = match file {
        "export.csv" => (Format::Csv(locale), "text/csv; charset=utf-8"),
        "export.jsonl" => (Format::JsonLines, "application/x-ndjson"),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let day = state.backend.clock.now().date();
    let asked = parts.uri.query().unwrap_or_default();
    // A file of everything would be taken for what was asked for.
    let errors = activity_query_errors(asked);
    if !errors.is_empty() {
        return refused(Wording(locale), errors);
    }
    let query = read_activity_query(asked);
    let pieces = match export(state.backend.clone(), &caller, of, query, format).await {
        Ok(pieces) => pieces,
        Err(Error::Invalid(errors)) => return refused(Wording(locale), errors),
        Err(error) => return WireError::from(error).status().into_response(),
    };
    let session = Arc::new((state.backend, token, caller));
    let pieces = pieces.and_then(move |piece| while_signed_in(session.clone(), piece));
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

/// Says what of the query is wrong, each on a line.
fn refused(wording: Wording, errors: FieldErrors) -> Response {
    let lines: Vec<String> =
        errors.iter().map(|(name, error)| format!("{name}: {}", wording.field_error(error))).collect();
    (WireError::Invalid { fields: errors }.status(), lines.join("\n")).into_response()
}

/// Gives the piece on, unless the session has ended meanwhile or works from another membership.
async fn while_signed_in(session: Arc<(Backend, SessionToken, Caller)>, piece: String) -> service::Result<String> {
    let (backend, token, caller) = session.as_ref();
    let signed_in = sessions::find_unused(backend, token).await?;
    let present = signed_in.and_then(|person| person.caller());
    if present.is_some_and(|present| present.seat == caller.seat) { Ok(piece) } else { Err(Error::Unauthenticated) }
}
