//! A switch: a form of one button that says what it is, not what it would do.

use leptos::prelude::*;

/// A switch with its name. An element with the id `{id}-text` describes it.
#[component]
pub fn Switch<'a>(
    /// Unique on the page.
    id: &'a str,
    /// The page's own path.
    path: String,
    /// The form that it posts.
    form: &'static str,
    /// The form's fields, but for `on`.
    fields: Vec<(&'static str, String)>,
    /// Whether it is on.
    on: bool,
    /// Whether a question comes first, so that it does not move at once.
    asks: bool,
    /// Whether it cannot be switched.
    disabled: bool,
    /// Its name.
    label: String,
) -> impl IntoView {
    let fields: Vec<_> =
        fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect();
    view! {
        <form method="post" action=path class="switch-form" data-live="" data-asks=asks.then_some("")>
            <input type="hidden" name="_form" value=form />
            {fields}
            <button
                type="submit" role="switch" class="switch" id=format!("{id}-switch") name="on" value=(!on).to_string()
                aria-checked=on.to_string() aria-labelledby=format!("{id}-name") aria-describedby=format!("{id}-text")
                disabled=disabled
            ></button>
            <label class="switch-name" id=format!("{id}-name") for=format!("{id}-switch")>{label}</label>
        </form>
    }
}
