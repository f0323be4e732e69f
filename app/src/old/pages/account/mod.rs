//! The Account information page.

mod activity;
pub(super) mod confirm;
mod contacts;
mod lifecycle;
mod services;
pub(super) mod subscriptions;

use std::sync::Arc;

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    customer::CountryHistory,
    rights::{Decision, Reason},
    role::Role,
};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use service::{
    accounts::{
        information::{self, AccountInformation},
        lifecycle::DeactivationScope,
    },
    contacts::FoundPerson,
    live::RecentRecords,
};

use super::query_value;
use crate::{
    api::{SaveCustomerInformation, Undo},
    error::WireError,
    forms,
    islands::{CopyButton, CountryShape, CustomerPanel, LiveForms},
    layout::{Place, framed},
    paths,
    request::{self, Request},
    ui::{Badge, Notice, Panel, Tone, with_isolates},
    wording::Wording,
};

/// The panel of customer information.
const CUSTOMER: &str = "customer-information";

/// The page of one account.
#[component]
pub(super) fn AccountPage() -> impl IntoView {
    let request = request::current();
    let number = use_params_map().with(|params| params.get("number")).unwrap_or_default();
    let done = query_value("done");
    let undo = query_value("undo").parse::<i64>().ok();
    let [open, product, status, gone] = forms::KEPT_PARAMETERS.map(query_value);
    super::page(request.clone(), async move {
        let caller = request.caller()?;
        let number = number.parse::<AccountNumber>().map_err(|_| WireError::NotFound)?;
        let account = information::find(&request.backend, &caller, number).await?;
        let path = paths::account(number);
        let context = AccountContext {
            request: request.clone(),
            wording: Wording(request.locale),
            number,
            path,
            done,
            undo,
            open,
            product,
            status,
            gone,
        };
        let candidates = match contacts::ambiguous(&context) {
            Some(typed) => service::contacts::find_people(&request.backend, &caller, number, &typed).await?,
            None => Vec::new(),
        };
        let of_partner = matches!(caller.seat.role(), Role::PartnerAdmin | Role::AccountManager);
        let concerned = if lifecycle::asks(&context) && account.deactivate == Decision::Allowed {
            Some(service::accounts::lifecycle::concerned(&request.backend, &caller, number).await?)
        } else {
            None
        };
        let name = account.customer.name.clone();
        let frame = super::frame(&request, &name, Place::Account, of_partner.then(|| name.clone())).await?;
        Ok(framed(&request, frame, content(&context, account, candidates, concerned, of_partner)))
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
    /// What undoes it, if the page's address says so.
    undo: Option<i64>,
    /// Which form, or row, the page's address says is open.
    open: String,
    /// The application whose subscriptions are shown; empty for all.
    product: String,
    /// The status of the subscriptions that are shown; empty for all.
    status: String,
    /// The contacts that were removed on this page, by their keys.
    gone: String,
}

/// A button that opens the form `what`, or closes what is open when there is none.
fn opener(context: &AccountContext, panel: &str, what: &str, label: &'static str) -> AnyView {
    view! {
        <form method="get" action=context.action(panel) data-live="">
            {context.kept_fields(what)}
            <button class="button small">{label}</button>
        </form>
    }
    .into_any()
}

impl AccountContext {
    /// To where a form of the panel `id` is posted: without JavaScript the browser shows that panel then.
    /// What is open stays open.
    fn action(&self, id: &str) -> String {
        let parts: Vec<String> = forms::KEPT_PARAMETERS
            .into_iter()
            .zip([&self.open, &self.product, &self.status, &self.gone])
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", paths::encode(value)))
            .collect();
        let query = if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) };
        format!("{}{query}#{id}", self.path)
    }

    /// The hidden fields of a form that opens `what` and keeps what is filtered.
    fn kept_fields(&self, what: &str) -> Vec<AnyView> {
        forms::KEPT_PARAMETERS
            .into_iter()
            .zip([what, &self.product, &self.status, &self.gone])
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| view! { <input type="hidden" name=name value=value.to_owned() /> }.into_any())
            .collect()
    }

    /// What the last undoing on the panel `id` led to, if it was one.
    fn undone(&self, id: &str) -> Option<(String, Option<String>)> {
        let wording = self.wording;
        if self.done.strip_prefix("undone:") == Some(id) {
            return Some((wording.undone().to_owned(), None));
        }
        let (_, error) = self.request.posted::<Undo>().filter(|(form, _)| form.panel == id)?;
        Some((String::new(), error.map(|error| wording.wire_error(&error))))
    }
}

fn content(
    context: &AccountContext,
    account: AccountInformation,
    candidates: Vec<FoundPerson>,
    concerned: Option<DeactivationScope>,
    of_partner: bool,
) -> AnyView {
    let AccountContext { request, wording, done, .. } = context;
    let wording = *wording;
    let added = done.split(':').next() == Some("added");
    let emptied = wording.emptied_fields(&forms::emptied(done));
    let added =
        added.then(|| view! { <Notice tone=Tone::Good text=format!("{} {emptied}", wording.account_added()).trim_end().to_owned() /> });
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
    let contacts = contacts::contacts(context, &account.contacts, candidates, account.edit_contacts);
    let reports = contacts::reports(context, account.reports.clone(), account.report);
    let subscriptions = subscriptions::panel(context, &account);
    let activity = activity::panel(context, &account.activity);
    let lifecycle = lifecycle::panel(context, &account, concerned);
    let banner = lifecycle::banner(context, &account);
    let seen = RecentRecords::new(account.activity.iter().map(|record| record.id));
    let services = services::panels(context, account.services.clone(), &account.activity);
    let undone = context.undone(CUSTOMER).map(|_| said(context, CUSTOMER, "", None));
    let form = customer_form(context, account);
    view! {
        <div class="head" id="account-head" data-part="" data-seen=seen.to_string() data-deleted=(status == AccountStatus::Deleted).then_some("")>
            <div>
                {crumbs}
                <h1><bdi>{name}</bdi></h1>
                <div class="facts">
                    <Badge tone=tone(status) label=wording.account_status(status) />
                    <span>{wording.account_id()}" "<span class="number">{number.grouped()}</span></span>
                </div>
            </div>
        </div>
        {added}
        <div id="account-banner" data-part="">{banner}</div>
        <div class="panels">
            <Panel id=CUSTOMER heading=wording.customer_information()>
                {read_only}
                {form}
                {undone}
            </Panel>
            {contacts}
            {reports}
            {services}
            {subscriptions}
            {activity}
            {lifecycle}
        </div>
        <LiveForms events=format!("{}?account={number}", paths::EVENTS) />
    }
    .into_any()
}

/// What a form of the panel `id` led to, with what undoes it. It stands at the end of the panel, in a place
/// that is always there, so that nothing moves under the pointer.
fn said(context: &AccountContext, id: &'static str, said: &str, problem: Option<String>) -> AnyView {
    let (said, problem) = context.undone(id).unwrap_or((said.to_owned(), problem));
    let undo = context.undo.filter(|_| !said.is_empty() && problem.is_none()).map(|record| undo(context, id, record));
    view! {
        <div class="saying" data-saying="">
            <p class="said" role="status" data-said="" inner_html=with_isolates(&said)></p>
            {undo}
            {problem.map(|problem| view! { <p class="notice bad" role="alert">{problem}</p> })}
        </div>
    }
    .into_any()
}

/// The button that undoes what was just done on the panel `id`.
fn undo(context: &AccountContext, id: &'static str, record: i64) -> AnyView {
    undoing(context, id, record, context.wording.undo())
}

/// A button that undoes the change of `record`.
fn undoing(context: &AccountContext, id: &'static str, record: i64, label: &'static str) -> AnyView {
    view! {
        <form method="post" action=context.action(id) data-live="">
            <input type="hidden" name=forms::FORM value=Undo::PATH />
            <input type="hidden" name="number" value=context.number.to_string() />
            <input type="hidden" name="record" value=record.to_string() />
            <input type="hidden" name="panel" value=id />
            <button class="button small">{label}</button>
        </form>
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

fn customer_form(context: &AccountContext, account: AccountInformation) -> AnyView {
    let (request, wording) = (&context.request, context.wording);
    let saved = context.done.split(':').next() == Some("saved");
    let stored = account.customer;
    let emptied = if saved { forms::emptied(&context.done) } else { Vec::new() };
    let (typed, version, refused, history) = match request.posted::<SaveCustomerInformation>() {
        Some((form, error)) => {
            // A refused edit goes on from the version that it began with; where two edits met, from
            // the one that is stored, with what the other edit changed.
            let (typed, version) = match &error {
                Some(WireError::Conflict(conflict)) => (conflict.merged.clone(), conflict.version),
                _ => (form.customer, form.version),
            };
            (typed, version, error, form.history)
        }
        None => (stored.clone(), account.version, None, CountryHistory { emptied, ..CountryHistory::default() }),
    };
    let history = CountryHistory { shown: typed.country.clone(), ..history };
    let shape = CountryShape::new(forms::format_of(&typed), &typed.subdivision, wording);
    let saved = saved && refused.is_none();
    let undo = context.undo.filter(|_| saved);
    let read_only = read_only_reason(account.edit);
    view! { <CustomerPanel number=account.number version stored typed shape history refused saved undo read_only /> }
        .into_any()
}

const fn read_only_reason(edit: Decision) -> Option<Reason> {
    match edit {
        Decision::Allowed | Decision::Hidden => None,
        Decision::Forbidden(reason) => Some(reason),
    }
}
