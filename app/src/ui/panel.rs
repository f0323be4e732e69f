//! A part of a page with a heading of its own.

use leptos::prelude::*;

/// A labelled region.
#[component]
pub fn Panel(
    /// The key by which the heading is found; unique on the page.
    id: &'static str,
    /// The heading.
    heading: &'static str,
    /// What stands in it.
    children: Children,
) -> impl IntoView {
    let heading_id = format!("{id}-heading");
    view! {
        <section class="panel" id=id aria-labelledby=heading_id>
            <header>
                <h2 id=format!("{id}-heading")>{heading}</h2>
            </header>
            {children()}
        </section>
    }
}
