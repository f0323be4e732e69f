//! The panel of call services.

use domain::account_number::AccountNumber;
use leptos::prelude::*;

use super::{AccountState, AccountView, read_only_reason};
use crate::{
    error::WireError,
    form::Submission,
    message::Done,
    panel::Panel,
    ui::{Refusal, Switch},
    wording::Wording,
};

/// The panel.
const PANEL: &str = "call-services";

/// Switches bandwidth optimisation.
#[server(prefix = "/api", endpoint = "optimise_bandwidth")]
pub async fn optimise_bandwidth(number: AccountNumber, on: bool) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let record = service::integrations::optimise_bandwidth(&request.backend, &caller, number, on).await;
    let record = record.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    let next = super::next(&request, number, PANEL, true);
    Ok(Done::with(Outcome::BandwidthOptimisation(on), next, now).undone_by(number, record))
}

/// The panel.
#[component]
pub(super) fn CallServicesPanel(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let on = account.part(|view| view.information.services.bandwidth_optimisation);
    let disabled = account.part(|view| read_only_reason(view.information.services.edit_call_services).is_some());
    let submission = Submission::of::<OptimiseBandwidth, _>(move |now, sent| account.set(now, sent));
    let fields = vec![("number", account.number.to_string())];
    let id = "bandwidth-optimisation";
    view! {
        <Panel id=PANEL heading=wording.call_services()>
            <div class="body">
                <ul class="switches">
                    <li class="switched" id=id>
                        <Switch
                            id=id.to_owned() submission action=account.panel_path(PANEL) fields on
                            asks=Signal::stored(false) disabled label=wording.bandwidth_optimisation().to_owned()
                        />
                        <div class="about" id="bandwidth-optimisation-text">
                            <p class="soft">{wording.bandwidth_optimisation_hint()}</p>
                        </div>
                        <Refusal text=Signal::derive(move || submission.problem(wording)) />
                    </li>
                </ul>
            </div>
        </Panel>
    }
}
