//! The way between the pages of a list.

use leptos::prelude::*;

use crate::wording::Wording;

/// Links to the pages of a list, by their addresses; nothing where there is one page only.
#[component]
pub fn Pager(
    /// The first page.
    first: String,
    /// The page before.
    previous: Option<String>,
    /// The page after.
    next: Option<String>,
) -> impl IntoView {
    let wording = Wording::current();
    if previous.is_none() && next.is_none() {
        return ().into_any();
    }
    let first = previous.is_some().then(|| view! { <a class="button" href=first>{wording.first_page()}</a> });
    view! {
        <nav class="pager" aria-label=wording.pages()>
            {first}
            {link(previous, wording.previous_page())}
            {link(next, wording.next_page())}
        </nav>
    }
    .into_any()
}

fn link(address: Option<String>, label: &'static str) -> AnyView {
    match address {
        Some(address) => view! { <a class="button" href=address>{label}</a> }.into_any(),
        None => view! { <span class="button" aria-disabled="true">{label}</span> }.into_any(),
    }
}
