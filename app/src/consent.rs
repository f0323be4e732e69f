//! The way back from Microsoft, where an administrator has consented, or not.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    error::WireError,
    navigation,
    page::{Dead, loaded, resource},
    wording::Wording,
};

/// What became of the consent that an address tells of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Consent {
    /// It is noted; the account's page, which says so.
    Noted(String),
    /// It was begun by another person, or in another session.
    NotYours,
    /// Microsoft cannot be asked at the moment; asked for again, the page asks again.
    Unconfirmed,
}

/// Notes what Microsoft says by the query of an address.
#[server(prefix = "/api", endpoint = "end_consent")]
pub async fn end_consent(#[server(default)] query: String) -> Result<Consent, WireError> {
    use axum::http::StatusCode;
    use service::{
        Error,
        integrations::microsoft::{self, ConsentOutcome as Ended},
    };

    use crate::{
        message::{ConsentOutcome, Message, Outcome},
        paths::{account, value_in},
        request::{current, refuse, set_message, set_status},
    };
    let request = current();
    let (signed_in, session) = request.session().map_err(refuse)?;
    let state = value_in(&query, "state").unwrap_or_default();
    let ended = match signed_in.caller() {
        Some(caller) => microsoft::end_consent(&request.backend, &caller, session, &state, &answer(&query)).await,
        None => Err(Error::NotFound),
    };
    let (number, outcome) = match ended {
        Ok((_, Ended::Unconfirmed)) => {
            set_status(StatusCode::SERVICE_UNAVAILABLE);
            return Ok(Consent::Unconfirmed);
        }
        Ok(ended) => ended,
        Err(Error::NotFound | Error::Forbidden(_)) => {
            set_status(StatusCode::NOT_FOUND);
            return Ok(Consent::NotYours);
        }
        Err(error) => return Err(refuse(error)),
    };
    let outcome = match outcome {
        Ended::Granted => ConsentOutcome::Granted,
        Ended::Denied => ConsentOutcome::Denied,
        Ended::Failed => ConsentOutcome::Failed,
        Ended::Ended | Ended::Unconfirmed => {
            let view = crate::account::view(&request, number).await.map_err(refuse)?;
            ConsentOutcome::Ended(view.consents_in_words(Wording(request.locale)))
        }
    };
    set_message(
        &request,
        &Message { outcome: Outcome::Consent(outcome), place: "integrations".to_owned(), undo: None },
    );
    Ok(Consent::Noted(format!("{}#integrations", account(number))))
}

/// What Microsoft says, by the parameters that it adds to the address.
#[cfg(feature = "ssr")]
fn answer(query: &str) -> service::integrations::microsoft::ConsentAnswer {
    use service::integrations::microsoft::ConsentAnswer;
    let value = |name| crate::paths::value_in(query, name).unwrap_or_default();
    let error = value("error");
    if error == "access_denied" {
        return ConsentAnswer::Denied;
    }
    if error.is_empty() && value("admin_consent").eq_ignore_ascii_case("true") {
        return ConsentAnswer::Granted { tenant: value("tenant") };
    }
    let description = value("error_description");
    ConsentAnswer::Failed { reason: if description.is_empty() { error } else { description } }
}

/// Notes what Microsoft says and goes on to the account's page.
#[component]
pub(crate) fn ConsentPage() -> impl IntoView {
    let query = navigation::query();
    let consent = resource(query, end_consent);
    loaded(consent, |consent| {
        let wording = Wording::current();
        match consent {
            Consent::Noted(address) => {
                navigation::redirect(&address);
                ().into_any()
            }
            Consent::NotYours => view! {
                <Dead title=wording.consent_failed_title() lead=wording.consent_failed_lead().to_owned() />
            }
            .into_any(),
            Consent::Unconfirmed => view! {
                <Dead title=wording.consent_unconfirmed_title() lead=wording.consent_unconfirmed_lead().to_owned() />
            }
            .into_any(),
        }
    })
}
