//! The search and filter above the list of accounts: the list follows while somebody types.

use std::time::Duration;

use domain::view::accounts::{AccountQuery, StatusFilter};
use leptos::{html, leptos_dom::helpers::TimeoutHandle, prelude::*, web_sys};

use super::{AccountsView, address, count_in_words};
use crate::{error::WireError, navigation, paths, session::Session, ui::options, wording::Wording};

/// How long typing must rest before the list is asked for.
const DEBOUNCE: Duration = Duration::from_millis(120);

/// The search form. Its fields go on from the address; what is typed becomes the address.
#[component]
pub(super) fn AccountSearch(
    /// What the list shows, to say how many there are.
    accounts: Resource<Result<AccountsView, WireError>>,
) -> impl IntoView {
    let wording = Wording::current();
    let session = Session::current();
    let locale = session.locale_untracked();
    let query = navigation::query();
    let first = address::read(&query(), locale);
    let go = navigation::navigator();
    let (search, status) = (RwSignal::new(first.search.clone()), RwSignal::new(first.status));
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let typing = RwSignal::new(false);
    let ask = move || {
        typing.set(false);
        let now = address::read(&query(), locale);
        let wanted =
            AccountQuery { search: search.get_untracked(), status: status.get_untracked(), cursor: None, ..now };
        go.replace(&address::write(&wanted));
    };
    let later = move || {
        typing.set(true);
        if let Some(waiting) = waiting.try_update_value(Option::take).flatten() {
            waiting.clear();
        }
        waiting.set_value(set_timeout_with_handle(ask, DEBOUNCE).ok());
    };
    let (field, choice) = (NodeRef::<html::Input>::new(), NodeRef::<html::Select>::new());
    // The address may change by a link, or by Back.
    Effect::new(move |before: Option<()>| {
        let now = address::read(&query(), locale);
        let (Some(field), Some(choice)) = (field.get(), choice.get()) else { return };
        let typed = field.value();
        if before.is_none() && typed != now.search {
            // It was typed before this ran.
            search.set(typed);
            later();
        } else if !typing.get_untracked() {
            if typed != now.search {
                field.set_value(&now.search);
            }
            choice.set_value(address::status_name(now.status));
            search.set(now.search);
            status.set(now.status);
        }
    });
    let on_submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        ask();
    };
    let said = move || {
        let answer = accounts.get()?;
        Some(match answer {
            Ok(view) => count_in_words(&view, wording),
            Err(_) => wording.search_failed().to_owned(),
        })
    };
    let deleted =
        session.person_untracked().is_some_and(|person| person.role() == Some(domain::role::Role::PartnerAdmin));
    let statuses = [StatusFilter::All, StatusFilter::Active, StatusFilter::Deactivated]
        .into_iter()
        .chain(deleted.then_some(StatusFilter::Deleted))
        .map(|status| (address::status_name(status), label(status, wording)));
    let order =
        address::order(&first).into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    view! {
        <form method="get" action=paths::ACCOUNTS role="search" class="filter" on:submit=on_submit>
            <div class="field grow">
                <label for="q">{wording.search_accounts()}</label>
                <input
                    id="q" name="q" type="search" value=first.search autocomplete="off" spellcheck="false"
                    placeholder=wording.search_accounts_hint() node_ref=field
                    on:input:target=move |event| {
                        search.set(event.target().value());
                        later();
                    }
                />
            </div>
            <div class="field">
                <label for="status">{wording.status()}</label>
                <select
                    id="status" name="status" node_ref=choice inner_html=options(statuses, address::status_name(first.status))
                    on:change:target=move |event| {
                        status.set(address::read(&format!("status={}", event.target().value()), locale).status);
                        ask();
                    }
                ></select>
            </div>
            {order.collect_view()}
            <noscript><button type="submit" class="button">{wording.apply()}</button></noscript>
            <p class="visually-hidden" role="status"><Transition>{said}</Transition></p>
        </form>
    }
}

fn label(status: StatusFilter, wording: Wording) -> &'static str {
    match status {
        StatusFilter::All => wording.all(),
        StatusFilter::Active => wording.active(),
        StatusFilter::Deactivated => wording.deactivated(),
        StatusFilter::Deleted => wording.deleted(),
    }
}
