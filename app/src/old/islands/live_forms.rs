//! Posts the forms of the panels without leaving the page.
//!
//! The server answers a form with the whole page, as it does for a browser without JavaScript; of it,
//! the panels are taken over. A switch moves at once, is busy until the server has committed, and
//! returns with the reason if it could not.

use leptos::{
    prelude::*,
    task::spawn_local,
    wasm_bindgen::{JsCast, JsValue},
    web_sys,
};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Element, HtmlButtonElement, HtmlDialogElement, HtmlElement, HtmlFormElement, HtmlInputElement,
    HtmlTextAreaElement,
};

use super::{live_page, morph::morph};
use crate::{error::WireError, wording::Wording};

/// Makes forms with the attribute `data-live` live, and shows what others change. Stands once on a page,
/// and shows nothing itself.
#[island]
pub fn LiveForms(
    /// Where the page hears of changes.
    events: String,
) -> impl IntoView {
    Effect::new(move |_| {
        let submits = window_event_listener(leptos::ev::submit, |event| on_submit(&event));
        let changes = window_event_listener(leptos::ev::change, |event| on_change(&event));
        on_cleanup(move || {
            submits.remove();
            changes.remove();
        });
        // A question that the page came with.
        if let Some(dialogue) = document().query_selector("dialog[open]").ok().flatten() {
            open(&dialogue);
        }
        live_page::listen(&events);
    });
}

/// Submits a form with the attribute `data-auto` as soon as something else is chosen in it.
fn on_change(event: &web_sys::Event) {
    let chosen = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let form = chosen.and_then(|chosen| chosen.closest("form[data-auto]").ok().flatten());
    if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
        let _ = form.request_submit();
    }
}

fn on_submit(event: &web_sys::SubmitEvent) {
    let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else { return };
    if !form.has_attribute("data-live") || event.default_prevented() {
        return;
    }
    event.prevent_default();
    let dialogue = form.closest("dialog").ok().flatten();
    if let Some(dialogue) = dialogue.filter(|_| form.method() == "get") {
        // Not before the press is over, with which a browser would take the focus away again.
        request_animation_frame(move || dismiss(&dialogue));
        return;
    }
    if form.has_attribute("aria-busy") {
        return;
    }
    let button = event.submitter().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok());
    let Ok(body) = body(&form, button.as_ref()) else { return };
    let switch = button.filter(|button| button.has_attribute("aria-checked") && !form.has_attribute("data-asks"));
    if let Some(switch) = &switch {
        toggle(switch);
    }
    let _ = form.set_attribute("aria-busy", "true");
    spawn_local(async move {
        let answer = send(&form, &body).await;
        if let Ok((page, address)) = &answer
            && leads_elsewhere(page, address)
        {
            // It stays busy until the browser has left.
            let _ = window().location().assign(address);
            return;
        }
        let _ = form.remove_attribute("aria-busy");
        match answer {
            Ok((page, _)) => take_over(&form, &page),
            Err(error) => {
                if let Some(switch) = &switch {
                    toggle(switch);
                }
                say(&form, &Wording::current().wire_error(&error));
            }
        }
    });
}

/// The form's fields, with the button that was pressed, as a browser would send them.
fn body(form: &HtmlFormElement, button: Option<&HtmlButtonElement>) -> Result<String, JsValue> {
    let fields = web_sys::FormData::new_with_form(form)?;
    if let Some(button) = button.filter(|button| !button.name().is_empty()) {
        fields.append_with_str(&button.name(), &button.value())?;
    }
    let body = web_sys::UrlSearchParams::new()?;
    for name in ["_form", "number"].into_iter().map(str::to_owned).chain(names(form)) {
        let value = fields.get(&name).as_string();
        if let Some(value) = value.filter(|_| body.get(&name).is_none()) {
            body.append(&name, &value);
        }
    }
    Ok(body.to_string().into())
}

/// The names of a form's controls.
fn names(form: &HtmlFormElement) -> impl Iterator<Item = String> {
    let controls = form.elements();
    (0..controls.length())
        .filter_map(move |index| controls.item(index)?.get_attribute("name"))
        .filter(|name| !name.is_empty())
}

fn toggle(switch: &HtmlButtonElement) {
    let on = switch.get_attribute("aria-checked").as_deref() == Some("true");
    let _ = switch.set_attribute("aria-checked", &(!on).to_string());
}

/// Whether the answer from `address` is another page, or this one as it cannot become in place.
fn leads_elsewhere(page: &Document, address: &str) -> bool {
    let path = web_sys::Url::new(address).map(|address| address.pathname()).ok();
    path != window().location().pathname().ok() || !live_page::is_same_kind(page)
}

/// Sends a form to the page; its new document, and the address that it came from.
async fn send(form: &HtmlFormElement, body: &str) -> Result<(Document, String), WireError> {
    let unreachable = |_: JsValue| WireError::Unreachable;
    let options = web_sys::RequestInit::new();
    let mut address = form.action();
    let opens = form.method() == "get";
    if opens {
        address = format!("{}?{body}", address.split(['?', '#']).next().unwrap_or_default());
    } else {
        options.set_method("POST");
        options.set_body(&JsValue::from_str(body));
    }
    let request = web_sys::Request::new_with_str_and_init(&address, &options).map_err(unreachable)?;
    request.headers().set("Content-Type", "application/x-www-form-urlencoded").map_err(unreachable)?;
    request.headers().set("Tenantry-Live", "1").map_err(unreachable)?;
    let response = JsFuture::from(window().fetch_with_request(&request)).await.map_err(unreachable)?;
    let response: web_sys::Response = response.unchecked_into();
    let page = read(&response).await?;
    // Only what was done leads on to another address.
    if response.redirected() {
        form.reset();
    }
    let address = response.url();
    if (opens || response.redirected()) && !leads_elsewhere(&page, &address) {
        show_address(&address);
    }
    Ok((page, address))
}

/// The page that the server answered with.
pub(super) async fn read(response: &web_sys::Response) -> Result<Document, WireError> {
    let unreachable = |_: JsValue| WireError::Unreachable;
    if response.url().contains("/sign-in") || response.url().ends_with("/memberships") {
        return Err(WireError::Unauthenticated);
    }
    let text = JsFuture::from(response.text().map_err(unreachable)?).await.map_err(unreachable)?;
    let page = web_sys::DomParser::new().and_then(|parser| {
        parser.parse_from_string(&text.as_string().unwrap_or_default(), web_sys::SupportedType::TextHtml)
    });
    let page = page.map_err(unreachable)?;
    // What is no page of ours, a gateway's error say, is no answer.
    if page.query_selector(".panel").ok().flatten().is_none() {
        return Err(if response.status() == 404 { WireError::NotFound } else { WireError::Unreachable });
    }
    Ok(page)
}

/// Shows the address of what is on the page now, but for what was just done: that is over when the
/// page is loaded again.
fn show_address(address: &str) {
    show_address_without(address, &["done=", "undo="]);
}

fn show_address_without(address: &str, gone: &[&str]) {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let is_kept = |part: &&str| !part.is_empty() && !gone.iter().any(|gone| part.starts_with(gone));
    let query = query.split('#').next().unwrap_or_default();
    let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    let address = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// The fields in which something may be typed. Those of islands keep themselves.
const TYPED: &str = ".opened input, .opened textarea, .adding input, .correcting input, .filter input";

/// Whether something is typed in a form of `panel`.
pub(super) fn is_typed_in(panel: &Element) -> bool {
    let Ok(fields) = panel.query_selector_all(TYPED) else { return false };
    (0..fields.length()).filter_map(|index| fields.item(index)).any(|field| {
        match (field.dyn_ref::<HtmlInputElement>(), field.dyn_ref::<HtmlTextAreaElement>()) {
            (Some(field), _) => field.value() != field.default_value(),
            (_, Some(field)) => field.default_value().is_ok_and(|default| field.value() != default),
            _ => false,
        }
    })
}

/// Takes over the parts of `page`, but for those in which it would close a form with something typed.
fn take_over(form: &HtmlFormElement, page: &Document) {
    let form_panel = form.closest(".panel").ok().flatten();
    if let Some(dialogue) = form.closest("dialog").ok().flatten() {
        dismiss(&dialogue);
    }
    hold(|| {
        live_page::each_part(page, |part, wanted| {
            let own = form_panel.as_ref().is_some_and(|own| own.is_same_node(Some(part)));
            let closes = wanted.query_selector(".opened").ok().flatten().is_none();
            if own || !closes || !is_typed_in(part) {
                morph(part, wanted);
            }
        });
    });
    live_page::tell_islands(page);
    if let Some(dialogue) = document().query_selector("dialog[open]").ok().flatten() {
        open(&dialogue);
        return;
    }
    // Whoever pressed a button that is gone goes on from the top of its panel.
    let lost = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
    let Some(panel) = form_panel.filter(|_| lost) else { return };
    let opened = panel.query_selector(".opened input:not([type=hidden])").ok().flatten();
    match opened.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
        Some(field) => drop(field.focus()),
        None => focus(&panel),
    }
}

/// Changes the page, and scrolls so that what is under the pointer stays there.
pub(super) fn hold(change: impl FnOnce()) {
    let top = |element: &Element| element.get_bounding_client_rect().top();
    let hovered = document().query_selector_all("main :hover").ok();
    let pointed = hovered.and_then(|all| all.item(all.length().checked_sub(1)?)?.dyn_into::<Element>().ok());
    let before = pointed.as_ref().map(top);
    change();
    if let (Some(pointed), Some(before)) = (pointed.filter(|pointed| pointed.is_connected()), before) {
        window().scroll_by_with_x_and_y(0.0, top(&pointed) - before);
    }
}

/// Opens a dialogue that the server has rendered as one that stands open on the page.
fn open(dialogue: &Element) {
    let Some(dialogue) = dialogue.dyn_ref::<HtmlDialogElement>() else { return };
    let opener = document().active_element().map(|opener| opener.id()).unwrap_or_default();
    let _ = dialogue.set_attribute("data-opener", &opener);
    let _ = dialogue.remove_attribute("open");
    let _ = dialogue.show_modal();
    // What is done by pressing Enter once more is nothing.
    if let Some(cancel) = dialogue.query_selector("#cancel").ok().flatten() {
        let _ = cancel.dyn_into::<HtmlElement>().map(|cancel| cancel.focus());
    }
    let place: Element = dialogue.clone().into();
    // Escape dismisses as Cancel does.
    let closed = leptos::wasm_bindgen::closure::Closure::once_into_js(move || dismiss(&place));
    dialogue.set_onclose(Some(closed.unchecked_ref()));
}

/// Removes a dialogue and gives the focus back to what opened it.
fn dismiss(dialogue: &Element) {
    dialogue.remove();
    if dialogue.has_attribute("data-open")
        && let Ok(address) = window().location().href()
    {
        show_address_without(&address, &["open="]);
    }
    let opener = dialogue.get_attribute("data-opener").and_then(|opener| document().get_element_by_id(&opener));
    if let Some(opener) = opener.and_then(|opener| opener.dyn_into::<HtmlElement>().ok()) {
        let _ = opener.focus();
    }
}

fn focus(panel: &Element) {
    let _ = panel.set_attribute("tabindex", "-1");
    if let Some(panel) = panel.dyn_ref::<HtmlElement>() {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = panel.focus_with_options(&options);
    }
}

/// Says something in the panel of `form`, in place of what was said there and what undid that.
fn say(form: &HtmlFormElement, text: &str) {
    let panel = form.closest(".panel").ok().flatten();
    if let Some(place) = panel.and_then(|panel| panel.query_selector("[data-said]").ok().flatten()) {
        place.set_text_content(Some(text));
        while let Some(next) = place.next_element_sibling() {
            next.remove();
        }
    }
}
