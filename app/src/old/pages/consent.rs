//! The way back from Microsoft, where an administrator has consented, or not.

use std::sync::Arc;

use axum::http::StatusCode;
use leptos::prelude::*;
use service::{
    Error,
    integrations::microsoft::{ConsentAnswer, ConsentOutcome, end_consent},
};

use super::query_value;
use crate::{
    error::WireError,
    layout::{Place, framed},
    paths,
    request::{self, Request},
    wording::Wording,
};

/// Notes what Microsoft says and goes on to the account's page.
#[component]
pub(super) fn ConsentPage() -> impl IntoView {
    let request = request::current();
    let (state, answer) = (query_value("state"), answer());
    super::page(request.clone(), async move {
        let (signed_in, session) = request.session()?;
        let Some(caller) = signed_in.caller() else { return not_yours(&request).await };
        match end_consent(&request.backend, &caller, session, &state, &answer).await {
            Ok((_, ConsentOutcome::Unconfirmed)) => unconfirmed(&request).await,
            Ok((number, outcome)) => {
                request::redirect(&format!("{}?done={}#integrations", paths::account(number), done(outcome)));
                Ok(().into_any())
            }
            Err(Error::NotFound | Error::Forbidden(_)) => not_yours(&request).await,
            Err(error) => Err(error.into()),
        }
    })
}

/// What Microsoft says, by the parameters that it adds to the address.
fn answer() -> ConsentAnswer {
    let error = query_value("error");
    if error == "access_denied" {
        return ConsentAnswer::Denied;
    }
    if error.is_empty() && query_value("admin_consent").eq_ignore_ascii_case("true") {
        return ConsentAnswer::Granted { tenant: query_value("tenant") };
    }
    let description = query_value("error_description");
    ConsentAnswer::Failed { reason: if description.is_empty() { error } else { description } }
}

const fn done(outcome: ConsentOutcome) -> &'static str {
    match outcome {
        ConsentOutcome::Granted => "consent-granted",
        ConsentOutcome::Denied => "consent-denied",
        ConsentOutcome::Failed => "consent-failed",
        ConsentOutcome::Ended | ConsentOutcome::Unconfirmed => "consent-ended",
    }
}

/// The page for everybody but the person who began the consent, in the session in which they did.
async fn not_yours(request: &Arc<Request>) -> Result<AnyView, WireError> {
    let wording = Wording(request.locale);
    request::set_status(WireError::NotFound.status());
    problem(request, wording.consent_failed_title(), wording.consent_failed_lead()).await
}

/// The page while Microsoft cannot be asked; loaded again, it asks again.
async fn unconfirmed(request: &Arc<Request>) -> Result<AnyView, WireError> {
    let wording = Wording(request.locale);
    request::set_status(StatusCode::SERVICE_UNAVAILABLE);
    problem(request, wording.consent_unconfirmed_title(), wording.consent_unconfirmed_lead()).await
}

async fn problem(request: &Arc<Request>, title: &'static str, lead: &'static str) -> Result<AnyView, WireError> {
    let wording = Wording(request.locale);
    let frame = super::frame(request, title, Place::Elsewhere, None).await?;
    let content = view! {
        <div class="problem">
            <h1>{title}</h1>
            <p>{lead}</p>
            <p><a class="button" href="/">{wording.go_home()}</a></p>
        </div>
    };
    Ok(framed(request, frame, content.into_any()))
}
