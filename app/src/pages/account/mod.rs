//! The Account information page.

mod confirm;
mod contacts;
mod services;

use std::sync::Arc;

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    rights::{Decision, Reason},
    role::Role,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use service::{
    accounts::information::{self, AccountInformation},
    contacts::FoundPerson,
};

use super::query_value;
use crate::{
    api::SaveCustomerInformation,
    error::WireError,
    forms,
    islands::{CopyButton, CountryShape, CustomerPanel, LiveForms},
    layout::{Place, framed},
    paths,
    request::{self, Request},
    ui::{Badge, Notice, Panel, Tone, escaped},
    wording::Wording,
};

/// The page of one account.
#[component]
pub(super) fn AccountPage() -> impl IntoView {
    let request = request::current();
    let number = use_params_map().with(|params| params.get("number")).unwrap_or_default();
    let (done, open) = (query_value("done"), query_value("open"));
    super::page(request.clone(), async move {
        let caller = request.caller()?;
        let number = number.parse::<AccountNumber>().map_err(|_| WireError::NotFound)?;
        let account = information::find(&request.backend, &caller, number).await?;
        let path = paths::account(number);
        let context =
            AccountContext { request: request.clone(), wording: Wording(request.locale), number, path, done, open };
        let meant = match contacts::ambiguous(&context) {
            Some(typed) => service::contacts::find_people(&request.backend, &caller, number, &typed).await?,
            None => Vec::new(),
        };
        let of_partner = matches!(caller.seat.role(), Role::PartnerAdmin | Role::AccountManager);
        let name = account.customer.name.clone();
        let frame = super::frame(&request, &name, Place::Account, of_partner.then(|| name.clone())).await?;
        Ok(framed(&request, frame, content(&context, account, meant, of_partner)))
    })
}

/// What every panel of the page needs to know.
struct AccountContext {
    request: Arc<Request>,
    wording: Wording,
    number: AccountNumber,
    /// The page's own path, to which its forms are posted.
    path: String,
    /// What the page's address says was just done.
    done: String,
    /// Which form the page's address says is open.
    open: String,
}

/// A button that opens the form `what`, or closes what is open when there is none.
fn opener(context: &AccountContext, panel: &str, what: &str, label: &'static str) -> AnyView {
    let field = (!what.is_empty()).then(|| view! { <input type="hidden" name="open" value=what.to_owned() /> });
    view! {
        <form method="get" action=context.action(panel) data-live="">
            {field}
            <button class="button small">{label}</button>
        </form>
    }
    .into_any()
}

impl AccountContext {
    /// To where a form of the panel `id` is posted: without JavaScript the browser shows that panel then.
    /// What is open stays open.
    fn action(&self, id: &str) -> String {
        let open = if self.open.is_empty() { String::new() } else { format!("?open={}", paths::encode(&self.open)) };
        format!("{}{open}#{id}", self.path)
    }
}

fn content(
    context: &AccountContext,
    account: AccountInformation,
    meant: Vec<FoundPerson>,
    of_partner: bool,
) -> AnyView {
    let AccountContext { request, wording, done, .. } = context;
    let wording = *wording;
    let added = (done == "added").then(|| view! { <Notice tone=Tone::Good text=wording.account_added().to_owned() /> });
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
    let read_only = read_only_fields(request, &account);
    let name = account.customer.name.clone();
    let (number, status) = (account.number, account.status);
    let contacts = contacts::contacts(context, account.contacts.clone(), meant, account.edit_contacts);
    let reports = contacts::reports(context, account.reports.clone(), account.report);
    let services = services::panels(context, account.services.clone());
    let form = customer_form(request, account, done == "saved");
    view! {
        <div class="head">
            <div>
                {crumbs}
                <h1>{name}</h1>
                <div class="facts">
                    <Badge tone=tone(status) label=wording.account_status(status) />
                    <span>{wording.account_id()}" "<span class="number">{number.grouped()}</span></span>
                </div>
            </div>
        </div>
        {added}
        <div class="panels">
            <Panel id="customer-information" heading=wording.customer_information()>
                {read_only}
                {form}
            </Panel>
            {contacts}
            {reports}
            {services}
        </div>
        <LiveForms />
    }
    .into_any()
}

/// What a form of a panel led to: said where it stands, and to screen readers.
fn said(said: &str, problem: Option<String>) -> AnyView {
    view! {
        <p class="said" role="status" data-said="" inner_html=escaped(said)></p>
        {problem.map(|problem| view! { <p class="notice bad" role="alert">{problem}</p> })}
    }
    .into_any()
}

/// How an account's status is to be felt.
pub(super) const fn tone(status: AccountStatus) -> Tone {
    match status {
        AccountStatus::Active => Tone::Good,
        AccountStatus::Deactivated => Tone::Warn,
        AccountStatus::Deleted => Tone::Bad,
    }
}

fn read_only_fields(request: &Request, account: &AccountInformation) -> AnyView {
    let wording = Wording(request.locale);
    let number = account.number;
    let cloud_location =
        request.backend.settings.cloud_location_name(&account.cloud_location, request.locale).to_owned();
    let sap_label = if account.micloud_connect { wording.billing_number() } else { wording.sap_number() };
    let pbx_type = match &account.pbx_type {
        Some(kind) => view! { <dd>{kind.clone()}</dd> }.into_any(),
        None => view! { <dd class="soft">{wording.pbx_type_pending()}</dd> }.into_any(),
    };
    view! {
        <dl class="read">
            <div>
                <dt>{wording.account_id()}</dt>
                <dd><span class="number">{number.grouped()}</span> <CopyButton text=number.to_string() /></dd>
            </div>
            {account.sap_number.clone().map(|sap_number| view! {
                <div><dt>{sap_label}</dt><dd class="number">{sap_number}</dd></div>
            })}
            <div><dt>{wording.cloud_location()}</dt><dd>{cloud_location}</dd></div>
            <div><dt>{wording.pbx_type()}</dt>{pbx_type}</div>
        </dl>
    }
    .into_any()
}

fn customer_form(request: &Request, account: AccountInformation, saved: bool) -> AnyView {
    let wording = Wording(request.locale);
    let stored = account.customer;
    let (typed, version, refused) = match request.posted::<SaveCustomerInformation>() {
        Some((form, error)) => {
            // A refused edit goes on from the version that it began with; where two edits met, from
            // the one that is stored, with what the other edit changed.
            let (typed, version) = match &error {
                Some(WireError::Conflict(conflict)) => (conflict.merged.clone(), conflict.version),
                _ => (form.customer, form.version),
            };
            (typed, version, error)
        }
        None => (stored.clone(), account.version, None),
    };
    let shape = CountryShape::new(forms::format_of(&typed), &typed.subdivision, wording);
    let saved = saved && refused.is_none();
    let read_only = read_only_reason(account.edit);
    view! { <CustomerPanel number=account.number version stored typed shape refused saved read_only /> }.into_any()
}

const fn read_only_reason(edit: Decision) -> Option<Reason> {
    match edit {
        Decision::Allowed | Decision::Hidden => None,
        Decision::Forbidden(reason) => Some(reason),
    }
}
