//! The panel with which a partner admin deactivates and deletes the account, and brings it back.

use domain::{account::AccountStatus, rights::Decision, time::Timestamp};
use leptos::{prelude::*, server_fn::ServerFn};
use service::accounts::{
    information::AccountInformation,
    lifecycle::{DeactivationScope, restorable_until},
};

use super::{AccountContext, confirm::CANCEL, services::field_error};
use crate::{
    api::{DeactivateAccount, DeleteAccount, ReactivateAccount, RestoreAccount},
    error::WireError,
    forms,
    ui::{Panel, TextField, isolated, with_isolates},
    wording::Wording,
};

/// The panel.
const PANEL: &str = "lifecycle";

/// What of the page's address asks about deactivating.
const DEACTIVATE: &str = "deactivate";

/// What of the page's address asks about deleting.
const DELETE: &str = "delete";

/// Whether the page asks about deactivating or deleting.
pub(super) fn asks(context: &AccountContext) -> bool {
    context.open == DEACTIVATE || asks_to_delete(context)
}

/// Whether what the page asks about is deleting.
fn asks_to_delete(context: &AccountContext) -> bool {
    context.open == DELETE || context.request.posted::<DeleteAccount>().is_some()
}

/// The panel; nothing for those who can do none of it.
pub(super) fn panel(context: &AccountContext, account: &AccountInformation, concerned: Option<DeactivationScope>) -> AnyView {
    let wording = context.wording;
    if account.restore != Decision::Allowed {
        return ().into_any();
    }
    let (said, problem) = outcome(context);
    let name = account.customer.name.clone();
    let rows = match (account.status, account.deleted_at) {
        (AccountStatus::Deleted, deleted) => restoring(context, deleted.unwrap_or_default()),
        (status, _) => buttons(context, account, status),
    };
    let concerned = concerned.filter(|_| !asks_to_delete(context) || account.delete == Decision::Allowed);
    let question = concerned.map(|concerned| question(context, &name, concerned));
    let said = super::said(context, PANEL, &said, problem);
    view! {
        <Panel id=PANEL heading=wording.lifecycle()>
            <div class="body">
                <ul class="rows">{rows}</ul>
            </div>
            {said}
            {question.map(|question| view! { <div class="asking">{question}</div> })}
        </Panel>
    }
    .into_any()
}

/// What the head of the page says of an account that is not in use.
pub(super) fn banner(context: &AccountContext, account: &AccountInformation) -> AnyView {
    let wording = context.wording;
    let text = match (account.status, account.deleted_at) {
        (AccountStatus::Active, _) => return ().into_any(),
        (AccountStatus::Deactivated, _) => wording.deactivated_banner().to_owned(),
        (AccountStatus::Deleted, deleted) => wording.deleted_banner(&last_day(deleted.unwrap_or_default(), wording)),
    };
    view! { <p class="notice warn">{text}</p> }.into_any()
}

fn last_day(deleted: Timestamp, wording: Wording) -> String {
    wording.date_and_time(restorable_until(deleted))
}

fn outcome(context: &AccountContext) -> (String, Option<String>) {
    let (request, wording) = (&context.request, context.wording);
    let refused = request
        .posted::<DeactivateAccount>()
        .and_then(|(_, error)| error)
        .or_else(|| request.posted::<ReactivateAccount>().and_then(|(_, error)| error))
        .or_else(|| request.posted::<RestoreAccount>().and_then(|(_, error)| error));
    let said = match context.done.as_str() {
        "deactivated" => wording.account_deactivated(),
        "reactivated" => wording.account_reactivated(),
        "deleted" => wording.account_deleted(),
        "restored" => wording.account_restored(),
        _ => "",
    };
    (said.to_owned(), refused.map(|error| wording.wire_error(&error)))
}

fn buttons(context: &AccountContext, account: &AccountInformation, status: AccountStatus) -> AnyView {
    let wording = context.wording;
    let (lead, button) = if status == AccountStatus::Active {
        (wording.deactivate_lead(), asking(context, DEACTIVATE, wording.deactivate()))
    } else {
        (wording.deactivated_lead(), doing(context, ReactivateAccount::PATH, wording.reactivate()))
    };
    let deactivate = (account.deactivate == Decision::Allowed).then(|| {
        view! { <li><p class="grow">{lead}</p>{button}</li> }
    });
    let delete = match account.delete {
        Decision::Allowed => {
            let button = asking(context, DELETE, wording.delete());
            view! { <li><p class="grow">{wording.delete_lead()}</p>{button}</li> }.into_any()
        }
        Decision::Forbidden(reason) => view! { <li><p class="grow">{wording.reason(reason)}</p></li> }.into_any(),
        Decision::Hidden => ().into_any(),
    };
    view! {
        {deactivate}
        {delete}
    }
    .into_any()
}

fn restoring(context: &AccountContext, deleted: Timestamp) -> AnyView {
    let wording = context.wording;
    let lead = wording.deleted_lead(&wording.date_and_time(deleted), &last_day(deleted, wording));
    view! {
        <li><p class="grow">{lead}</p>{doing(context, RestoreAccount::PATH, wording.restore())}</li>
    }
    .into_any()
}

/// A button that asks first.
fn asking(context: &AccountContext, what: &'static str, label: &'static str) -> AnyView {
    let focused = if what == DEACTIVATE { CANCEL } else { PANEL };
    view! {
        <form method="get" action=context.action(focused) data-live="">
            {context.kept_fields(what)}
            <button class="button danger" id=format!("ask-{what}")>{label}</button>
        </form>
    }
    .into_any()
}

/// A button that does something at once.
fn doing(context: &AccountContext, form: &'static str, label: &'static str) -> AnyView {
    view! {
        <form method="post" action=context.action(PANEL) data-live="">
            <input type="hidden" name=forms::FORM value=form />
            <input type="hidden" name="number" value=context.number.to_string() />
            <button class="button">{label}</button>
        </form>
    }
    .into_any()
}

/// What will happen, to be confirmed.
fn question(context: &AccountContext, name: &str, concerned: DeactivationScope) -> AnyView {
    let wording = context.wording;
    let refused = context.request.posted::<DeleteAccount>();
    let deletes = asks_to_delete(context);
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    let mut effects = vec![match count(concerned.people) {
        0 => wording.nobody_signs_in().to_owned(),
        people => wording.people_cannot_sign_in(people),
    }];
    if deletes {
        effects.push(wording.leaves_the_list().to_owned());
        let until = last_day(context.request.backend.clock.now(), wording);
        effects.push(wording.restorable_until(&until));
    } else {
        effects.push(wording.everything_stays().to_owned());
    }
    if concerned.licences > 0 {
        effects.push(wording.licences_stay(count(concerned.licences)));
    }
    let effects: Vec<_> = effects.into_iter().map(|effect| view! { <li>{effect}</li> }).collect();
    let isolated = isolated(name);
    let heading = if deletes { wording.confirm_delete(&isolated) } else { wording.confirm_deactivate(&isolated) };
    let (form, label) =
        if deletes { (DeleteAccount::PATH, wording.delete()) } else { (DeactivateAccount::PATH, wording.deactivate()) };
    let typed = deletes.then(|| typed_name(refused, name, wording));
    view! {
        <dialog open=true class="dialog" aria-labelledby="question" data-open="">
            <h2 id="question" inner_html=with_isolates(&heading)></h2>
            <ul>{effects}</ul>
            <form method="post" action=format!("{}#{PANEL}", context.path) class="fields one" id="lifecycle-form" novalidate=true data-live="">
                <input type="hidden" name=forms::FORM value=form />
                <input type="hidden" name="number" value=context.number.to_string() />
                {typed}
            </form>
            <div class="answers">
                <button class="button danger" form="lifecycle-form">{label}</button>
                <form method="get" action=format!("{}#{PANEL}", context.path) data-live="">
                    <button class="button" id=(!deletes).then_some(CANCEL)>{wording.cancel()}</button>
                </form>
            </div>
        </dialog>
    }
    .into_any()
}

fn typed_name(refused: Option<(DeleteAccount, Option<WireError>)>, name: &str, wording: Wording) -> AnyView {
    let (typed, error) = refused.map_or((String::new(), None), |(form, error)| (form.name, error));
    let (fields, problem) = match error {
        Some(WireError::Invalid { fields }) => (fields, None),
        Some(error) => (Vec::new(), Some(wording.wire_error(&error))),
        None => (Vec::new(), None),
    };
    view! {
        {problem.map(|problem| view! { <p class="notice bad" role="alert">{problem}</p> })}
        <TextField name="name" id="delete-name" label=wording.type_the_name(name) value=typed
            error=field_error(&fields, "name", wording) required=Some(wording.required()) />
    }
    .into_any()
}
