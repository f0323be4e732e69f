//! The field for an account: offers those that match, takes an Account ID or a name as it is typed.

use leptos::prelude::*;

use super::combobox::{Combobox, Offer};
use crate::{
    api::{FoundAccount, find_accounts},
    wording::Wording,
};

/// The field's control, with the id and name `account`.
#[island]
pub fn AccountField(
    /// What it holds at first.
    typed: String,
) -> impl IntoView {
    let wording = Wording::current();
    let box_ = Combobox::new(
        "account",
        Box::new(|typed| {
            Box::pin(async move { Some(find_accounts(typed).await.ok()?.into_iter().map(offer).collect()) })
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
                id="account" name="account" value=typed node_ref=box_.input autocomplete="off" spellcheck="false"
                role="combobox" aria-autocomplete="list" aria-describedby="account-error account-hint"
                aria-controls=move || box_.is_open().then_some("account-list")
                aria-expanded=move || box_.is_open().to_string() aria-activedescendant=move || box_.active_id()
                on:input=move |_| box_.typed() on:keydown=move |event| box_.key(&event) on:blur=move |_| box_.close()
            />
            {box_.list(wording.accounts(), wording.switcher_none(), move |count| wording.switcher_results(count))}
        </div>
    }
}

fn offer(account: FoundAccount) -> Offer {
    Offer { details: account.number.grouped(), value: account.number.to_string(), title: account.name }
}
