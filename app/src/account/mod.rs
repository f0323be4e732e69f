//! The Account information page.

mod call_services;
mod contacts;
pub(crate) mod customer_information;
mod integrations;
mod lifecycle;
mod privileges;
mod question;
mod reports;
mod set_up;
mod state;
mod subscriptions;
pub(crate) mod undo;

use std::collections::BTreeMap;

use domain::{
    account::AccountStatus,
    rights::{Decision, Reason},
    view::account::AccountInformation,
};
use leptos::{html, prelude::*, web_sys};
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub(crate) use self::customer_information::fields::label_of;
pub(crate) use self::{question::CANCEL, state::AccountState, subscriptions::tone as subscription_tone};
#[cfg(feature = "ssr")]
use crate::activity::record_view;
use crate::{
    activity::{RecordView, Records},
    error::WireError,
    form::{Hidden, Submission},
    layout::WorkingIn,
    navigation,
    page::{PageTitle, Problem},
    panel::Panel,
    paths,
    session::Session,
    ui::{Badge, Tone, dom::focus_when_made},
    wording::Wording,
};
#[cfg(feature = "ssr")]
use domain::account_number::AccountNumber;

/// An account as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountView {
    /// What is stored.
    pub information: AccountInformation,
    /// The region in which its data is held, by name.
    pub cloud_location: String,
    /// Whether the operator has configured the application that an administrator consents to.
    pub consent_configured: bool,
    /// The addresses on the page whose domains are of other scripts, as people read them.
    pub readable_addresses: BTreeMap<String, String>,
    /// The latest records of activity, the latest first.
    pub activity: Vec<RecordView>,
}

/// The account `number`, for its page.
#[server(prefix = "/api", endpoint = "load_account")]
pub async fn load_account(number: String) -> Result<AccountView, WireError> {
    use crate::request::{current, refuse};
    let number = number.parse().map_err(|_| refuse(WireError::NotFound))?;
    view(&current(), number).await.map_err(refuse)
}

/// The account `number` as it is stored now.
#[cfg(feature = "ssr")]
pub(crate) async fn view(request: &crate::request::Request, number: AccountNumber) -> Result<AccountView, WireError> {
    let caller = request.caller()?;
    let mut information = service::accounts::information::find(&request.backend, &caller, number).await?;
    let activity = std::mem::take(&mut information.activity);
    withhold_operators_details(&mut information);
    let settings = &request.backend.settings;
    Ok(AccountView {
        cloud_location: settings.cloud_location_name(&information.cloud_location, request.locale).to_owned(),
        readable_addresses: readable_addresses(&information),
        consent_configured: settings.microsoft.application.is_some(),
        activity: activity.into_iter().map(|record| record_view(request, record)).collect(),
        information,
    })
}

/// Removes what the operator's own mail server said: that is for the operator's log, not for customers.
#[cfg(feature = "ssr")]
fn withhold_operators_details(information: &mut AccountInformation) {
    use domain::mail::MailFailure;
    let mails = information.contacts.iter_mut().filter_map(|contact| contact.last_mail.as_mut());
    let deliveries = information.reports.iter_mut().flat_map(|report| &mut report.deliveries);
    let details = mails.map(|mail| (mail.failure, &mut mail.detail));
    let details = details.chain(deliveries.map(|mail| (mail.failure, &mut mail.detail)));
    for (failure, detail) in details {
        if failure.is_some_and(MailFailure::is_operators) {
            *detail = None;
        }
    }
}

#[cfg(feature = "ssr")]
fn readable_addresses(information: &AccountInformation) -> BTreeMap<String, String> {
    let contacts = information.contacts.iter().map(|contact| &contact.email);
    let recipients =
        information.reports.iter().flat_map(|report| &report.deliveries).map(|delivery| &delivery.recipient);
    let all = contacts.chain(recipients).map(|email| (email.clone(), domain::email::readable(email)));
    all.filter(|(email, readable)| email != readable).collect()
}

/// The parts of the page's address that stay after a form: what is open, what is filtered, and what was removed.
#[cfg(feature = "ssr")]
const KEPT_PARAMETERS: [&str; 4] = ["open", "product", "status", GONE];

/// The part of the page's address that names the contacts removed on it, whose places stay empty: what
/// stands below them does not move up under the pointer.
const GONE: &str = "gone";

/// The address with which a form of the panel `id` goes on without JavaScript. What is open stays open, if `stays_open`.
#[cfg(feature = "ssr")]
fn next(request: &crate::request::Request, number: AccountNumber, panel: &str, stays_open: bool) -> String {
    let query = request.uri.split_once('?').map_or("", |(_, query)| query);
    let kept = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| KEPT_PARAMETERS.contains(&name.as_ref()) && (stays_open || name != "open"));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    format!("{}#{panel}", navigation::with_query(&paths::account(number), &query))
}

/// A button that opens the form `what` of a panel by the page's address, or closes what is open when `what` is empty.
#[component]
fn Opener(
    /// The account.
    account: AccountState,
    /// The panel.
    panel: &'static str,
    /// What is opened.
    #[prop(into)]
    what: String,
    /// What the button says.
    label: &'static str,
    /// What it is called, where that is not clear from where it stands.
    #[prop(optional_no_strip)]
    name: Option<String>,
    /// The form whose draft is forgotten.
    #[prop(optional)]
    discards: Option<Submission>,
) -> impl IntoView {
    let go = navigation::navigator();
    let query = navigation::query();
    let wanted = what.clone();
    let on_submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let Some(submission) = discards {
            submission.discard();
        }
        let query = paths::with_value(&query(), "open", &wanted);
        go.replace(&navigation::with_query(&account.path(), &query));
    };
    let button = NodeRef::<html::Button>::new();
    // Once what it opened is closed, it has the focus again.
    focus_when_made(move || button.get().map(Into::into));
    view! {
        <form method="get" action=account.panel_path(panel) on:submit=on_submit>
            <Hidden name="open" value=what />
            <button node_ref=button class="button small" aria-label=name>{label}</button>
        </form>
    }
}

/// A form that was opened by a button: its first field has the focus.
#[component]
fn Opened(children: Children) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    focus_when_made(move || {
        let fields = "input:not([type=hidden]), select, textarea";
        place.get()?.query_selector(fields).ok().flatten()
    });
    view! { <div class="opened" node_ref=place>{children()}</div> }
}

/// Closes the form that the page's address says is open, once it was done.
fn close_when_done(account: AccountState, submission: Submission) {
    let go = navigation::navigator();
    Effect::new(move |before: Option<u32>| {
        let times = submission.times_done();
        if before.is_some_and(|before| before != times) {
            go.replace(&account.path());
        }
        times
    });
}

impl AccountView {
    /// Where the integrations stand that an administrator consents to.
    #[cfg(feature = "ssr")]
    pub(crate) fn consents_in_words(&self, wording: Wording) -> String {
        use domain::integrations::SetUp;
        let all = self.information.services.integrations.iter();
        let all = all.filter(|one| one.application.set_up == Some(SetUp::AdministratorConsent));
        let states = all.map(|one| wording.now_in_state(&one.application.name, wording.integration_state(one.state)));
        states.collect::<Vec<_>>().join(" ")
    }
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
    if Session::current().person_untracked().is_some_and(|person| person.is_of_partner()) {
        WorkingIn::account(name.into());
    }
    view! {
        <PageTitle title=name />
        <Head account />
        <lifecycle::Banner account />
        <div class="panels">
            <customer_information::CustomerPanel account />
            <contacts::ContactsPanel account />
            <reports::ReportsPanel account />
            <integrations::IntegrationsPanel account />
            <privileges::PrivilegesPanel account />
            <call_services::CallServicesPanel account />
            <subscriptions::SubscriptionsPanel account />
            <ActivityPanel account />
            <lifecycle::LifecyclePanel account />
        </div>
    }
}

/// The panel of the latest records of activity.
#[component]
fn ActivityPanel(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let records = account.part(|view| view.activity.clone());
    view! {
        <Panel id="activity" heading=wording.activity()>
            <div class="body">
                {move || records.with(Vec::is_empty).then(|| view! { <p class="soft">{wording.activity_empty()}</p> })}
                {move || view! { <Records records=records.get() /> }}
                <p><a href=paths::account_activity(account.number)>{wording.activity_all()}</a></p>
            </div>
        </Panel>
    }
}

/// The name of the customer, with what the account is.
#[component]
fn Head(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let of_partner = Session::current().person_untracked().is_some_and(|person| person.is_of_partner());
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
