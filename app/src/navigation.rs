//! Moving about: to another page, and what a person finds there.

use leptos::{prelude::*, wasm_bindgen::JsCast, web_sys};
use leptos_router::hooks::use_location;
#[cfg(not(feature = "ssr"))]
use leptos_router::{NavigateOptions, hooks::use_navigate};

#[cfg(not(feature = "ssr"))]
use crate::message::Messages;

/// Whether another page is on its way.
#[derive(Clone, Copy)]
pub(crate) struct Routing(RwSignal<bool>);

impl Routing {
    /// Begins with none.
    pub(crate) fn provide() -> Self {
        let routing = Self(RwSignal::new(false));
        provide_context(routing);
        routing
    }

    /// That of the application.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Notes that a page is on its way, or is there.
    pub(crate) fn set(self, is_under_way: bool) {
        self.0.set(is_under_way);
    }

    /// Whether a page is on its way.
    pub(crate) fn is_under_way(self) -> bool {
        self.0.get()
    }
}

#[cfg(not(feature = "ssr"))]
type Navigate = Box<dyn Fn(&str, NavigateOptions)>;

/// Goes to other pages from code that runs later.
#[derive(Clone, Copy)]
pub(crate) struct Navigator {
    #[cfg(not(feature = "ssr"))]
    navigate: StoredValue<Navigate, LocalStorage>,
}

/// What goes to other pages.
pub(crate) fn navigator() -> Navigator {
    Navigator {
        #[cfg(not(feature = "ssr"))]
        navigate: StoredValue::new_local(Box::new(use_navigate())),
    }
}

#[cfg_attr(feature = "ssr", expect(clippy::unused_self, reason = "only a browser goes anywhere"))]
impl Navigator {
    /// Goes to `address`, unless its page is the one that is open.
    pub(crate) fn to(self, address: &str) {
        #[cfg(not(feature = "ssr"))]
        {
            if address.starts_with("http") {
                let _ = window().location().assign(address);
            } else if path_of(address) != here() {
                self.navigate.try_with_value(|navigate| navigate(address, NavigateOptions::default()));
            }
        }
        #[cfg(feature = "ssr")]
        let _ = address;
    }

    /// Opens `address`, as a link does.
    pub(crate) fn open(self, address: &str) {
        #[cfg(not(feature = "ssr"))]
        self.navigate.try_with_value(|navigate| navigate(address, NavigateOptions::default()));
        #[cfg(feature = "ssr")]
        let _ = address;
    }

    /// Shows `address` in place of the address of this page.
    pub(crate) fn replace(self, address: &str) {
        #[cfg(not(feature = "ssr"))]
        self.navigate.try_with_value(|navigate| {
            navigate(address, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
        });
        #[cfg(feature = "ssr")]
        let _ = address;
    }
}

/// Sends who asked for this page to another one instead.
pub(crate) fn redirect(address: &str) {
    #[cfg(feature = "ssr")]
    crate::request::redirect(address);
    #[cfg(not(feature = "ssr"))]
    {
        let (navigator, address) = (navigator(), address.to_owned());
        // Not while the page is being put together.
        request_animation_frame(move || navigator.replace(&address));
    }
}

/// The path to which `address` leads from this page.
pub(crate) fn path_of(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    if path.is_empty() { here() } else { path.to_owned() }
}

/// The path of the page that is open in the browser.
pub(crate) fn here() -> String {
    window().location().pathname().unwrap_or_default()
}

/// Path and query of this page, not followed.
pub(crate) fn current_uri() -> String {
    let location = use_location();
    let (path, query) = (location.pathname.get_untracked(), location.search.get_untracked());
    with_query(&path, &query)
}

/// A path with its query, if it has one.
pub(crate) fn with_query(path: &str, query: &str) -> String {
    let query = query.trim_start_matches('?');
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The query of this page, without its question mark, as it was typed.
pub(crate) fn query() -> impl Fn() -> String + Copy + Send + Sync + 'static {
    let search = use_location().search;
    move || search.with(|search| search.trim_start_matches('?').to_owned())
}

/// Gives the focus to the element that `address` names by its fragment, if what had it is gone from the page.
pub(crate) fn keep_focus(address: &str) {
    let Some((_, id)) = address.split_once('#') else { return };
    let id = id.to_owned();
    request_animation_frame(move || {
        let lost = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
        if lost && let Some(element) = document().get_element_by_id(&id) {
            focus(&element);
        }
    });
}

/// Gives the focus to an element that a person cannot reach by Tab, without scrolling to it.
pub(crate) fn focus(element: &web_sys::Element) {
    if element.get_attribute("tabindex").is_none() {
        let _ = element.set_attribute("tabindex", "-1");
    }
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}

/// Follows a link within the page: the router would change the address, and leave the focus where it was.
#[cfg(not(feature = "ssr"))]
fn go_within(event: &web_sys::MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let link = target.and_then(|target| target.closest("a[href^='#']").ok().flatten());
    let id = link.and_then(|link| link.get_attribute("href")).unwrap_or_default();
    let Some(element) = document().get_element_by_id(id.trim_start_matches('#')) else { return };
    event.prevent_default();
    element.scroll_into_view();
    focus(&element);
}

/// Looks after what the browser does when documents are loaded: once another page is there, its heading has the focus,
/// and on the way back the place is found again where it was left.
#[cfg(not(feature = "ssr"))]
pub(crate) fn follow(Routing(routing): Routing) {
    use std::collections::HashMap;

    let messages = Messages::current();
    let places = StoredValue::new(HashMap::<String, f64>::new());
    let goes_back = StoredValue::new(false);
    let address = || window().location().href().unwrap_or_default();
    if let Ok(history) = window().history() {
        let _ = history.set_scroll_restoration(web_sys::ScrollRestoration::Manual);
    }
    let scrolled = window_event_listener(leptos::ev::scroll, move |_| {
        if !routing.get_untracked() {
            places.update_value(|places| {
                places.insert(address(), window().scroll_y().unwrap_or_default());
            });
        }
    });
    let back = window_event_listener(leptos::ev::popstate, move |_| goes_back.set_value(true));
    let within = window_event_listener(leptos::ev::click, |event| go_within(&event));
    on_cleanup(move || {
        scrolled.remove();
        back.remove();
        within.remove();
    });
    let path = StoredValue::new(here());
    // The address is that of the new page only after the page is there.
    let arrived = move || {
        if path.with_value(|path| *path == here()) {
            return;
        }
        path.set_value(here());
        let place =
            goes_back.get_value().then(|| places.with_value(|places| places.get(&address()).copied())).flatten();
        goes_back.set_value(false);
        crate::form::forget_posted();
        messages.keep_on(&here());
        close_popover();
        if let Ok(Some(heading)) = document().query_selector("main h1") {
            focus(&heading);
        }
        if let Some(place) = place {
            window().scroll_to_with_x_and_y(0.0, place);
        }
    };
    Effect::new(move |before: Option<bool>| {
        let now = routing.get();
        if before == Some(true) && !now {
            request_animation_frame(arrived);
        }
        now
    });
}

/// Closes the menu that is open: a link in it was followed.
#[cfg(not(feature = "ssr"))]
fn close_popover() {
    let open = document().query_selector(":popover-open").ok().flatten();
    if let Some(open) = open.and_then(|open| open.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = open.hide_popover();
    }
}
