//! Support and legal notes.

use leptos::prelude::*;

use crate::{page::PageTitle, wording::Wording};

/// Who helps.
#[component]
pub(crate) fn SupportPage() -> impl IntoView {
    let wording = Wording::current();
    text(wording.support_title(), &[wording.support_partner(), wording.support_account()])
}

/// Licences and credits.
#[component]
pub(crate) fn LegalPage() -> impl IntoView {
    let wording = Wording::current();
    let rows = [wording.legal_software(), wording.legal_addresses(), wording.legal_cldr(), wording.legal_trademarks()];
    text(wording.legal_title(), &rows)
}

fn text(title: &'static str, rows: &[&'static str]) -> impl IntoView + use<> {
    let rows = rows.iter().map(|row| view! { <p>{*row}</p> }).collect_view();
    view! {
        <PageTitle title=title.to_owned() />
        <div class="prose">
            <h1 tabindex="-1">{title}</h1>
            {rows}
        </div>
    }
}
