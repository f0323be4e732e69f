//! The panel of integrations.

use domain::{
    account_number::AccountNumber,
    foreign_text,
    integrations::{Group, IntegrationKey, State},
    view::integrations::{IntegrationView, RemovedConfiguration},
};
use leptos::prelude::*;

use super::{
    AccountState, AccountView,
    question::{CANCEL, Question},
    read_only_reason,
    set_up::SetUpOf,
    undo::Undo,
};
use crate::{
    error::WireError,
    form::{Hidden, PostForm, Submission},
    message::Done,
    panel::Panel,
    session::Session,
    ui::{Badge, Refusal, Switch, Tone},
    wording::Wording,
};

/// The panel.
pub(super) const PANEL: &str = "integrations";

/// Switches an integration, if what it causes is what was confirmed.
#[server(prefix = "/api", endpoint = "switch_integration")]
pub async fn switch_integration(
    number: AccountNumber,
    key: IntegrationKey,
    on: bool,
    #[server(default)] confirmed: String,
) -> Result<Done<AccountView>, WireError> {
    use domain::integrations::Wanted;

    use crate::request::{current, refuse};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let wanted = Wanted::Switch { key: key.clone(), on };
    let confirmed = super::question::read_confirmed(&confirmed);
    let record = service::integrations::change(&request.backend, &caller, number, &wanted, &confirmed).await;
    let record = record.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(switched(&request, &key, record, now))
}

/// Removes an integration and its configuration, if what it causes is what was confirmed.
#[server(prefix = "/api", endpoint = "remove_integration")]
pub async fn remove_integration(
    number: AccountNumber,
    key: IntegrationKey,
    #[server(default)] confirmed: String,
) -> Result<Done<AccountView>, WireError> {
    use domain::integrations::Wanted;

    use crate::request::{current, refuse};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let confirmed = super::question::read_confirmed(&confirmed);
    let wanted = Wanted::Remove { key: key.clone() };
    let record = service::integrations::change(&request.backend, &caller, number, &wanted, &confirmed).await;
    let record = record.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(switched(&request, &key, record, now))
}

/// Says what became of an integration.
#[cfg(feature = "ssr")]
fn switched(
    request: &crate::request::Request,
    key: &IntegrationKey,
    record: Option<i64>,
    now: AccountView,
) -> Done<AccountView> {
    use domain::integrations::Privilege;

    use crate::message::Outcome;
    let number = now.information.number;
    let next = super::next(request, number, PANEL, true);
    let changes = now.activity.iter().find(|shown| Some(shown.id) == record).map(|shown| &shown.recorded);
    let turned_on = changes.into_iter().flatten().filter(|change| change.new == "on");
    let privileges = turned_on.filter_map(|change| change.field.strip_prefix("privilege:"));
    let privileges = privileges.filter_map(Privilege::from_key).collect();
    let integrations = &now.information.services.integrations;
    let Some(shown) = integrations.iter().find(|one| one.application.key == *key) else {
        return Done { message: None, next, now };
    };
    let outcome = Outcome::Integration {
        name: shown.application.name.clone(),
        state: shown.state,
        turned_on: privileges,
        restorable: shown.removed.is_some_and(|removed| Some(removed.record) == record),
    };
    Done::with(outcome, next, now).undone_by(number, record)
}

impl AccountView {
    /// The name of an integration.
    pub(crate) fn integration_name(&self, key: &IntegrationKey) -> String {
        let found = self.information.services.integrations.iter().find(|one| one.application.key == *key);
        found.map_or_else(|| key.to_string(), |one| one.application.name.clone())
    }
}

/// The panel.
#[component]
pub(super) fn IntegrationsPanel(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let edit = account.part(|view| view.information.services.edit_integrations);
    let reason = move || read_only_reason(edit.get()).map(|reason| wording.reason(reason));
    // Which integrations there are stays while the page is open; what they are at the moment does not.
    let keys = move |group: Group| {
        account.read(|view| {
            let all = view.information.services.integrations.iter().filter(|one| one.application.group == group);
            all.map(|one| one.application.key.clone()).collect::<Vec<_>>()
        })
    };
    let group = move |heading: &'static str, group| {
        let rows = keys(group).into_iter().map(|key| view! { <Integration account key /> });
        view! {
            <div class="group-of-switches">
                <h3>{heading}</h3>
                <ul class="switches">{rows.collect_view()}</ul>
            </div>
        }
    };
    view! {
        <Panel id=PANEL heading=wording.integrations()>
            <div class="body">
                {move || reason().map(|reason| view! { <p class="notice neutral">{reason}</p> })}
                {group(wording.integrations_mitel(), Group::Mitel)}
                {group(wording.integrations_third_party(), Group::ThirdParty)}
            </div>
        </Panel>
    }
}

#[component]
fn Integration(account: AccountState, key: IntegrationKey) -> impl IntoView {
    let wording = Wording::current();
    let locale = Session::current().locale_untracked();
    let own = key.clone();
    let Some(first) = account.read(|view| find(view, &key).cloned()) else { return ().into_any() };
    let shown = account.part(move |view| find(view, &own).cloned());
    let part = move |default: bool, part: fn(&IntegrationView) -> bool| {
        Signal::derive(move || shown.with(|shown| shown.as_ref().map_or(default, part)))
    };
    let edit = account.part(|view| view.information.services.edit_integrations);
    let may = move || read_only_reason(edit.get()).is_none();
    let on = part(false, |shown| shown.on);
    let lacks = part(false, |shown| !shown.on && !shown.needs.is_empty());
    let asks = part(false, |shown| shown.asks);
    let submission =
        Submission::among::<SwitchIntegration, _>(&[("key", key.as_str())], move |now, sent| account.set(now, sent));
    let fields = vec![("number", account.number.to_string()), ("key", key.to_string())];
    let name = first.application.name.clone();
    let asked = fields.clone();
    let called = name.clone();
    let heading =
        move || if on.get() { wording.confirm_switch_off(&called) } else { wording.confirm_switch_on(&called) };
    let action = Signal::derive(move || account.panel_path(if asks.get() { CANCEL } else { PANEL }));
    let state = move || shown.with(|shown| shown.as_ref().map(|shown| shown.state));
    let set_up = Memo::new(move |_| shown.get());
    let removed = Memo::new(move |_| shown.with(|shown| shown.as_ref().and_then(|shown| shown.removed)));
    let removable = part(false, |shown| {
        shown.application.set_up.is_some() && matches!(shown.state, State::Paused | State::Failing | State::On)
    });
    let removable = move || may() && removable.get();
    let (removed_name, restored_name) = (name.clone(), name.clone());
    let id = format!("integration-{key}");
    view! {
        <li class="switched" id=id.clone()>
            <Switch
                id=id.clone() submission action fields on asks disabled=Signal::derive(move || !may() || lacks.get())
                label=name
            />
            <div class="about">
                <p class="soft" id=format!("{id}-text")>
                    {move || state().map(|state| view! { <Badge tone=tone(state) label=wording.integration_state(state) /> })}
                    " " {first.application.description.get(locale).to_owned()}
                </p>
                {move || {
                    let all = shown.with(|shown| shown.as_ref().map(|shown| details(shown, wording)).unwrap_or_default());
                    all.into_iter().map(|text| view! { <p>{text}</p> }).collect_view()
                }}
                {move || may().then(|| set_up.get()).flatten().map(|shown| view! { <SetUpOf account shown /> })}
                {move || removable().then(|| view! { <Removal account key=key.clone() name=removed_name.clone() /> })}
                {move || may().then(|| removed.get()).flatten().map(|removed| {
                    view! { <Removed account removed name=restored_name.clone() /> }
                })}
                <Refusal text=Signal::derive(move || submission.problem(wording)) />
            </div>
            <Question
                account panel=PANEL submission heading=Signal::derive(heading) fields=asked
                on=Signal::derive(move || !on.get())
            />
        </li>
    }
    .into_any()
}

/// The button that removes an integration and its configuration.
#[component]
fn Removal(account: AccountState, key: IntegrationKey, name: String) -> impl IntoView {
    let wording = Wording::current();
    let submission =
        Submission::among::<RemoveIntegration, _>(&[("key", key.as_str())], move |now, sent| account.set(now, sent));
    let fields = vec![("number", account.number.to_string()), ("key", key.to_string())];
    let asked = fields.clone();
    let hidden = fields.into_iter().map(|(name, value)| view! { <Hidden name value /> }).collect_view();
    let heading = wording.confirm_remove(&name);
    view! {
        <PostForm submission action=account.panel_path(CANCEL)>
            {hidden}
            <button class="button small" id=format!("remove-{key}") aria-label=wording.remove_named(&name)>
                {wording.remove()}
            </button>
        </PostForm>
        <Refusal text=Signal::derive(move || submission.problem(wording)) />
        <Question account panel=PANEL submission heading=Signal::stored(heading) fields=asked removes=true />
    }
}

/// The configuration of an integration that was removed, and the way to have it back.
#[component]
fn Removed(account: AccountState, removed: RemovedConfiguration, name: String) -> impl IntoView {
    let wording = Wording::current();
    let until = wording.configuration_kept_until(&wording.date_and_time(removed.until));
    let record = removed.record.to_string();
    let submission = Submission::among::<Undo, _>(&[("record", &record)], move |now, sent| account.set(now, sent));
    view! {
        <p class="soft small">{until}</p>
        <PostForm submission action=account.panel_path(PANEL)>
            <Hidden name="number" value=account.number.to_string() />
            <Hidden name="record" value=record />
            <Hidden name="place" value=PANEL.to_owned() />
            <button class="button small" aria-label=wording.restore_configuration_of(&name)>
                {wording.restore_configuration()}
            </button>
        </PostForm>
        <Refusal text=Signal::derive(move || submission.problem(wording)) />
    }
}

fn find<'a>(view: &'a AccountView, key: &IntegrationKey) -> Option<&'a IntegrationView> {
    view.information.services.integrations.iter().find(|one| one.application.key == *key)
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
    if !shown.on && !shown.needs.is_empty() {
        all.push(wording.needs_first(&shown.needs.join(", ")));
    }
    all
}

const fn tone(state: State) -> Tone {
    match state {
        State::Off | State::Paused => Tone::Neutral,
        State::NeedsSetUp => Tone::Warn,
        State::On => Tone::Good,
        State::Failing => Tone::Bad,
    }
}
