//! `POST /api/v1/gateway/onboarding`: a gateway presents its one-time code.

use app::error::WireError;
use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use service::{
    Error,
    integrations::gateway::{Onboarding, OnboardingError, onboard},
};

use super::{AppState, pages::read_body};

/// The address.
pub(super) const PATH: &str = "/api/v1/gateway/onboarding";

#[derive(Deserialize)]
struct Presented {
    code: String,
    pbx_type: String,
    serial: String,
}

#[derive(Serialize)]
struct TakenIn {
    account: String,
    pbx_type: String,
}

/// A refusal, as every answer of the REST API that is one.
#[derive(Serialize)]
struct Refusal {
    error: &'static str,
    message: String,
}

/// Takes in the gateway.
pub(super) async fn onboarding(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let source = state.client_address.network(&parts);
    let body = match read_body(body, super::BODY_LIMIT).await {
        Ok(body) => body,
        Err(StatusCode::PAYLOAD_TOO_LARGE) => {
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the request is too large");
        }
        Err(status) => return refuse(status, "unreadable", "the request did not arrive whole"),
    };
    let presented: Presented = match serde_json::from_slice(&body) {
        Ok(presented) => presented,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, "unreadable", &error.to_string()),
    };
    let onboarding = Onboarding { code: &presented.code, pbx_type: &presented.pbx_type, serial: &presented.serial };
    match onboard(&state.backend, &source, &onboarding).await {
        Ok(account) => Json(TakenIn { account: account.to_string(), pbx_type: presented.pbx_type }).into_response(),
        Err(error) => refused(error),
    }
}

fn refused(error: OnboardingError) -> Response {
    let message = error.to_string();
    match error {
        OnboardingError::Unknown => refuse(StatusCode::NOT_FOUND, "unknown_code", &message),
        OnboardingError::Used => refuse(StatusCode::CONFLICT, "used_code", &message),
        OnboardingError::Expired => refuse(StatusCode::GONE, "expired_code", &message),
        OnboardingError::Other(Error::Invalid(fields)) => {
            let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!("wrong: {}", names.join(", "));
            refuse(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &message)
        }
        OnboardingError::Other(Error::RateLimited { retry_after }) => {
            let mut answer = refuse(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "wait, then try again");
            answer.headers_mut().insert(RETRY_AFTER, retry_after.into());
            answer
        }
        OnboardingError::Other(error) => {
            let error = WireError::from(error);
            let message = match &error {
                WireError::Internal { reference } => format!("reference {reference}"),
                _ => String::new(),
            };
            refuse(error.status(), "internal", &message)
        }
    }
}

fn refuse(status: StatusCode, error: &'static str, message: &str) -> Response {
    (status, Json(Refusal { error, message: message.to_owned() })).into_response()
}
