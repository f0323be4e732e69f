//! The panel of privileges.

use domain::{account_number::AccountNumber, integrations::Privilege, view::integrations::PrivilegeView};
use leptos::prelude::*;

use super::{
    AccountState, AccountView,
    question::{CANCEL, Question},
    read_only_reason,
};
use crate::{
    error::WireError,
    form::Submission,
    message::Done,
    panel::Panel,
    ui::{Refusal, Switch},
    wording::Wording,
};

/// The panel.
const PANEL: &str = "privileges";

/// Switches a privilege, if what it causes is what was confirmed.
#[server(prefix = "/api", endpoint = "switch_privilege")]
pub async fn switch_privilege(
    number: AccountNumber,
    privilege: Privilege,
    on: bool,
    #[server(default)] confirmed: String,
) -> Result<Done<AccountView>, WireError> {
    use domain::integrations::Wanted;

    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let wanted = Wanted::Privilege { privilege, on, by: caller.name.clone() };
    let confirmed = super::question::read_confirmed(&confirmed);
    let record = service::integrations::change(&request.backend, &caller, number, &wanted, &confirmed).await;
    let record = record.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    let next = super::next(&request, number, PANEL, true);
    Ok(Done::with(Outcome::Privilege(privilege, on), next, now).undone_by(number, record))
}

/// The panel.
#[component]
pub(super) fn PrivilegesPanel(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let all =
        account.read(|view| view.information.services.privileges.iter().map(|one| one.privilege).collect::<Vec<_>>());
    let rows = all.into_iter().map(|privilege| view! { <PrivilegeRow account privilege /> }).collect_view();
    view! {
        <Panel id=PANEL heading=wording.privileges()>
            <div class="body">
                <ul class="switches">{rows}</ul>
            </div>
        </Panel>
    }
}

fn find(view: &AccountView, privilege: Privilege) -> Option<&PrivilegeView> {
    view.information.services.privileges.iter().find(|one| one.privilege == privilege)
}

#[component]
fn PrivilegeRow(account: AccountState, privilege: Privilege) -> impl IntoView {
    let wording = Wording::current();
    let id = format!("privilege-{}", privilege.key());
    let name = wording.privilege(privilege);
    let hint = match privilege {
        Privilege::DelegatedAuthentication => wording.delegated_authentication_hint(),
        Privilege::GuestAccess => wording.guest_access_hint(),
    };
    let disabled = account.part(|view| read_only_reason(view.information.services.edit_privileges).is_some());
    let on = account.part(move |view| find(view, privilege).is_some_and(|one| one.on));
    let asks = account.part(move |view| find(view, privilege).is_some_and(|one| one.asks));
    let why = account.part(move |view| find(view, privilege).map(|one| why(one, wording)).unwrap_or_default());
    let submission = Submission::among::<SwitchPrivilege, _>(&[("privilege", privilege.key())], move |now, sent| {
        account.set(now, sent);
    });
    let fields = vec![("number", account.number.to_string()), ("privilege", privilege.key().to_owned())];
    let action = Signal::derive(move || account.panel_path(if asks.get() { CANCEL } else { PANEL }));
    let heading = move |on: bool| if on { wording.confirm_switch_on(name) } else { wording.confirm_switch_off(name) };
    view! {
        <li class="switched" id=id.clone()>
            <Switch id=id.clone() submission action fields=fields.clone() on asks disabled label=name.to_owned() />
            <div class="about" id=format!("{id}-text")>
                <p class="soft">{hint}</p>
                {move || why.get().into_iter().map(|text| view! { <p>{text}</p> }).collect_view()}
            </div>
            <Refusal text=Signal::derive(move || submission.problem(wording)) />
            <Question
                account panel=PANEL submission fields on=Signal::derive(move || !on.get())
                heading=Signal::derive(move || heading(!on.get()))
            />
        </li>
    }
}

/// Why a privilege is on, or would be.
fn why(shown: &PrivilegeView, wording: Wording) -> Vec<String> {
    let names = shown.wanted_by.join(", ");
    let by_integrations = (!names.is_empty())
        .then(|| if shown.on { wording.privilege_by_integrations(&names) } else { wording.privilege_wanted(&names) });
    let by_person = shown.set_by.as_deref().filter(|_| shown.on).map(|name| wording.privilege_by_person(name));
    by_person.into_iter().chain(by_integrations).collect()
}
