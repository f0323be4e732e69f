//! The browser's entry.

use wasm_bindgen::prelude::wasm_bindgen;

// Linked for its islands, which the page's script calls by name.
use app as _;

/// Makes the islands ready to be woken.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
