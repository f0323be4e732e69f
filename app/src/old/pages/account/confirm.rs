//! Asking before a change that causes something elsewhere.

use domain::integrations::{Catalogue, Effect};
use leptos::prelude::*;

use super::AccountContext;
use crate::{forms, wording::Wording};

/// The button that does nothing. A form that asks names it in its address, so that it has the focus without
/// JavaScript too.
pub(in crate::pages) const CANCEL: &str = "cancel";

/// A question that a posted form raised: the same form again, with what was confirmed.
pub(super) struct Question {
    /// The panel on which it is asked.
    pub(super) panel: &'static str,
    /// What is asked.
    pub(super) heading: String,
    /// What will happen.
    pub(super) effects: Vec<Effect>,
    /// The server function that the form is for.
    pub(super) form: &'static str,
    /// The fields of the form.
    pub(super) fields: Vec<(&'static str, String)>,
    /// Whether it removes something, which the button says then.
    pub(super) removes: bool,
}

/// The question as a dialogue. Without JavaScript it stands open at its place.
pub(super) fn dialogue(question: Question, context: &AccountContext, catalogue: &Catalogue) -> AnyView {
    let wording = context.wording;
    let Question { panel, heading, effects, form, fields, removes } = question;
    let (class, label) = if removes { ("button danger", wording.remove()) } else { ("button main", wording.confirm()) };
    let confirmed = forms::confirmed(&effects);
    let rows: Vec<_> = effects.iter().map(|effect| view! { <li>{in_words(effect, catalogue, wording)}</li> }).collect();
    let fields: Vec<_> =
        fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect();
    view! {
        <dialog open=true class="dialog" aria-labelledby="question">
            <h2 id="question">{heading}</h2>
            <p>{wording.confirm_lead()}</p>
            <ul>{rows}</ul>
            <div class="answers">
                <form method="post" action=context.action(panel) data-live="">
                    <input type="hidden" name=forms::FORM value=form />
                    {fields}
                    <input type="hidden" name="confirmed" value=confirmed />
                    <button class=class>{label}</button>
                </form>
                <form method="get" action=context.action(panel) data-live="">
                    <button class="button" id=CANCEL>{wording.cancel()}</button>
                </form>
            </div>
        </dialog>
    }
    .into_any()
}

fn in_words(effect: &Effect, catalogue: &Catalogue, wording: Wording) -> String {
    match effect {
        Effect::PrivilegeOn(privilege) => wording.effect_privilege_on(wording.privilege(*privilege)),
        Effect::PrivilegeOff(privilege) => wording.effect_privilege_off(wording.privilege(*privilege)),
        Effect::IntegrationOff(key) => wording.effect_integration_off(catalogue.name(key)),
        Effect::PresenceOneWay(key) => wording.effect_presence_one_way(catalogue.name(key)),
        Effect::ConfigurationDiscarded(key) => wording.effect_discarded(catalogue.name(key)),
        Effect::LicencesStay(key, count) => wording.effect_licences_stay(*count, catalogue.name(key)),
        Effect::PrivilegeMissing(_, keys) => {
            let names: Vec<&str> = keys.iter().map(|key| catalogue.name(key)).collect();
            wording.effect_privilege_missing(&names.join(", "))
        }
    }
}
