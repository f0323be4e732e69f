//! What components ask of the elements they rendered.

use leptos::{prelude::*, wasm_bindgen::JsCast, web_sys};

/// Reads the fields of a form as the arguments of a server function would be read.
pub(crate) fn field_value(form: &web_sys::HtmlFormElement, name: &str) -> String {
    web_sys::FormData::new_with_form(form).ok().and_then(|data| data.get(name).as_string()).unwrap_or_default()
}

/// Puts `value` into the control `name` of a form, if it has one.
pub(crate) fn set_field_value(form: &web_sys::HtmlFormElement, name: &str, value: &str) {
    let Some(control) = form.elements().named_item(name) else { return };
    if let Some(input) = control.dyn_ref::<web_sys::HtmlInputElement>() {
        input.set_value(value);
    } else if let Some(select) = control.dyn_ref::<web_sys::HtmlSelectElement>() {
        select.set_value(value);
    }
}

/// Moves the focus to what is wrong, once it is on the page.
pub(crate) fn focus_summary(form: &web_sys::HtmlFormElement) {
    let form = form.clone();
    request_animation_frame(move || {
        if let Ok(Some(summary)) = form.query_selector("[data-summary]") {
            let _ = summary.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
}

/// Gives the focus to what `element` finds once it is on the page, if it came there by something that a person did and
/// what had the focus is gone with that.
pub(crate) fn focus_when_made(element: impl Fn() -> Option<web_sys::Element> + 'static) {
    let hydrates = Owner::current_shared_context().is_some_and(|context| context.during_hydration());
    if hydrates {
        return;
    }
    Effect::new(move |_| {
        let lost = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
        if let Some(element) =
            element().filter(|_| lost).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
        {
            let _ = element.focus();
        }
    });
}

/// Asks before the page is left while `dirty` says that something would be lost.
pub(crate) fn guard_leaving(dirty: Signal<bool>) {
    let handle = window_event_listener(leptos::ev::beforeunload, move |event| {
        if dirty.get_untracked() {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}
