//! The button that copies a value.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

use crate::wording::Wording;

/// How long the button says that it copied.
const SHOWN: std::time::Duration = std::time::Duration::from_secs(4);

/// Copies `text`, and says so. It is invisible until it can.
#[island]
pub fn CopyButton(
    /// What is copied.
    text: String,
) -> impl IntoView {
    let wording = Wording::current();
    let ready = RwSignal::new(false);
    let said = RwSignal::new("");
    Effect::new(move |_| ready.set(true));
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let clipboard = window().navigator().clipboard();
            // Without TLS a browser gives no clipboard: the object is undefined, and the call throws.
            let copied = !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(&text)).await.is_ok();
            said.set(if copied { wording.copied() } else { wording.copy_failed() });
            set_timeout(move || said.set(""), SHOWN);
        });
    };
    view! {
        <span class="copy" class:waiting=move || !ready.get()>
            <button type="button" class="button quiet small" on:click=copy>
                {wording.copy()}
            </button>
            <span role="status" class="said">{move || said.get()}</span>
        </span>
    }
}
