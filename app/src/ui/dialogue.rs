//! Dialogues.

use leptos::{html, prelude::*, wasm_bindgen::JsCast, web_sys};

/// Opens a dialogue that the server renders as one that stands open on the page, as soon as it is there: the focus
/// goes to the button with the id `cancel`, so that what is done by pressing Enter once more is nothing; when
/// the dialogue is gone it returns to what had it.
pub fn open_modal(dialogue: NodeRef<html::Dialog>) {
    Effect::new(move |_| {
        let Some(dialogue) = dialogue.get() else { return };
        let opener = document().active_element().map(|opener| opener.id()).filter(|id| !id.is_empty());
        let dialogue_is_there = dialogue.is_connected();
        let show = move || {
            let _ = dialogue.remove_attribute("open");
            let _ = dialogue.show_modal();
            if let Ok(Some(cancel)) = dialogue.query_selector("#cancel") {
                let _ = cancel.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        };
        if dialogue_is_there {
            show();
        } else {
            // What waited for data is made before it is put on the page.
            request_animation_frame(show);
        }
        on_cleanup(move || {
            let focus = move || {
                let opener = opener.and_then(|id| document().get_element_by_id(&id));
                if let Some(opener) = opener.and_then(|opener| opener.dyn_into::<web_sys::HtmlElement>().ok()) {
                    let _ = opener.focus();
                }
            };
            // As long as the dialogue is there, nothing else can have it.
            queue_microtask(focus);
        });
    });
}
