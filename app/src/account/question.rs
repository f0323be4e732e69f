//! Asking before a change that causes something elsewhere.

use domain::integrations::{Effect, IntegrationKey};
use leptos::{html, prelude::*, web_sys};

use super::AccountState;
use crate::{
    error::WireError,
    form::{Hidden, PostForm, Submission},
    wording::Wording,
};

/// The id of the button that does nothing. A form that asks names it in its address, so that it has the focus
/// without JavaScript too.
pub(crate) const CANCEL: &str = "cancel";

/// The question that a submission raised, as a dialogue: what will happen, and the same form again with that
/// confirmed. Without JavaScript it stands open at its place.
#[component]
pub(super) fn Question(
    /// The account.
    account: AccountState,
    /// The panel on which it is asked.
    panel: &'static str,
    /// The sending that was refused until it is confirmed.
    submission: Submission,
    /// What is asked.
    #[prop(into)]
    heading: Signal<String>,
    /// The fields of the form.
    fields: Vec<(&'static str, String)>,
    /// Whether a switch is to be on then, where it is about one.
    #[prop(optional, into)]
    on: Option<Signal<bool>>,
    /// Whether it removes something, which the button says then.
    #[prop(optional)]
    removes: bool,
) -> impl IntoView {
    let effects = Memo::new(move |_| {
        submission.error().with(|error| match error {
            Some(WireError::Unconfirmed { effects }) => Some(effects.clone()),
            _ => None,
        })
    });
    move || {
        effects.get().map(|effects| {
            let mut fields = fields.clone();
            fields.extend(on.map(|on| ("on", on.get_untracked().to_string())));
            view! { <Dialogue account panel submission heading=heading.get_untracked() fields removes effects /> }
        })
    }
}

#[component]
fn Dialogue(
    account: AccountState,
    panel: &'static str,
    submission: Submission,
    heading: String,
    fields: Vec<(&'static str, String)>,
    removes: bool,
    effects: Vec<Effect>,
) -> impl IntoView {
    let wording = Wording::current();
    let (class, label) = if removes { ("button danger", wording.remove()) } else { ("button main", wording.confirm()) };
    let confirmed = serde_json::to_string(&effects).unwrap_or_default();
    let rows: Vec<_> = effects.iter().map(|effect| view! { <li>{in_words(effect, account, wording)}</li> }).collect();
    let fields: Vec<_> = fields.into_iter().map(|(name, value)| view! { <Hidden name value /> }).collect();
    let dialogue = NodeRef::<html::Dialog>::new();
    crate::ui::open_modal(dialogue);
    let dismiss = move || submission.error().set(None);
    let on_cancel = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        dismiss();
    };
    view! {
        <dialog open=true class="dialog" aria-labelledby="question" node_ref=dialogue on:close=move |_| dismiss()>
            <h2 id="question">{heading}</h2>
            <p>{wording.confirm_lead()}</p>
            <ul>{rows}</ul>
            <div class="answers">
                <PostForm submission action=account.panel_path(panel)>
                    {fields}
                    <Hidden name="confirmed" value=confirmed />
                    <button class=class>{label}</button>
                </PostForm>
                <form method="get" action=account.panel_path(panel) on:submit=on_cancel>
                    <button class="button" id=CANCEL>{wording.cancel()}</button>
                </form>
            </div>
        </dialog>
    }
}

fn in_words(effect: &Effect, account: AccountState, wording: Wording) -> String {
    let name = |key: &IntegrationKey| account.read(|view| view.integration_name(key));
    match effect {
        Effect::PrivilegeOn(privilege) => wording.effect_privilege_on(wording.privilege(*privilege)),
        Effect::PrivilegeOff(privilege) => wording.effect_privilege_off(wording.privilege(*privilege)),
        Effect::IntegrationOff(key) => wording.effect_integration_off(&name(key)),
        Effect::PresenceOneWay(key) => wording.effect_presence_one_way(&name(key)),
        Effect::ConfigurationDiscarded(key) => wording.effect_discarded(&name(key)),
        Effect::LicencesStay(key, count) => wording.effect_licences_stay(*count, &name(key)),
        Effect::PrivilegeMissing(_, keys) => {
            let names: Vec<String> = keys.iter().map(name).collect();
            wording.effect_privilege_missing(&names.join(", "))
        }
    }
}

/// The effects that a form says were confirmed; none where it carries nothing that can be read.
#[cfg(feature = "ssr")]
pub(super) fn read_confirmed(text: &str) -> Vec<Effect> {
    serde_json::from_str(text).unwrap_or_default()
}
