//! A switch: a form of one button that says what it is, not what it would do.

use leptos::prelude::*;

use crate::form::{Hidden, PostForm, Submission};

/// A switch with its name. An element with the id `{id}-text` describes it. It moves at once, is busy until the
/// server has answered, and returns when it refused.
#[component]
pub fn Switch(
    /// Unique on the page.
    id: String,
    /// The sending.
    submission: Submission,
    /// The address of the page, to which it is posted without JavaScript.
    #[prop(into)]
    action: Signal<String>,
    /// The form's fields, but for `on`.
    fields: Vec<(&'static str, String)>,
    /// Whether it is on.
    #[prop(into)]
    on: Signal<bool>,
    /// Whether a question comes first, so that it does not move at once.
    #[prop(into)]
    asks: Signal<bool>,
    /// Whether it cannot be switched.
    #[prop(into)]
    disabled: Signal<bool>,
    /// Its name.
    label: String,
) -> impl IntoView {
    let shown = move || on.get() != (submission.pending() && !asks.get());
    let fields: Vec<_> = fields.into_iter().map(|(name, value)| view! { <Hidden name value /> }).collect();
    view! {
        <PostForm submission action class="switch-form">
            {fields}
            <button
                type="submit" role="switch" class="switch" id=format!("{id}-switch") name="on"
                value=move || (!on.get()).to_string() aria-checked=move || shown().to_string()
                aria-labelledby=format!("{id}-name") aria-describedby=format!("{id}-text")
                aria-disabled=move || disabled.get().then_some("true")
            ></button>
            <label class="switch-name" id=format!("{id}-name") for=format!("{id}-switch")>{label}</label>
        </PostForm>
    }
}
