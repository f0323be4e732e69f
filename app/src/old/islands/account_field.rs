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
        Combobox::take,
    );
    view! {
        <div class="combobox">
            {box_.field(typed)}
            {box_.list(wording.accounts(), wording.switcher_none(), move |count| wording.switcher_results(count))}
        </div>
    }
}

fn offer(account: FoundAccount) -> Offer {
    Offer { details: account.number.grouped(), value: account.number.to_string(), title: account.name }
}
