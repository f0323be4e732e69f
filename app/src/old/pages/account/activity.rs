//! The panel of the account's latest changes.

use leptos::prelude::*;
use service::activity::find::ActivityRecord;

use super::AccountContext;
use crate::{
    pages::activity::{address, changes, kind_in_words, person_in_words},
    paths,
    ui::Panel,
};

/// The panel of the latest records.
pub(super) fn panel(context: &AccountContext, latest: &[ActivityRecord]) -> AnyView {
    let wording = context.wording;
    let rows: Vec<_> = latest
        .iter()
        .map(|record| {
            view! {
                <li id=format!("record-{}", record.id)>
                    <p class="small soft">
                        {wording.date_and_time(record.at)} " · " <bdi>{person_in_words(record, wording)}</bdi>
                        {address(record)}
                    </p>
                    <p><b>{kind_in_words(record.kind, wording)}</b></p>
                    {changes(&context.request, record)}
                </li>
            }
        })
        .collect();
    let none = latest.is_empty().then(|| view! { <p class="soft">{wording.activity_empty()}</p> });
    let all = paths::account_activity(context.number);
    view! {
        <Panel id="activity" heading=wording.activity()>
            <div class="body">
                {none}
                <ul class="records">{rows}</ul>
                <p><a href=all>{wording.activity_all()}</a></p>
            </div>
        </Panel>
    }
    .into_any()
}
