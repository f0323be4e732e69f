//! The way back from Microsoft, where an administrator has consented, or not.

use leptos::prelude::*;
use service::{
    Error,
    integrations::microsoft::{Consent, end_consent},
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
    let (state, granted) = (query_value("state"), query_value("admin_consent"));
    super::page(request.clone(), async move {
        let caller = request.caller()?;
        let consent = if granted.eq_ignore_ascii_case("true") { Consent::Granted } else { Consent::Denied };
        match end_consent(&request.backend, &caller, &state, consent).await {
            Ok(number) => {
                let done = if consent == Consent::Granted { "consent-granted" } else { "consent-denied" };
                request::redirect(&format!("{}?done={done}#integrations", paths::account(number)));
                Ok(().into_any())
            }
            Err(Error::NotFound) => {
                request::set_status(WireError::NotFound.status());
                let frame = super::frame(&request, title(&request), Place::Elsewhere, None).await?;
                Ok(framed(&request, frame, failed(&request)))
            }
            Err(error) => Err(error.into()),
        }
    })
}

fn title(request: &Request) -> &'static str {
    Wording(request.locale).consent_failed_title()
}

fn failed(request: &Request) -> AnyView {
    let wording = Wording(request.locale);
    view! {
        <div class="problem">
            <h1>{title(request)}</h1>
            <p>{wording.consent_failed_lead()}</p>
            <p><a class="button" href="/">{wording.go_home()}</a></p>
        </div>
    }
    .into_any()
}
