//! The panel with which a partner admin deactivates and deletes the account, and brings it back.

use domain::{
    account::{AccountStatus, restorable_until},
    account_number::AccountNumber,
    rights::Decision,
    time::Timestamp,
    view::account::DeactivationScope,
};
use leptos::{html, prelude::*, server_fn::ServerFn, web_sys};
use serde::{Deserialize, Serialize};

use super::{AccountState, AccountView, query_value, question::CANCEL};
use crate::{
    error::WireError,
    form::{Hidden, PostForm, Submission},
    message::Done,
    navigation,
    panel::Panel,
    ui::{Refusal, TextField, isolated, open_modal, with_isolates},
    wording::Wording,
};

/// The panel.
const PANEL: &str = "lifecycle";

/// What of the page's address asks about deactivating.
const DEACTIVATE: &str = "deactivate";

/// What of the page's address asks about deleting.
const DELETE: &str = "delete";

/// What deactivating or deleting an account concerns, to be said beforehand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consequences {
    /// People and licences.
    pub scope: DeactivationScope,
    /// Until when it could be restored if it were deleted now.
    pub restorable_until: Timestamp,
}

/// What deactivating or deleting the account concerns.
#[server(prefix = "/api", endpoint = "load_consequences")]
pub async fn load_consequences(number: AccountNumber) -> Result<Consequences, WireError> {
    use crate::request::{current, refuse};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let scope = service::accounts::lifecycle::concerned(&request.backend, &caller, number).await.map_err(refuse)?;
    Ok(Consequences { scope, restorable_until: restorable_until(request.backend.clock.now()) })
}

/// Deactivates an account.
#[server(prefix = "/api", endpoint = "deactivate_account")]
pub async fn deactivate_account(number: AccountNumber) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::accounts::lifecycle::deactivate(&request.backend, &caller, number).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(Done::with(Outcome::Deactivated, super::next(&request, number, PANEL, false), now))
}

/// Returns a deactivated account.
#[server(prefix = "/api", endpoint = "reactivate_account")]
pub async fn reactivate_account(number: AccountNumber) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::accounts::lifecycle::reactivate(&request.backend, &caller, number).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(Done::with(Outcome::Reactivated, super::next(&request, number, PANEL, false), now))
}

/// Deletes an account, of which the customer's name was typed.
#[server(prefix = "/api", endpoint = "delete_account")]
pub async fn delete_account(
    number: AccountNumber,
    #[server(default)] name: String,
) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::accounts::lifecycle::delete(&request.backend, &caller, number, &name).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(Done::with(Outcome::Deleted, super::next(&request, number, PANEL, false), now))
}

/// Restores a deleted account.
#[server(prefix = "/api", endpoint = "restore_account")]
pub async fn restore_account(number: AccountNumber) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    service::accounts::lifecycle::restore(&request.backend, &caller, number).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(Done::with(Outcome::Restored, super::next(&request, number, PANEL, false), now))
}

/// The account's state, as far as this panel is about it.
#[derive(Clone, PartialEq)]
struct State {
    status: AccountStatus,
    deleted_at: Timestamp,
    deactivate: Decision,
    delete: Decision,
    restore: Decision,
}

fn state(view: &AccountView) -> State {
    let information = &view.information;
    State {
        status: information.status,
        deleted_at: information.deleted_at.unwrap_or_default(),
        deactivate: information.deactivate,
        delete: information.delete,
        restore: information.restore,
    }
}

/// The last moment at which an account that was deleted then can be restored, in words.
fn last_day(deleted: Timestamp, wording: Wording) -> String {
    wording.date_and_time(restorable_until(deleted))
}

/// What the head of the page says of an account that is not in use, with the way back for who may take it.
#[component]
pub(super) fn Banner(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let state = account.part(state);
    move || {
        let State { status, deleted_at, restore, .. } = state.get();
        let text = match status {
            AccountStatus::Active => return ().into_any(),
            AccountStatus::Deactivated => wording.deactivated_banner().to_owned(),
            AccountStatus::Deleted => wording.deleted_banner(&last_day(deleted_at, wording)),
        };
        let restores = status == AccountStatus::Deleted && restore == Decision::Allowed;
        view! {
            <div class="notice warn" id="account-banner">
                <p>{text}</p>
                {restores.then(|| view! { <AtOnce<RestoreAccount> account label=wording.restore() /> })}
            </div>
        }
        .into_any()
    }
}

/// The panel; nothing for those who can do none of it.
#[component]
pub(super) fn LifecyclePanel(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let state = account.part(state);
    if state.with_untracked(|state| state.restore != Decision::Allowed) {
        return ().into_any();
    }
    let deletion = Submission::of::<DeleteAccount, _>(move |now, sent| account.set(now, sent));
    let deactivation = Submission::of::<DeactivateAccount, _>(move |now, sent| account.set(now, sent));
    for submission in [deletion, deactivation] {
        super::close_when_done(account, submission);
    }
    let open = query_value("open");
    let asks = Memo::new(move |_| {
        let State { deactivate, delete, .. } = state.get();
        match open.get().as_str() {
            DELETE if delete == Decision::Allowed => Some(true),
            DEACTIVATE if deactivate == Decision::Allowed => Some(false),
            _ => (deletion.was_refused() && delete == Decision::Allowed).then_some(true),
        }
    });
    let rows = move || {
        let state = state.get();
        match state.status {
            AccountStatus::Deleted => {
                let lead = wording
                    .deleted_lead(&wording.date_and_time(state.deleted_at), &last_day(state.deleted_at, wording));
                view! { <li><p class="grow">{lead}</p><AtOnce<RestoreAccount> account label=wording.restore() /></li> }
                    .into_any()
            }
            status => view! { <Buttons account state status /> }.into_any(),
        }
    };
    view! {
        <Panel id=PANEL heading=wording.lifecycle()>
            <div class="body">
                <ul class="rows">{rows}</ul>
            </div>
            {move || asks.get().map(|deletes| {
                view! { <Asking account deletes submission=if deletes { deletion } else { deactivation } /> }
            })}
        </Panel>
    }
    .into_any()
}

#[component]
fn Buttons(account: AccountState, state: State, status: AccountStatus) -> impl IntoView {
    let wording = Wording::current();
    let deactivate = (state.deactivate == Decision::Allowed).then(|| {
        if status == AccountStatus::Active {
            view! {
                <li><p class="grow">{wording.deactivate_lead()}</p><Ask account what=DEACTIVATE label=wording.deactivate() /></li>
            }
            .into_any()
        } else {
            view! {
                <li><p class="grow">{wording.deactivated_lead()}</p><AtOnce<ReactivateAccount> account label=wording.reactivate() /></li>
            }
            .into_any()
        }
    });
    let delete = match state.delete {
        Decision::Allowed => view! {
            <li><p class="grow">{wording.delete_lead()}</p><Ask account what=DELETE label=wording.delete() /></li>
        }
        .into_any(),
        Decision::Forbidden(reason) => view! { <li><p class="grow">{wording.reason(reason)}</p></li> }.into_any(),
        Decision::Hidden => ().into_any(),
    };
    view! {
        {deactivate}
        {delete}
    }
}

/// A button that asks first.
#[component]
fn Ask(account: AccountState, what: &'static str, label: &'static str) -> impl IntoView {
    let go = navigation::navigator();
    let on_submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        go.replace(&format!("{}?open={what}", account.path()));
    };
    let focused = if what == DEACTIVATE { CANCEL } else { PANEL };
    view! {
        <form method="get" action=account.panel_path(focused) on:submit=on_submit>
            <Hidden name="open" value=what.to_owned() />
            <button class="button danger" id=format!("ask-{what}")>{label}</button>
        </form>
    }
}

/// A button that does something at once.
#[component]
fn AtOnce<F>(
    account: AccountState,
    label: &'static str,
    #[prop(optional)] function: std::marker::PhantomData<F>,
) -> impl IntoView
where
    F: ServerFn<Output = Done<AccountView>, Error = WireError> + 'static,
{
    let std::marker::PhantomData = function;
    let submission = Submission::of::<F, _>(move |now, sent| account.set(now, sent));
    let wording = Wording::current();
    view! {
        <PostForm submission action=account.panel_path(PANEL)>
            <Hidden name="number" value=account.number.to_string() />
            <button class="button" aria-disabled=submission.busy()>{label}</button>
        </PostForm>
        <Refusal text=Signal::derive(move || submission.problem(wording)) />
    }
}

/// The question before an account is deactivated or deleted: what will happen, to be confirmed.
#[component]
fn Asking(account: AccountState, deletes: bool, submission: Submission) -> impl IntoView {
    let number = account.number;
    let consequences = Resource::new(|| (), move |()| load_consequences(number));
    view! {
        <Transition>
            {move || Suspend::new(async move {
                consequences.await.ok().map(|consequences| view! { <Dialogue account deletes submission consequences /> })
            })}
        </Transition>
    }
}

#[component]
fn Dialogue(account: AccountState, deletes: bool, submission: Submission, consequences: Consequences) -> impl IntoView {
    let wording = Wording::current();
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    let DeactivationScope { people, licences } = consequences.scope;
    let mut effects = vec![match count(people) {
        0 => wording.nobody_signs_in().to_owned(),
        people => wording.people_cannot_sign_in(people),
    }];
    if deletes {
        effects.push(wording.leaves_the_list().to_owned());
        effects.push(wording.restorable_until(&wording.date_and_time(consequences.restorable_until)));
    } else {
        effects.push(wording.everything_stays().to_owned());
    }
    if licences > 0 {
        effects.push(wording.licences_stay(count(licences)));
    }
    let effects: Vec<_> = effects.into_iter().map(|effect| view! { <li>{effect}</li> }).collect();
    let name = account.read(|view| view.information.customer.name.clone());
    let heading =
        if deletes { wording.confirm_delete(&isolated(&name)) } else { wording.confirm_deactivate(&isolated(&name)) };
    let label = if deletes { wording.delete() } else { wording.deactivate() };
    let dialogue = NodeRef::<html::Dialog>::new();
    open_modal(dialogue);
    let go = navigation::navigator();
    let close = move || go.replace(&account.path());
    let on_close = close;
    let on_cancel = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        close();
    };
    let typed = deletes.then(|| {
        view! {
            <TextField
                name="name" id="delete-name" label=wording.type_the_name(&name) value=submission.typed_or("name", "")
                error=submission.field_error("name", wording) required=Some(wording.required())
            />
        }
    });
    view! {
        <div class="asking">
            <dialog open=true class="dialog" aria-labelledby="question" node_ref=dialogue on:close=move |_| on_close()>
                <h2 id="question" inner_html=with_isolates(&heading)></h2>
                <ul>{effects}</ul>
                <Refusal text=Signal::derive(move || submission.problem(wording)) />
                <PostForm submission action=format!("{}#{PANEL}", account.path()) class="fields one" id="lifecycle-form">
                    <Hidden name="number" value=account.number.to_string() />
                    {typed}
                </PostForm>
                <div class="answers">
                    <button class="button danger" form="lifecycle-form" aria-disabled=submission.busy()>{label}</button>
                    <form method="get" action=account.panel_path(PANEL) on:submit=on_cancel>
                        <button class="button" id=(!deletes).then_some(CANCEL)>{wording.cancel()}</button>
                    </form>
                </div>
            </dialog>
        </div>
    }
}
