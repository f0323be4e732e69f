//! The browser's entry.

// The types of whole pages are nested deeply.
#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Wakes the page that the server has rendered.
#[wasm_bindgen]
pub async fn hydrate() {
    leptos::mount::hydrate_from_async(leptos::tachys::dom::body(), app::App).await.forget();
}
