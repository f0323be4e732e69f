//! The panels of integrations, privileges and call services.

use domain::{
    activity::Change,
    customer::FieldErrors,
    foreign_text,
    integrations::{Group, Privilege, SetUp, State},
    rights::Decision,
};
use leptos::{prelude::*, server_fn::ServerFn};
use service::{
    activity::find::ActivityRecord,
    integrations::{RemovedConfiguration, IntegrationView, PrivilegeView, AccountServices, microsoft::AppRegistration},
};

use super::{
    AccountContext,
    confirm::{self, CANCEL, Question},
    read_only_reason,
};
use crate::{
    api::{
        BeginConsent, OptimiseBandwidth, RemoveIntegration, RenewGatewayCode, SetUpRegistration, SwitchIntegration,
        SwitchPrivilege, TypedRegistration,
    },
    error::WireError,
    forms,
    ui::{Badge, Panel, SecretField, Switch, TextField, Tone},
    wording::Wording,
};

/// The three panels.
pub(super) fn panels(context: &AccountContext, services: AccountServices, activity: &[ActivityRecord]) -> AnyView {
    let wording = context.wording;
    let integrations = integrations(context, services.integrations, services.edit_integrations, activity);
    let privileges = privileges(context, services.privileges, services.edit_privileges);
    let call_services = call_services(context, services.bandwidth_optimisation, services.edit_call_services);
    view! {
        <Panel id="integrations" heading=wording.integrations()>{integrations}</Panel>
        <Panel id="privileges" heading=wording.privileges()>{privileges}</Panel>
        <Panel id="call-services" heading=wording.call_services()>{call_services}</Panel>
    }
    .into_any()
}

/// What the last form of this panel led to: what there is to say, and what has to be confirmed.
#[derive(Default)]
struct Outcome {
    said: String,
    problem: Option<String>,
    question: Option<Question>,
}

impl Outcome {
    fn of(error: Option<WireError>, wording: Wording, question: impl FnOnce() -> Question) -> Self {
        match error {
            Some(WireError::Unconfirmed { effects }) => {
                Self { question: Some(Question { effects, ..question() }), ..Self::default() }
            }
            Some(error) => Self { problem: Some(wording.wire_error(&error)), ..Self::default() },
            None => Self::default(),
        }
    }

    fn view(self, context: &AccountContext, panel: &'static str) -> AnyView {
        let catalogue = &context.request.backend.settings.catalogue;
        let question = self.question.map(|question| confirm::dialogue(question, context, catalogue));
        view! {
            {super::said(context, panel, &self.said, self.problem)}
            {question.map(|question| view! { <div class="asking">{question}</div> })}
        }
        .into_any()
    }
}

fn integrations(
    context: &AccountContext,
    all: Vec<IntegrationView>,
    edit: Decision,
    activity: &[ActivityRecord],
) -> AnyView {
    let wording = context.wording;
    let outcome = integrations_outcome(context, &all, activity);
    let reason = read_only_reason(edit).map(|reason| wording.reason(reason));
    let (mitel, third): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|integration| integration.application.group == Group::Mitel);
    let group = |heading: &'static str, integrations: Vec<IntegrationView>| {
        let rows: Vec<_> = integrations.into_iter().map(|one| integration(context, &one, reason.is_none())).collect();
        view! {
            <div class="group-of-switches">
                <h3>{heading}</h3>
                <ul class="switches">{rows}</ul>
            </div>
        }
    };
    view! {
        <div class="body">
            {reason.map(|reason| view! { <p class="notice neutral">{reason}</p> })}
            {group(wording.integrations_mitel(), mitel)}
            {group(wording.integrations_third_party(), third)}
        </div>
        {outcome.view(context, "integrations")}
    }
    .into_any()
}

fn integrations_outcome(context: &AccountContext, all: &[IntegrationView], activity: &[ActivityRecord]) -> Outcome {
    let (request, wording) = (&context.request, context.wording);
    let catalogue = &request.backend.settings.catalogue;
    let number = ("number", context.number.to_string());
    if let Some((form, error)) = request.posted::<SwitchIntegration>() {
        return Outcome::of(error, wording, || Question {
            panel: "integrations",
            heading: if form.on {
                wording.confirm_switch_on(catalogue.name(&form.key))
            } else {
                wording.confirm_switch_off(catalogue.name(&form.key))
            },
            effects: Vec::new(),
            form: SwitchIntegration::PATH,
            fields: vec![number, ("key", form.key.to_string()), ("on", form.on.to_string())],
            removes: false,
        });
    }
    if let Some((form, error)) = request.posted::<RemoveIntegration>() {
        return Outcome::of(error, wording, || Question {
            panel: "integrations",
            heading: wording.confirm_remove(catalogue.name(&form.key)),
            effects: Vec::new(),
            form: RemoveIntegration::PATH,
            fields: vec![number, ("key", form.key.to_string())],
            removes: true,
        });
    }
    let refused = request
        .posted::<RenewGatewayCode>()
        .and_then(|(_, error)| error)
        .or_else(|| request.posted::<BeginConsent>().and_then(|(_, error)| error));
    if let Some(error) = refused {
        return Outcome { problem: Some(wording.wire_error(&error)), ..Outcome::default() };
    }
    Outcome { said: integrations_said(context, all, activity), ..Outcome::default() }
}

/// What the address of the page says was just done.
fn integrations_said(context: &AccountContext, all: &[IntegrationView], activity: &[ActivityRecord]) -> String {
    let wording = context.wording;
    let of = |key: &str| all.iter().find(|one| one.application.key.as_str() == key);
    match context.done.split_once(':').unwrap_or((&context.done, "")) {
        ("integration", key) => of(key).map_or_else(String::new, |one| {
            let mut said = vec![wording.now_in_state(&one.application.name, wording.integration_state(one.state))];
            said.extend(turned_on(context, activity));
            said.extend(one.removed.map(|_| wording.configuration_restorable().to_owned()));
            said.join(" ")
        }),
        ("set-up", key) => of(key).map_or_else(String::new, |one| wording.registration_saved(&one.application.name)),
        ("gateway-code", _) => wording.gateway_code_renewed().to_owned(),
        ("consent-granted", _) => wording.consent_granted().to_owned(),
        ("consent-denied", _) => wording.consent_denied().to_owned(),
        ("consent-failed", _) => wording.consent_not_completed().to_owned(),
        ("consent-ended", _) => consent_stands(all, wording),
        _ => String::new(),
    }
}

/// Where the consent stands that was answered before.
fn consent_stands(all: &[IntegrationView], wording: Wording) -> String {
    let consents = |one: &&IntegrationView| one.application.set_up == Some(SetUp::AdministratorConsent);
    let states = all.iter().filter(consents);
    let states = states.map(|one| wording.now_in_state(&one.application.name, wording.integration_state(one.state)));
    states.collect::<Vec<_>>().join(" ")
}

/// The privileges that were turned on with what was just done.
fn turned_on<'a>(context: &'a AccountContext, activity: &'a [ActivityRecord]) -> impl Iterator<Item = String> + 'a {
    let record = activity.iter().find(|record| Some(record.id) == context.undo);
    let changes = record.map_or(&[][..], |record| &record.changes);
    let key = |change: &'a Change| change.field.strip_prefix("privilege:").filter(|_| change.new == "on");
    let privileges = changes.iter().filter_map(key).filter_map(Privilege::from_key);
    privileges.map(|privilege| context.wording.privilege_turned_on(context.wording.privilege(privilege)))
}

const fn tone(state: State) -> Tone {
    match state {
        State::Off | State::Paused => Tone::Neutral,
        State::NeedsSetUp => Tone::Warn,
        State::On => Tone::Good,
        State::Failing => Tone::Bad,
    }
}

fn integration(context: &AccountContext, shown: &IntegrationView, may: bool) -> AnyView {
    let wording = context.wording;
    let key = shown.application.key.clone();
    let needs = (!shown.on && !shown.needs.is_empty()).then(|| wording.needs_first(&shown.needs.join(", ")));
    let disabled = !may || needs.is_some();
    let form = SwitchIntegration::PATH;
    let fields = vec![("number", context.number.to_string()), ("key", key.to_string())];
    let id = format!("integration-{key}");
    let details: Vec<_> =
        details(shown, wording).into_iter().chain(needs).map(|text| view! { <p>{text}</p> }).collect();
    let removable = may && matches!(shown.state, State::Paused | State::Failing | State::On);
    let remove = (removable && shown.application.set_up.is_some()).then(|| remove(context, shown));
    let set_up = may.then(|| set_up(context, shown));
    let removed = shown.removed.filter(|_| may).map(|removed| removed_configuration(context, removed));
    view! {
        <li class="switched" id=id.clone()>
            <Switch
                id=&id path=context.action(if shown.asks { CANCEL } else { "integrations" }) form fields on=shown.on asks=shown.asks disabled
                label=shown.application.name.clone()
            />
            <div class="about">
                <p class="soft" id=format!("integration-{key}-text")>
                    <Badge tone=tone(shown.state) label=wording.integration_state(shown.state) />
                    " " {shown.application.description.get(context.request.locale).to_owned()}
                </p>
                {details}
                {set_up}
                {remove}
                {removed}
            </div>
        </li>
    }
    .into_any()
}

/// What there is to know of an integration's present state.
fn details(shown: &IntegrationView, wording: Wording) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(failure) = &shown.failure {
        let reason = foreign_text::one_line(wording.failure_reason(&failure.reason), 300);
        all.push(wording.failing_since(&wording.date_and_time(failure.since), &reason));
    }
    for &privilege in &shown.missing {
        all.push(wording.privilege_missing(&shown.application.name, wording.privilege(privilege)));
    }
    if shown.state == State::NeedsSetUp {
        let privileges = shown.application.privileges.iter();
        all.extend(privileges.map(|&privilege| wording.privilege_with_set_up(wording.privilege(privilege))));
    }
    let running = matches!(shown.state, State::On | State::Failing);
    if running && shown.application.presence_needs.is_some() {
        let text = if shown.presence_both_ways { wording.presence_both_ways() } else { wording.presence_one_way() };
        all.push(text.to_owned());
    }
    if shown.state == State::Paused {
        all.push(wording.paused_kept().to_owned());
    }
    all
}

fn remove(context: &AccountContext, shown: &IntegrationView) -> AnyView {
    let wording = context.wording;
    view! {
        <form method="post" action=context.action(CANCEL) data-live="" data-asks="">
            <input type="hidden" name=forms::FORM value=RemoveIntegration::PATH />
            <input type="hidden" name="number" value=context.number.to_string() />
            <input type="hidden" name="key" value=shown.application.key.to_string() />
            <button class="button small" id=format!("remove-{}", shown.application.key) aria-label=wording.remove_named(&shown.application.name)>
                {wording.remove()}
            </button>
        </form>
    }
    .into_any()
}

/// The configuration of an integration that was removed, and the way to have it back.
fn removed_configuration(context: &AccountContext, removed: RemovedConfiguration) -> AnyView {
    let wording = context.wording;
    let until = wording.configuration_kept_until(&wording.date_and_time(removed.until));
    view! {
        <p class="soft small">{until}</p>
        {super::undoing(context, "integrations", removed.record, wording.restore_configuration())}
    }
    .into_any()
}

/// What has to be done before an integration works.
fn set_up(context: &AccountContext, shown: &IntegrationView) -> AnyView {
    let wording = context.wording;
    match (shown.application.set_up, shown.state) {
        (Some(SetUp::GatewayOnboarding), State::NeedsSetUp) => gateway(context, shown),
        (Some(SetUp::AppRegistration), state) if state != State::Off => registration(context, shown),
        (Some(SetUp::AdministratorConsent), State::NeedsSetUp) => consent(context),
        (Some(SetUp::IdentityProvider | SetUp::ScimToken), State::NeedsSetUp) => {
            view! { <p>{wording.set_up_unavailable()}</p> }.into_any()
        }
        _ => ().into_any(),
    }
}

fn gateway(context: &AccountContext, shown: &IntegrationView) -> AnyView {
    let wording = context.wording;
    let code = shown.gateway_code.as_ref().map(|code| {
        if code.expired {
            return view! { <p>{wording.gateway_code_expired()}</p> }.into_any();
        }
        let until = wording.gateway_code_until(&wording.date_and_time(code.expires_at));
        view! {
            <p>{wording.gateway_lead()}</p>
            <p class="code"><span class="soft">{wording.gateway_code()}</span> <code>{code.code.clone()}</code></p>
            <p class="soft small">{until}</p>
        }
        .into_any()
    });
    view! {
        <div class="set-up">
            {code}
            <form method="post" action=context.action("integrations") data-live="">
                <input type="hidden" name=forms::FORM value=RenewGatewayCode::PATH />
                <input type="hidden" name="number" value=context.number.to_string() />
                <button class="button small">{wording.gateway_new_code()}</button>
            </form>
        </div>
    }
    .into_any()
}

fn consent(context: &AccountContext) -> AnyView {
    let wording = context.wording;
    if context.request.backend.settings.microsoft.application.is_none() {
        return view! { <p>{wording.consent_not_configured()}</p> }.into_any();
    }
    view! {
        <div class="set-up">
            <p>{wording.consent_lead()}</p>
            <form method="post" action=context.action("integrations")>
                <input type="hidden" name=forms::FORM value=BeginConsent::PATH />
                <input type="hidden" name="number" value=context.number.to_string() />
                <button class="button small">{wording.consent_begin()}</button>
            </form>
        </div>
    }
    .into_any()
}

fn registration(context: &AccountContext, shown: &IntegrationView) -> AnyView {
    let (request, wording) = (&context.request, context.wording);
    let key = &shown.application.key;
    let posted = request.posted::<SetUpRegistration>().filter(|(form, _)| form.key == *key);
    let refused = posted.is_some();
    let stored = shown.registration.clone().unwrap_or_default();
    let kept = shown.registration.is_some();
    let (typed, both_ways, new_secret, error) = match posted {
        Some((form, error)) => {
            let new_secret = form.new_secret || !form.client_secret.is_empty();
            (form_registration(form.registration), form.presence_both_ways, new_secret, error)
        }
        None => (stored, shown.presence_both_ways, false, None),
    };
    let keeps = kept && !new_secret;
    let errors = match &error {
        Some(WireError::Invalid { fields }) => fields.clone(),
        _ => Vec::new(),
    };
    let error_of = |name: &str| field_error(&errors, name, wording);
    let problem = error.filter(|_| errors.is_empty()).map(|error| wording.wire_error(&error));
    if !refused && context.open != key.as_str() {
        let label = if kept { wording.change_set_up() } else { wording.set_up() };
        return super::opener(context, "integrations", key.as_str(), label);
    }
    let secret_hint = match (new_secret, kept) {
        (true, _) => wording.client_secret_again(),
        (false, true) => wording.client_secret_kept(),
        (false, false) => wording.client_secret_hint(),
    };
    let offers_presence = shown.application.presence_needs.is_some();
    let presence = offers_presence.then(|| presence(both_ways, wording));
    let required = Some(wording.required());
    view! {
        <div class="opened">
            <p class="soft">{wording.registration_lead()}</p>
            {problem.map(|problem| view! { <p class="notice bad" role="alert">{problem}</p> })}
            <form method="post" action=context.action("integrations") class="fields" novalidate=true data-live="">
                <input type="hidden" name=forms::FORM value=SetUpRegistration::PATH />
                <input type="hidden" name="number" value=context.number.to_string() />
                <input type="hidden" name="key" value=key.to_string() />
                <TextField name="name" id="registration-name" label=wording.registration_name() value=typed.name
                    error=error_of("name") required />
                <TextField name="tenant_id" label=wording.tenant_id() value=typed.tenant_id
                    hint=Some(wording.tenant_id_hint()) error=error_of("tenant_id") required width="three" />
                <TextField name="client_id" label=wording.client_id() value=typed.client_id
                    hint=Some(wording.client_id_hint()) error=error_of("client_id") required width="three" />
                <input type="hidden" name="new_secret" value=new_secret.to_string() />
                <SecretField name="client_secret" label=wording.client_secret() hint=secret_hint
                    error=error_of("client_secret") required=required.filter(|_| !keeps) />
                {presence}
                <div class="six"><button class="button main">{wording.save()}</button></div>
            </form>
            {super::opener(context, "integrations", "", wording.cancel())}
        </div>
    }
    .into_any()
}

/// What was typed into the form, but for the secret, which is never shown.
fn form_registration(typed: TypedRegistration) -> AppRegistration {
    let TypedRegistration { name, tenant_id, client_id } = typed;
    AppRegistration { name, tenant_id, client_id }
}

fn presence(both_ways: bool, wording: Wording) -> AnyView {
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
    .into_any()
}

/// What is wrong with the field `name`, as its control takes it.
pub(super) fn field_error(errors: &FieldErrors, name: &str, wording: Wording) -> Signal<Option<String>> {
    let error = errors.iter().find(|(field, _)| field == name).map(|(_, error)| wording.field_error(error));
    Signal::stored(error)
}

fn privileges(context: &AccountContext, all: Vec<PrivilegeView>, edit: Decision) -> AnyView {
    let wording = context.wording;
    let may = read_only_reason(edit).is_none();
    let posted = context.request.posted::<SwitchPrivilege>();
    let outcome = match posted {
        Some((form, error)) => Outcome::of(error, wording, || Question {
            panel: "privileges",
            heading: if form.on {
                wording.confirm_switch_on(wording.privilege(form.privilege))
            } else {
                wording.confirm_switch_off(wording.privilege(form.privilege))
            },
            effects: Vec::new(),
            form: SwitchPrivilege::PATH,
            fields: vec![
                ("number", context.number.to_string()),
                ("privilege", form.privilege.key().to_owned()),
                ("on", form.on.to_string()),
            ],
            removes: false,
        }),
        None => Outcome { said: privileges_said(context, &all), ..Outcome::default() },
    };
    let rows: Vec<_> = all.into_iter().map(|one| privilege(context, &one, may)).collect();
    view! {
        <div class="body">
            <ul class="switches">{rows}</ul>
        </div>
        {outcome.view(context, "privileges")}
    }
    .into_any()
}

fn privileges_said(context: &AccountContext, all: &[PrivilegeView]) -> String {
    let Some(("privilege", key)) = context.done.split_once(':') else { return String::new() };
    let wording = context.wording;
    let found = all.iter().find(|one| one.privilege.key() == key);
    found.map_or_else(String::new, |one| {
        wording.now_in_state(wording.privilege(one.privilege), wording.privilege_state(one.privilege, one.on))
    })
}

fn privilege(context: &AccountContext, shown: &PrivilegeView, may: bool) -> AnyView {
    let wording = context.wording;
    let id = format!("privilege-{}", shown.privilege.key());
    let hint = match shown.privilege {
        Privilege::DelegatedAuthentication => wording.delegated_authentication_hint(),
        Privilege::GuestAccess => wording.guest_access_hint(),
    };
    let names = shown.wanted_by.join(", ");
    let by_integrations = (!names.is_empty())
        .then(|| if shown.on { wording.privilege_by_integrations(&names) } else { wording.privilege_wanted(&names) });
    let by_person = shown.set_by.as_deref().filter(|_| shown.on).map(|name| wording.privilege_by_person(name));
    let why: Vec<_> = by_person.into_iter().chain(by_integrations).map(|text| view! { <p>{text}</p> }).collect();
    let fields = vec![("number", context.number.to_string()), ("privilege", shown.privilege.key().to_owned())];
    view! {
        <li class="switched" id=id.clone()>
            <Switch
                id=&id path=context.action(if shown.asks { CANCEL } else { "privileges" }) form=SwitchPrivilege::PATH fields on=shown.on asks=shown.asks
                disabled=!may label=wording.privilege(shown.privilege).to_owned()
            />
            <div class="about" id=format!("{id}-text")>
                <p class="soft">{hint}</p>
                {why}
            </div>
        </li>
    }
    .into_any()
}

fn call_services(context: &AccountContext, on: bool, edit: Decision) -> AnyView {
    let wording = context.wording;
    let disabled = read_only_reason(edit).is_some();
    let problem = context
        .request
        .posted::<OptimiseBandwidth>()
        .and_then(|(_, error)| error)
        .map(|error| wording.wire_error(&error));
    let said = if context.done == "bandwidth" {
        wording.now_in_state(wording.bandwidth_optimisation(), wording.switch_state(on))
    } else {
        String::new()
    };
    let fields = vec![("number", context.number.to_string())];
    let id = "bandwidth-optimisation".to_owned();
    view! {
        <div class="body">
            <ul class="switches">
                <li class="switched" id=id.clone()>
                    <Switch
                        id=&id path=context.action("call-services") form=OptimiseBandwidth::PATH fields on asks=false disabled
                        label=wording.bandwidth_optimisation().to_owned()
                    />
                    <div class="about" id="bandwidth-optimisation-text">
                        <p class="soft">{wording.bandwidth_optimisation_hint()}</p>
                    </div>
                </li>
            </ul>
        </div>
        {super::said(context, "call-services", &said, problem)}
    }
    .into_any()
}
