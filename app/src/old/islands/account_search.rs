//! The search and filter above the list of accounts. While somebody types, the page's own results
//! are asked for and put in the place of those that are there.

use std::time::Duration;

use leptos::{
    html,
    leptos_dom::helpers::TimeoutHandle,
    prelude::*,
    task::spawn_local,
    wasm_bindgen::{JsCast, JsValue},
    web_sys,
};

use wasm_bindgen_futures::JsFuture;

use crate::{ui::options, wording::Wording};

/// How long typing must rest before the list is asked for.
const REST: Duration = Duration::from_millis(120);

/// The search form.
#[island]
pub fn AccountSearch(
    /// What was typed.
    search: String,
    /// The filter by status: `all`, `active`, `deactivated` or `deleted`.
    status: String,
    /// The order, kept while searching: the name and value of the query's parts.
    order: Vec<(String, String)>,
    /// Whether deleted accounts can be looked for.
    deleted: bool,
) -> impl IntoView {
    let wording = Wording::current();
    let form_ref = NodeRef::<html::Form>::new();
    let said = RwSignal::new(String::new());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let asked = StoredValue::new(0_u32);
    let ask = move || {
        let Some(form) = form_ref.get_untracked() else { return };
        asked.update_value(|asked| *asked += 1);
        let mine = asked.get_value();
        spawn_local(async move {
            let Some(address) = address(&form) else { return };
            let results = fetch_results(&address).await;
            // A later question has overtaken this one.
            if asked.get_value() != mine {
                return;
            }
            match results {
                Ok(results) => said.set(show(&results, &address)),
                Err(_) => said.set(wording.search_failed().to_owned()),
            }
        });
    };
    let on_input = move |_| {
        if let Some(waiting) = waiting.try_update_value(Option::take).flatten() {
            waiting.clear();
        }
        waiting.set_value(set_timeout_with_handle(ask, REST).ok());
    };
    let on_submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        ask();
    };
    let statuses = [("all", wording.all()), ("active", wording.active()), ("deactivated", wording.deactivated())]
        .into_iter()
        .chain(deleted.then(|| ("deleted", wording.deleted())));
    view! {
        <form
            method="get" action="/accounts" role="search" class="filter" node_ref=form_ref
            on:input=on_input on:submit=on_submit
        >
            <div class="field grow">
                <label for="q">{wording.search_accounts()}</label>
                <input
                    id="q" name="q" type="search" value=search autocomplete="off" spellcheck="false"
                    placeholder=wording.search_accounts_hint()
                />
            </div>
            <div class="field">
                <label for="status">{wording.status()}</label>
                <select id="status" name="status" inner_html=options(statuses, status)></select>
            </div>
            {order.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()}
            <button type="submit" class="button">{wording.apply()}</button>
            <p class="visually-hidden" role="status">{move || said.get()}</p>
        </form>
    }
}

/// The address of the list that the form asks for, without what is empty.
fn address(form: &web_sys::HtmlFormElement) -> Option<String> {
    let data = web_sys::FormData::new_with_form(form).ok()?;
    let query = web_sys::UrlSearchParams::new().ok()?;
    for name in ["q", "status", "sort", "order"] {
        let value = data.get(name).as_string().unwrap_or_default();
        let is_default = name == "status" && value == "all";
        if !value.trim().is_empty() && !is_default {
            query.append(name, &value);
        }
    }
    let query = String::from(query.to_string());
    Some(if query.is_empty() { "/accounts".to_owned() } else { format!("/accounts?{query}") })
}

/// The results that the page at `address` shows.
async fn fetch_results(address: &str) -> Result<web_sys::Element, JsValue> {
    let response: web_sys::Response = JsFuture::from(window().fetch_with_str(address)).await?.unchecked_into();
    if response.redirected() {
        // The session has ended: the page that says so is where the browser belongs.
        window().location().set_href(address)?;
    }
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let page = web_sys::DomParser::new()?.parse_from_string(&text, web_sys::SupportedType::TextHtml)?;
    page.get_element_by_id("results").ok_or(JsValue::NULL)
}

/// Puts the results on this page; gives their count in words.
fn show(results: &web_sys::Element, address: &str) -> String {
    if let Some(place) = document().get_element_by_id("results") {
        place.set_inner_html(&results.inner_html());
    }
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
    }
    // Whoever changes the language comes back to what is shown now.
    if let Ok(Some(return_to)) = document().query_selector("input[name=return_to]") {
        return_to.unchecked_into::<web_sys::HtmlInputElement>().set_value(address);
    }
    let count = document().query_selector("#results .count").ok().flatten();
    count.and_then(|count| count.text_content()).unwrap_or_default()
}
