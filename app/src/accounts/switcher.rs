//! The account switcher in the header: finds an account and goes there.

use domain::account_number::AccountNumber;
use leptos::{prelude::*, web_sys};
use serde::{Deserialize, Serialize};

use crate::{
    error::WireError,
    navigation, paths,
    ui::combobox::{Combobox, Offer},
    wording::Wording,
};

/// The most accounts that are offered.
#[cfg(feature = "ssr")]
const OFFERED: usize = 8;

/// An account that was found by typing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundAccount {
    /// Account ID.
    pub number: AccountNumber,
    /// Customer name.
    pub name: String,
    /// City.
    pub city: Option<String>,
}

/// The first accounts that match what was typed.
#[server(prefix = "/api", endpoint = "find_accounts")]
pub async fn find_accounts(#[server(default)] search: String) -> Result<Vec<FoundAccount>, WireError> {
    use domain::view::accounts::AccountQuery;

    use crate::request::{current, refuse};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let query = AccountQuery { search, ..AccountQuery::default() };
    let page = service::accounts::list::list(&request.backend, &caller, &query).await.map_err(refuse)?;
    let first = page.rows.into_iter().take(OFFERED);
    Ok(first.map(|row| FoundAccount { number: row.number, name: row.name, city: row.city }).collect())
}

/// The switcher. Without JavaScript it is a search of the list of accounts.
#[component]
pub(crate) fn AccountSwitcher() -> impl IntoView {
    let wording = Wording::current();
    let go = navigation::navigator();
    let combobox = Combobox::new(
        "switcher",
        Box::new(|typed| {
            Box::pin(async move { Some(find_accounts(typed).await.ok()?.into_iter().map(offer).collect()) })
        }),
        Box::new(move |combobox: Combobox, chosen: &Offer| {
            if let Some(input) = combobox.input.get_untracked() {
                input.set_value("");
            }
            go.open(&chosen.value);
        }),
    );
    let on_submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed = combobox.input.get_untracked().map(|input| input.value()).unwrap_or_default();
        combobox.close();
        go.open(&format!("{}?q={}", paths::ACCOUNTS, paths::encode(&typed)));
    };
    view! {
        <form method="get" action=paths::ACCOUNTS role="search" class="switcher" aria-label=wording.switch_account() on:submit=on_submit>
            <input
                name="q" type="search" node_ref=combobox.input placeholder=wording.switch_account()
                aria-label=wording.switch_account() autocomplete="off" spellcheck="false" role="combobox"
                aria-autocomplete="list" aria-controls=move || combobox.is_open().then_some("switcher-list")
                aria-expanded=move || combobox.is_open().to_string()
                aria-activedescendant=move || combobox.active_id() on:input=move |_| combobox.typed()
                on:keydown=move |event| combobox.key(&event) on:blur=move |_| combobox.close()
            />
            {combobox.list(wording.accounts(), wording.switcher_none(), move |count| wording.switcher_results(count))}
        </form>
    }
}

fn offer(account: FoundAccount) -> Offer {
    let details = [account.city.as_deref().unwrap_or_default(), &account.number.grouped()].join(" · ");
    Offer {
        details: details.trim_start_matches(" · ").to_owned(),
        value: paths::account(account.number),
        title: account.name,
    }
}
