//! Shows on an open page what others change.
//!
//! The server says that something has changed; the page is then asked for anew, and its parts are taken
//! over where nobody is typing. A page that nobody looks at does not listen: browsers allow a handful of
//! connections to a server, and a forgotten tab would keep one.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::{
    prelude::*,
    task::spawn_local,
    wasm_bindgen::{JsCast, closure::Closure},
    web_sys,
};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, EventSource, MessageEvent};

use super::{
    live_forms::{hold, is_typed_in, read},
    morph::morph,
};
use crate::error::WireError;

/// The event by which islands hear of a page that was fetched; its detail is the new document.
pub(super) const PAGE: &str = "tenantry:page";

/// The event by which the server says on a silent connection that it is alive.
pub const ALIVE: &str = "alive";

/// How often it is looked whether the connection is silent. The server says something every 15 seconds.
const SILENCE_CHECK: Duration = Duration::from_secs(15);

/// After so many checks without an event the connection is taken for dead.
const SILENT_CHECKS: u32 = 2;

/// How long fetching the page may take, in milliseconds.
const FETCH_TIMEOUT: u32 = 30_000;

/// What keeps a part of the page from being taken over: a form on its way, or one that was refused.
const UNTOUCHED: &str = "[aria-busy=true], [role=alert], [aria-invalid=true]";

/// Where a panel says what was just done.
const SAYING: &str = "[data-saying]";

/// The least time between two fetches of a page on which much changes.
const REST: Duration = Duration::from_millis(250);

/// How long to wait before listening again after the server would not have it.
const AGAIN: Duration = Duration::from_secs(10);

/// What a page knows of what it listens to.
#[derive(Default)]
struct Listening {
    source: Option<EventSource>,
    /// Whether the page is being fetched, or has just been.
    busy: bool,
    /// Whether something has changed since.
    again: bool,
    /// Checks since the last event.
    silent: u32,
}

/// Listens to the events of `address` as long as the page is looked at.
pub(super) fn listen(address: &str) {
    let listening = Rc::new(RefCell::new(Listening::default()));
    let address = address.to_owned();
    if !document().hidden() {
        open(&address, &listening);
    }
    watch_silence(&address, &listening);
    // The page stays as it is until it is left, and so do these.
    let on_visibility = Closure::<dyn Fn()>::new(move || {
        if document().hidden() {
            close(&listening);
        } else if listening.borrow().source.is_none() {
            open(&address, &listening);
            fetch(&listening);
        }
    });
    let _ = document().add_event_listener_with_callback("visibilitychange", on_visibility.as_ref().unchecked_ref());
    on_visibility.forget();
}

/// Listens anew, and asks for the page anew, when the connection has been silent for too long: one that
/// was dropped without a word looks like one on which nothing happens.
fn watch_silence(address: &str, listening: &Rc<RefCell<Listening>>) {
    let (listening, address) = (Rc::clone(listening), address.to_owned());
    let check = move || {
        if listening.borrow().source.is_none() {
            return;
        }
        if listening.borrow().silent < SILENT_CHECKS {
            listening.borrow_mut().silent += 1;
            return;
        }
        close(&listening);
        open(&address, &listening);
        fetch(&listening);
    };
    let _ = set_interval_with_handle(check, SILENCE_CHECK);
}

fn open(address: &str, listening: &Rc<RefCell<Listening>>) {
    let Ok(source) = EventSource::new(address) else { return };
    listening.borrow_mut().silent = 0;
    let own = Rc::clone(listening);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        own.borrow_mut().silent = 0;
        if is_news(&event.data().as_string().unwrap_or_default(), &seen(&document())) {
            fetch(&own);
        }
    });
    source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    let own = Rc::clone(listening);
    let on_alive = Closure::<dyn Fn()>::new(move || own.borrow_mut().silent = 0);
    let _ = source.add_event_listener_with_callback(ALIVE, on_alive.as_ref().unchecked_ref());
    on_alive.forget();
    // A browser goes on listening by itself after a connection was lost, but not after another answer
    // than it expected, that of a gateway whose server is being started anew, say.
    let (own, address) = (Rc::clone(listening), address.to_owned());
    let on_error = Closure::<dyn Fn()>::new(move || {
        let closed = |source: &EventSource| source.ready_state() == EventSource::CLOSED;
        if !own.borrow().source.as_ref().is_some_and(closed) {
            return;
        }
        own.borrow_mut().source = None;
        let (own, address) = (Rc::clone(&own), address.clone());
        set_timeout(
            move || {
                if own.borrow().source.is_none() && !document().hidden() {
                    open(&address, &own);
                    fetch(&own);
                }
            },
            AGAIN,
        );
    });
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    on_error.forget();
    listening.borrow_mut().source = Some(source);
}

fn close(listening: &Rc<RefCell<Listening>>) {
    if let Some(source) = listening.borrow_mut().source.take() {
        source.close();
    }
}

/// The latest records of activity with which `page` was rendered.
fn seen(page: &Document) -> String {
    let place = page.query_selector("[data-seen]").ok().flatten();
    place.and_then(|place| place.get_attribute("data-seen")).unwrap_or_default()
}

/// Whether the records that are `told` are not all among those `seen`. Their keys come in no order: what
/// began first may be committed last. 0 stands for anything.
fn is_news(told: &str, seen: &str) -> bool {
    let is_seen = |record: &str| record != "0" && seen.split(' ').any(|seen| seen == record);
    !told.split(' ').all(is_seen)
}

/// Fetches the page and takes over what is new; once more afterwards, if something changes meanwhile.
fn fetch(listening: &Rc<RefCell<Listening>>) {
    {
        let mut listening = listening.borrow_mut();
        listening.again = listening.busy;
        if listening.busy {
            return;
        }
        listening.busy = true;
    }
    let listening = Rc::clone(listening);
    spawn_local(async move {
        match fetched().await {
            Ok(page) if is_same_kind(&page) => take_over(&page),
            // Where the person did it themselves, the answer to that leads on; where they are typing,
            // what they send will be refused with the reason.
            Ok(_) if is_busy() || is_anything_typed() => {}
            // Where the session has ended, the page that says so is where the browser belongs.
            Ok(_) | Err(WireError::Unauthenticated | WireError::NotFound) => drop(window().location().reload()),
            Err(_) => {}
        }
        set_timeout(
            move || {
                let again = {
                    let mut listening = listening.borrow_mut();
                    listening.busy = false;
                    std::mem::take(&mut listening.again)
                };
                if again {
                    fetch(&listening);
                }
            },
            REST,
        );
    });
}

async fn fetched() -> Result<Document, WireError> {
    let address = || window().location().href().map_err(|_| WireError::Unreachable);
    loop {
        let asked = address()?;
        let init = web_sys::RequestInit::new();
        init.set_signal(Some(&web_sys::AbortSignal::timeout_with_u32(FETCH_TIMEOUT)));
        let request = web_sys::Request::new_with_str_and_init(&asked, &init).map_err(|_| WireError::Unreachable)?;
        request.headers().set("Tenantry-Follows", "1").map_err(|_| WireError::Unreachable)?;
        let response =
            JsFuture::from(window().fetch_with_request(&request)).await.map_err(|_| WireError::Unreachable)?;
        let page = read(&response.unchecked_into()).await;
        // What was done meanwhile leads to an address of its own, of which this is not the page.
        if address()? == asked {
            return page;
        }
    }
}

/// Whether this page can become `page` in place. An account that was deleted, or restored, is shown by
/// islands that cannot turn into what they are then.
pub(super) fn is_same_kind(page: &Document) -> bool {
    let deleted = |page: &Document| page.query_selector("[data-deleted]").ok().flatten().is_some();
    deleted(page) == deleted(&document())
}

fn is_busy() -> bool {
    document().query_selector("form[aria-busy=true]").ok().flatten().is_some()
}

fn is_anything_typed() -> bool {
    let Ok(panels) = document().query_selector_all(".panel") else { return false };
    let mut panels = (0..panels.length()).filter_map(|index| panels.item(index)?.dyn_into::<Element>().ok());
    panels.any(|panel| is_typed_in(&panel))
}

/// Takes over the parts of `page` in which nobody is typing and no question is open.
fn take_over(page: &Document) {
    hold(|| take_over_parts(page));
    tell_islands(page);
}

fn take_over_parts(page: &Document) {
    each_part(page, |part, wanted| {
        let asks = [part, wanted].iter().any(|part| part.query_selector("dialog").ok().flatten().is_some());
        // What was refused, and why, is being read, or put right.
        let kept = part.query_selector(UNTOUCHED).ok().flatten().is_some();
        if asks || kept || is_typed_in(part) {
            return;
        }
        // What was just done, and what undoes it, is still being read.
        if let (Ok(Some(own)), Ok(Some(new))) = (part.query_selector(SAYING), wanted.query_selector(SAYING)) {
            new.set_inner_html(&own.inner_html());
        }
        morph(part, wanted);
    });
}

/// Calls `take` with each part of this page, and the same part of `page`.
pub(super) fn each_part(page: &Document, take: impl Fn(&Element, &Element)) {
    let Ok(parts) = document().query_selector_all(".panel, [data-part]") else { return };
    for part in (0..parts.length()).filter_map(|index| parts.item(index)?.dyn_into::<Element>().ok()) {
        let wanted = (!part.id().is_empty()).then(|| page.get_element_by_id(&part.id())).flatten();
        if let Some(wanted) = wanted {
            take(&part, &wanted);
        }
    }
}

/// Lets islands, which keep themselves up to date, see the new page.
pub(super) fn tell_islands(page: &Document) {
    let init = web_sys::CustomEventInit::new();
    init.set_detail(page);
    if let Ok(event) = web_sys::CustomEvent::new_with_event_init_dict(PAGE, &init) {
        let _ = window().dispatch_event(&event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_the_page_does_not_show_is_news_whatever_its_key() {
        for (told, seen, news) in [
            ("12", "12 11 9", false),
            ("13", "12 11 9", true),
            ("10", "12 11 9", true),
            ("0", "12 11 9", true),
            ("12 11 9", "12 11 9", false),
            ("12 11 10", "12 11 9", true),
            ("1", "", true),
        ] {
            assert_eq!(is_news(told, seen), news, "{told} told, {seen} seen");
        }
    }
}
