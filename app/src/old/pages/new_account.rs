//! Adding an account.

use domain::{
    customer::{CountryHistory, CustomerForm},
    rights::{Action, Decision, Resource, decide},
};
use leptos::prelude::*;
use service::idempotency::IdempotencyKey;

use crate::{
    api::AddAccount,
    error::WireError,
    forms,
    islands::{CountryShape, NewAccountForm},
    layout::{Place, framed},
    paths, request,
    ui::Panel,
    wording::Wording,
};

/// The page on which an account is added.
#[component]
pub(super) fn NewAccountPage() -> impl IntoView {
    let request = request::current();
    let key = super::query_value("key");
    super::page(request.clone(), async move {
        let wording = Wording(request.locale);
        let caller = request.caller()?;
        match decide(&caller, Action::AddAccount, Resource::Partner(caller.seat.partner())) {
            Decision::Allowed => {}
            Decision::Forbidden(reason) => return Err(WireError::Forbidden(reason)),
            Decision::Hidden => return Err(WireError::NotFound),
        }
        let (form, refused) = match request.posted::<AddAccount>() {
            Some(refused) => refused,
            // The address holds the key, so that who goes back to the form sends it under the same one.
            None if IdempotencyKey::parse(&key).is_none() => {
                request::redirect(&paths::new_account(&forms::idempotency_key()));
                return Ok(().into_any());
            }
            None => (empty(request.signed_in.as_ref(), key), None),
        };
        let shape = CountryShape::new(forms::format_of(&form.customer), &form.customer.subdivision, wording);
        let history = CountryHistory { shown: form.customer.country.clone(), ..form.history };
        let page = view! {
            <div class="head">
                <div>
                    <p class="crumbs small"><a href=paths::ACCOUNTS>{wording.accounts()}</a></p>
                    <h1>{wording.add_account()}</h1>
                    <p class="soft">{wording.add_account_lead()}</p>
                </div>
            </div>
            <div class="panels">
                <Panel id="customer-information" heading=wording.customer_information()>
                    <NewAccountForm
                        customer=form.customer cloud_location=form.cloud_location
                        support_contact=form.support_contact idempotency_key=form.idempotency_key shape history
                        refused
                    />
                </Panel>
            </div>
        };
        Ok(framed(&request, super::frame(&request, wording.add_account(), Place::Accounts, None).await?, page))
    })
}

/// A form to begin with: the contact is most often the person who adds the account.
fn empty(signed_in: Option<&service::sessions::SignedIn>, idempotency_key: String) -> AddAccount {
    AddAccount {
        customer: CustomerForm::default(),
        cloud_location: String::new(),
        support_contact: signed_in.map(|person| person.email.clone()).unwrap_or_default(),
        history: CountryHistory::default(),
        idempotency_key,
    }
}
