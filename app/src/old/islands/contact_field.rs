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
        Combobox::take,
    );
    view! {
        <div class="combobox">
            {box_.field(typed)}
            {box_.list(wording.people(), wording.nobody_found(), move |count| wording.people_found(count))}
        </div>
    }
}
