//! The Account information page.
#![cfg_attr(feature = "ssr", expect(clippy::unused_async, reason = "server functions are asynchronous"))]

mod integrations;
mod question;
mod state;
pub(crate) mod undo;

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    rights::{Decision, Reason},
    view::account::AccountInformation,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

pub(crate) use self::state::AccountState;
use crate::{
    error::WireError,
    layout::WorkingIn,
    navigation,
    page::{PageTitle, Problem},
    paths,
    session::Session,
    ui::{Badge, Tone},
    wording::Wording,
};

/// An account as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountView {
    /// What is stored.
    pub information: AccountInformation,
    /// The region in which its data is held, by name.
    pub cloud_location: String,
    /// Whether the operator has configured the application that an administrator consents to.
    pub consent_configured: bool,
}

/// The account `number`, for its page.
#[server(prefix = "/api", endpoint = "load_account")]
pub async fn load_account(number: String) -> Result<AccountView, WireError> {
    use crate::request::{current, refuse};
    let number = number.parse::<AccountNumber>().map_err(|_| refuse(WireError::NotFound))?;
    view(&current(), number).await.map_err(refuse)
}

/// The account `number` as it is stored now.
#[cfg(feature = "ssr")]
pub(crate) async fn view(request: &crate::request::Request, number: AccountNumber) -> Result<AccountView, WireError> {
    let caller = request.caller()?;
    let information = service::accounts::information::find(&request.backend, &caller, number).await?;
    let settings = &request.backend.settings;
    Ok(AccountView {
        cloud_location: settings.cloud_location_name(&information.cloud_location, request.locale).to_owned(),
        consent_configured: settings.microsoft.application.is_some(),
        information,
    })
}

/// The page of one account.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let params = use_params_map();
    let number = move || params.with(|params| params.get("number")).unwrap_or_default();
    // What others change comes to the panels one by one; see `AccountState`.
    let account = Resource::new(number, load_account);
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match account.await {
                    Ok(view) => view! { <Panels view /> }.into_any(),
                    Err(error) => view! { <Problem error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Panels(view: AccountView) -> impl IntoView {
    let account = AccountState::provide(view);
    let name = account.part(|view| view.information.customer.name.clone());
    if Session::current().person().is_some_and(|person| person.is_of_partner()) {
        WorkingIn::account(name.into());
    }
    view! {
        <PageTitle title=name />
        <Head account />
        <div class="panels">
            <integrations::IntegrationsPanel account />
        </div>
    }
}

/// The name of the customer, with what the account is.
#[component]
fn Head(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let of_partner = Session::current().person().is_some_and(|person| person.is_of_partner());
    let crumbs = if of_partner {
        view! {
            <p class="crumbs small">
                <a href=paths::ACCOUNTS>{wording.accounts()}</a>
                <span class="soft">" / "{wording.account_information()}</span>
            </p>
        }
        .into_any()
    } else {
        view! { <p class="crumbs small soft">{wording.account_information()}</p> }.into_any()
    };
    let name = account.part(|view| view.information.customer.name.clone());
    let status = account.part(|view| view.information.status);
    view! {
        <div class="head" data-deleted=move || (status.get() == AccountStatus::Deleted).then_some("")>
            <div>
                {crumbs}
                <h1 tabindex="-1"><bdi>{name}</bdi></h1>
                <div class="facts">
                    {move || view! { <Badge tone=tone(status.get()) label=wording.account_status(status.get()) /> }}
                    <span>{wording.account_id()}" "<span class="number">{account.number.grouped()}</span></span>
                </div>
            </div>
        </div>
    }
}

/// The colour of an account's status.
pub(crate) const fn tone(status: AccountStatus) -> Tone {
    match status {
        AccountStatus::Active => Tone::Good,
        AccountStatus::Deactivated => Tone::Warn,
        AccountStatus::Deleted => Tone::Bad,
    }
}

/// Why nothing can be changed; `None` when it can, or is none of the caller's business.
pub(crate) const fn read_only_reason(edit: Decision) -> Option<Reason> {
    match edit {
        Decision::Allowed | Decision::Hidden => None,
        Decision::Forbidden(reason) => Some(reason),
    }
}

/// The value of `name` in the page's address, followed.
pub(crate) fn query_value(name: &'static str) -> Memo<String> {
    let query = navigation::query();
    Memo::new(move |_| paths::value_in(&query(), name).unwrap_or_default())
}
