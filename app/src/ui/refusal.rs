//! Why something was refused, at the control that asked for it.

use leptos::prelude::*;

/// Why it was refused; nothing as long as it was not.
#[component]
pub fn Refusal(
    /// The reason, in words.
    text: Signal<Option<String>>,
) -> impl IntoView {
    move || text.try_get().flatten().map(|text| view! { <p class="notice bad" role="alert">{text}</p> })
}
