//! The account switcher in the header: a combobox (WAI-ARIA 1.2) that finds an account and goes there.

use std::time::Duration;

use leptos::{either::Either, html, leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local, web_sys};

use crate::{
    api::{FoundAccount, find_accounts},
    wording::Wording,
};

const REST: Duration = Duration::from_millis(120);

/// The switcher. Without JavaScript it is a search of the list of accounts.
#[island]
pub fn AccountSwitcher() -> impl IntoView {
    let wording = Wording::current();
    let input_ref = NodeRef::<html::Input>::new();
    let found = RwSignal::new(None::<Vec<FoundAccount>>);
    let active = RwSignal::new(None::<usize>);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let asked = StoredValue::new(0_u32);
    let ask = move || {
        let text = input_ref.get_untracked().map(|input| input.value()).unwrap_or_default();
        asked.update_value(|asked| *asked += 1);
        let mine = asked.get_value();
        if text.trim().is_empty() {
            found.set(None);
            return;
        }
        spawn_local(async move {
            let result = find_accounts(text).await;
            if asked.get_value() == mine {
                active.set(None);
                found.set(result.ok());
            }
        });
    };
    let on_input = move |_| {
        if let Some(waiting) = waiting.try_update_value(Option::take).flatten() {
            waiting.clear();
        }
        waiting.set_value(set_timeout_with_handle(ask, REST).ok());
    };
    let on_keydown = move |event: web_sys::KeyboardEvent| {
        let count = found.with_untracked(|found| found.as_ref().map_or(0, Vec::len));
        let move_to = |index: usize| {
            event.prevent_default();
            active.set(Some(index));
        };
        match (event.key().as_str(), active.get_untracked()) {
            ("ArrowDown", place) if count > 0 => move_to(place.map_or(0, |place| (place + 1) % count)),
            ("ArrowUp", place) if count > 0 => move_to(place.map_or(count - 1, |place| (place + count - 1) % count)),
            ("Enter", Some(place)) => {
                event.prevent_default();
                if let Some(account) = found.with_untracked(|found| found.as_ref()?.get(place).cloned()) {
                    let _ = window().location().set_href(&address(&account));
                }
            }
            ("Escape", _) => {
                active.set(None);
                found.set(None);
            }
            _ => {}
        }
    };
    let on_blur = move |_| found.set(None);
    let is_open = move || found.with(|found| found.as_ref().is_some_and(|found| !found.is_empty()));
    let list = move || found.get().map(|found| view! { <Found found active /> });
    let said = move || match found.with(|found| found.as_ref().map(Vec::len)) {
        None => String::new(),
        Some(0) => wording.switcher_none().to_owned(),
        Some(count) => wording.switcher_results(count as u64),
    };
    view! {
        <form method="get" action="/accounts" role="search" class="switcher" aria-label=wording.switch_account()>
            <input
                name="q" type="search" node_ref=input_ref placeholder=wording.switch_account()
                aria-label=wording.switch_account() autocomplete="off" spellcheck="false" role="combobox"
                aria-autocomplete="list" aria-controls=move || is_open().then_some("switcher-list")
                aria-expanded=move || is_open().to_string()
                aria-activedescendant=move || active.get().map(|place| format!("switcher-{place}"))
                on:input=on_input on:keydown=on_keydown on:blur=on_blur
            />
            <div class="popup" hidden=move || found.with(Option::is_none)>{list}</div>
            <p class="visually-hidden" role="status">{said}</p>
        </form>
    }
}

#[component]
fn Found(found: Vec<FoundAccount>, active: RwSignal<Option<usize>>) -> impl IntoView {
    let wording = Wording::current();
    if found.is_empty() {
        return Either::Left(view! { <p class="soft small none">{wording.switcher_none()}</p> });
    }
    let rows = found.into_iter().enumerate().map(|(place, account)| {
        let address = address(&account);
        // The press comes before the field loses the focus and the list with it.
        let go = move |event: web_sys::MouseEvent| {
            event.prevent_default();
            let _ = window().location().set_href(&address);
        };
        let details = [account.city.as_deref().unwrap_or_default(), &account.number.grouped()].join(" · ");
        view! {
            <div
                id=format!("switcher-{place}") role="option" class="entry" on:mousedown=go
                aria-selected=move || (active.get() == Some(place)).to_string()
            >
                <span>{account.name}</span>
                <span class="soft small number">{details.trim_start_matches(" · ").to_owned()}</span>
            </div>
        }
    });
    Either::Right(view! {
        <div id="switcher-list" role="listbox" aria-label=wording.accounts()>{rows.collect_view()}</div>
    })
}

fn address(account: &FoundAccount) -> String {
    format!("/accounts/{}", account.number)
}
