//! What has to be done before an integration works.

use domain::{
    account_number::AccountNumber,
    integrations::{IntegrationKey, SetUp, State},
    view::integrations::IntegrationView,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{AccountState, AccountView, Opened, Opener, integrations::PANEL, query_value};
use crate::{
    error::WireError,
    form::{Hidden, PostForm, Submission},
    message::Done,
    ui::{Refusal, SecretField, TextField},
    wording::Wording,
};

/// Draws a new one-time code for the gateway.
#[server(prefix = "/api", endpoint = "renew_gateway_code")]
pub async fn renew_gateway_code(number: AccountNumber) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::integrations::gateway::renew(&request.backend, &caller, number).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(Done::with(Outcome::GatewayCodeRenewed, super::next(&request, number, PANEL, true), now))
}

/// What is typed of an application registered at Microsoft, but for its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypedRegistration {
    /// A name for it.
    pub name: String,
    /// The directory (tenant): its GUID, or a domain of it.
    pub tenant_id: String,
    /// The application (client) id.
    pub client_id: String,
}

/// Sets an integration up by an application registered at Microsoft.
#[server(prefix = "/api", endpoint = "set_up_registration")]
pub async fn set_up_registration(
    number: AccountNumber,
    key: IntegrationKey,
    #[server(flatten)] registration: TypedRegistration,
    #[server(default)] client_secret: String,
    #[server(default)] new_secret: bool,
    #[server(default)] presence_both_ways: bool,
) -> Result<Done<AccountView>, WireError> {
    use service::integrations::microsoft::{RegistrationForm, register};

    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let TypedRegistration { name, tenant_id, client_id } = registration;
    let registration = &domain::view::integrations::AppRegistration { name, tenant_id, client_id };
    let client_secret = client_secret.into();
    let form = RegistrationForm { key: key.clone(), registration, client_secret, new_secret, presence_both_ways };
    register(&request.backend, &caller, number, &form).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    let outcome = Outcome::RegistrationSaved(now.integration_name(&key));
    Ok(Done::with(outcome, super::next(&request, number, PANEL, false), now))
}

/// Begins an administrator's consent, which goes on at Microsoft.
#[server(prefix = "/api", endpoint = "begin_consent")]
pub async fn begin_consent(number: AccountNumber) -> Result<Done, WireError> {
    use crate::request::{current, refuse};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let (_, session) = request.session().map_err(refuse)?;
    let address = service::integrations::microsoft::begin_consent(&request.backend, &caller, session, number).await;
    address.map_err(refuse).map(Done::silently)
}

/// What has to be done at the integration `shown`, if anything has.
#[component]
pub(super) fn SetUpOf(account: AccountState, shown: IntegrationView) -> impl IntoView {
    let wording = Wording::current();
    match (shown.application.set_up, shown.state) {
        (Some(SetUp::GatewayOnboarding), State::NeedsSetUp) => view! { <Gateway account shown /> }.into_any(),
        (Some(SetUp::AppRegistration), state) if state != State::Off => {
            view! { <Registration account shown /> }.into_any()
        }
        (Some(SetUp::AdministratorConsent), State::NeedsSetUp) => view! { <Consent account /> }.into_any(),
        (Some(SetUp::IdentityProvider | SetUp::ScimToken), State::NeedsSetUp) => {
            view! { <p>{wording.set_up_unavailable()}</p> }.into_any()
        }
        _ => ().into_any(),
    }
}

#[component]
fn Gateway(account: AccountState, shown: IntegrationView) -> impl IntoView {
    let wording = Wording::current();
    let submission = Submission::of::<RenewGatewayCode, _>(move |now, sent| account.set(now, sent));
    let code = shown.gateway_code.map(|code| {
        if code.expired {
            return view! { <p>{wording.gateway_code_expired()}</p> }.into_any();
        }
        let until = wording.gateway_code_until(&wording.date_and_time(code.expires_at));
        view! {
            <p>{wording.gateway_lead()}</p>
            <p class="code" translate="no"><span class="soft">{wording.gateway_code()}</span> <code>{code.code}</code></p>
            <p class="soft small">{until}</p>
        }
        .into_any()
    });
    view! {
        <div class="set-up">
            {code}
            <PostForm submission action=account.panel_path(PANEL)>
                <Hidden name="number" value=account.number.to_string() />
                <button class="button small" aria-disabled=submission.busy()>{wording.gateway_new_code()}</button>
            </PostForm>
            <Refusal text=Signal::derive(move || submission.problem(wording)) />
        </div>
    }
}

#[component]
fn Consent(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    if !account.read(|view| view.consent_configured) {
        return view! { <p>{wording.consent_not_configured()}</p> }.into_any();
    }
    let submission = Submission::of::<BeginConsent, _>(|(), _| {});
    view! {
        <div class="set-up">
            <p>{wording.consent_lead()}</p>
            <PostForm submission action=account.panel_path(PANEL)>
                <Hidden name="number" value=account.number.to_string() />
                <button class="button small" aria-disabled=submission.busy()>{wording.consent_begin()}</button>
            </PostForm>
            <Refusal text=Signal::derive(move || submission.problem(wording)) />
        </div>
    }
    .into_any()
}

#[component]
fn Registration(account: AccountState, shown: IntegrationView) -> impl IntoView {
    let wording = Wording::current();
    let key = shown.application.key.to_string();
    let open = query_value("open");
    let submission =
        Submission::among::<SetUpRegistration, _>(&[("key", &key)], move |now, sent| account.set(now, sent));
    let label = if shown.registration.is_some() { wording.change_set_up() } else { wording.set_up() };
    let own = key.clone();
    let is_open = Memo::new(move |_| open.with(|open| *open == own) || submission.is_begun());
    move || {
        if is_open.get() {
            view! { <RegistrationFields account shown=shown.clone() submission /> }.into_any()
        } else {
            view! { <Opener account panel=PANEL what=key.clone() label /> }.into_any()
        }
    }
}

#[component]
fn RegistrationFields(account: AccountState, shown: IntegrationView, submission: Submission) -> impl IntoView {
    let wording = Wording::current();
    let kept = shown.registration.is_some();
    let stored = shown.registration.unwrap_or_default();
    // A secret that was typed and refused is not shown again, and has to be typed again.
    let new_secret = submission.was_refused() && submission.typed("new_secret").as_deref() == Some("true");
    let both_ways = submission.typed("presence_both_ways").map_or(shown.presence_both_ways, |typed| typed == "true");
    let secret_hint = match (new_secret, kept) {
        (true, _) => wording.client_secret_again(),
        (false, true) => wording.client_secret_kept(),
        (false, false) => wording.client_secret_hint(),
    };
    let required = Some(wording.required());
    let error = move |name| submission.field_error(name, wording);
    let offers_presence = shown.application.presence_needs.is_some();
    super::close_when_done(account, submission);
    view! {
        <Opened>
            <p class="soft">{wording.registration_lead()}</p>
            <Refusal text=Signal::derive(move || submission.problem(wording)) />
            <PostForm submission action=account.panel_path(PANEL) class="fields" keeps=true>
                <Hidden name="number" value=account.number.to_string() />
                <Hidden name="key" value=shown.application.key.to_string() />
                <TextField
                    name="name" id="registration-name" label=wording.registration_name()
                    value=submission.typed_or("name", &stored.name) error=error("name") required
                />
                <TextField
                    name="tenant_id" label=wording.tenant_id() value=submission.typed_or("tenant_id", &stored.tenant_id)
                    hint=Some(wording.tenant_id_hint()) error=error("tenant_id") required width="three"
                />
                <TextField
                    name="client_id" label=wording.client_id() value=submission.typed_or("client_id", &stored.client_id)
                    hint=Some(wording.client_id_hint()) error=error("client_id") required width="three"
                />
                <Hidden name="new_secret" value=new_secret.to_string() />
                <SecretField
                    name="client_secret" label=wording.client_secret() hint=secret_hint error=error("client_secret")
                    required=required.filter(|_| !kept || new_secret)
                />
                {offers_presence.then(|| view! { <Presence both_ways /> })}
                <div class="six">
                    <button class="button main" aria-disabled=submission.busy()>{wording.save()}</button>
                </div>
            </PostForm>
            <Opener account panel=PANEL what="" label=wording.cancel() discards=submission />
        </Opened>
    }
}

#[component]
fn Presence(both_ways: bool) -> impl IntoView {
    let wording = Wording::current();
    view! {
        <fieldset class="choices six">
            <legend>{wording.presence()}</legend>
            <label>
                <input type="radio" name="presence_both_ways" value="false" checked=!both_ways />
                {wording.presence_choice_one()}
            </label>
            <label>
                <input type="radio" name="presence_both_ways" value="true" checked=both_ways />
                {wording.presence_choice_both()}
            </label>
        </fieldset>
    }
}
