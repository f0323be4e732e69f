//! The account switcher in the header: finds an account and goes there.

use leptos::prelude::*;

use super::combobox::{Combobox, Offer};
use crate::{
    api::{FoundAccount, find_accounts},
    wording::Wording,
};

/// The switcher. Without JavaScript it is a search of the list of accounts.
#[island]
pub fn AccountSwitcher() -> impl IntoView {
    let wording = Wording::current();
    let box_ = Combobox::new(
        "switcher",
        Box::new(|typed| {
            Box::pin(async move { Some(find_accounts(typed).await.ok()?.into_iter().map(offer).collect()) })
        }),
        |_, offer| {
            let _ = window().location().set_href(&offer.value);
        },
    );
    view! {
        <form method="get" action="/accounts" role="search" class="switcher" aria-label=wording.switch_account()>
            <input
                name="q" type="search" node_ref=box_.input placeholder=wording.switch_account()
                aria-label=wording.switch_account() autocomplete="off" spellcheck="false" role="combobox"
                aria-autocomplete="list" aria-controls=move || box_.is_open().then_some("switcher-list")
                aria-expanded=move || box_.is_open().to_string() aria-activedescendant=move || box_.active_id()
                on:input=move |_| box_.typed() on:keydown=move |event| box_.key(&event) on:blur=move |_| box_.close()
            />
            {box_.list(wording.accounts(), wording.switcher_none(), move |count| wording.switcher_results(count))}
        </form>
    }
}

fn offer(account: FoundAccount) -> Offer {
    let details = [account.city.as_deref().unwrap_or_default(), &account.number.grouped()].join(" · ");
    Offer {
        details: details.trim_start_matches(" · ").to_owned(),
        value: format!("/accounts/{}", account.number),
        title: account.name,
    }
}
