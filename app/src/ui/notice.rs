//! What the page has to say about what a person did.

use leptos::prelude::*;

use super::Tone;

/// A message in a box.
#[component]
pub fn Notice(
    /// How it is to be felt.
    tone: Tone,
    /// The message.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let role = if matches!(tone, Tone::Bad) { "alert" } else { "status" };
    view! {
        <p class=format!("notice {}", tone.class()) role=role>
            {move || text.get()}
        </p>
    }
}

/// What is wrong with a form, at its top: a heading and a link to each field.
#[component]
pub fn ErrorSummary(
    /// How many fields are wrong, in words.
    heading: String,
    /// The field's element id, its label and what is wrong.
    errors: Vec<(String, String, String)>,
) -> impl IntoView {
    let rows = errors.into_iter().map(|(id, label, message)| {
        view! {
            <li>
                <a href=format!("#{id}")>{label}</a>
                ": "
                {message}
            </li>
        }
    });
    view! {
        <div class="notice bad" role="alert" tabindex="-1" data-summary="">
            <p class="notice-title">{heading}</p>
            <ul>{rows.collect_view()}</ul>
        </div>
    }
}
