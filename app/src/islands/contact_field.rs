//! The field for a new support contact: offers people of the partner, takes any address.

use domain::account_number::AccountNumber;
use leptos::prelude::*;

use super::combobox::{Combobox, Offer};
use crate::{api::find_people, wording::Wording};

/// The field's control. Without JavaScript it takes a name or an address as it is typed.
#[island]
pub fn ContactField(
    /// Account ID.
    number: AccountNumber,
    /// What was typed and refused.
    typed: String,
) -> impl IntoView {
    let wording = Wording::current();
    let box_ = Combobox::new(
        "contact",
        Box::new(move |typed| {
            Box::pin(async move {
                let found = find_people(number, typed).await.ok()?;
                let offer = |person: crate::api::FoundPerson| Offer {
                    title: person.name,
                    details: person.email.clone(),
                    value: person.email,
                };
                Some(found.into_iter().map(offer).collect())
            })
        }),
        |box_, offer| {
            if let Some(input) = box_.input.get_untracked() {
                input.set_value(&offer.value);
            }
        },
    );
    view! {
        <div class="combobox">
            <input
                id="contact" name="contact" value=typed node_ref=box_.input autocomplete="off" spellcheck="false"
                role="combobox" aria-autocomplete="list" aria-describedby="contact-error contact-hint"
                aria-controls=move || box_.is_open().then_some("contact-list")
                aria-expanded=move || box_.is_open().to_string() aria-activedescendant=move || box_.active_id()
                on:input=move |_| box_.typed() on:keydown=move |event| box_.key(&event) on:blur=move |_| box_.close()
            />
            {box_.list(wording.people(), wording.nobody_found(), move |count| wording.people_found(count))}
        </div>
    }
}
