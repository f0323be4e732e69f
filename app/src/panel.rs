//! A part of a page with a heading of its own, and a place for what was done in it.

use leptos::prelude::*;

use crate::message::MessagePlace;

/// A labelled region.
#[component]
pub(crate) fn Panel(
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
                <MessagePlace of=id />
            </header>
            {children()}
        </section>
    }
}
