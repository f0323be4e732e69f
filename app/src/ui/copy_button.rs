//! The button that copies a value.

use leptos::{html, prelude::*, task::spawn_local, wasm_bindgen::JsCast, web_sys};
use wasm_bindgen_futures::JsFuture;

use crate::wording::Wording;

/// How long the button says that it copied.
const SHOWN: std::time::Duration = std::time::Duration::from_secs(4);

/// What a press of the button led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Copied,
    /// The value is selected, for a key to copy.
    Selected,
    Failed,
}

/// Copies `text`, which stands before it, and says so. It is invisible until it can.
#[component]
pub fn CopyButton(
    /// What is copied.
    text: String,
) -> impl IntoView {
    let wording = Wording::current();
    let button = NodeRef::<html::Span>::new();
    let ready = RwSignal::new(false);
    let said = RwSignal::new("");
    Effect::new(move |_| ready.set(true));
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let outcome = match button.get_untracked() {
                _ if copied(&text).await => Outcome::Copied,
                Some(button) => copied_by_selection(&button),
                None => Outcome::Failed,
            };
            said.set(match outcome {
                Outcome::Copied => wording.copied(),
                Outcome::Selected => wording.copy_selected(),
                Outcome::Failed => wording.copy_failed(),
            });
            set_timeout(move || said.set(""), SHOWN);
        });
    };
    view! {
        <span class="copy" class:waiting=move || !ready.get() node_ref=button>
            <button type="button" class="button quiet small" on:click=copy>
                {wording.copy()}
            </button>
            <span role="status" class="said">{move || said.get()}</span>
        </span>
    }
}

async fn copied(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    // Without TLS a browser gives no clipboard: the object is undefined, and the call throws.
    !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Selects the value before the button and copies it as a key would, which needs no TLS.
fn copied_by_selection(button: &web_sys::HtmlElement) -> Outcome {
    let parent = button.parent_element();
    let value = parent.and_then(|parent| parent.previous_element_sibling());
    let selected = value.zip(window().get_selection().ok().flatten());
    let selected = selected.is_some_and(|(value, selection)| selection.select_all_children(&value).is_ok());
    if !selected {
        return Outcome::Failed;
    }
    let page = document().dyn_into::<web_sys::HtmlDocument>();
    let copied = page.is_ok_and(|page| page.exec_command("copy").unwrap_or_default());
    if copied { Outcome::Copied } else { Outcome::Selected }
}
