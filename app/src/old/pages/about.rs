//! Support and legal notes.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    error::WireError,
    layout::{Place, bare, framed},
    request::{self, Request},
    wording::Wording,
};

/// Who helps.
#[component]
pub(super) fn SupportPage() -> impl IntoView {
    let request = request::current();
    let wording = Wording(request.locale);
    let rows = vec![wording.support_partner(), wording.support_account()];
    super::page(request.clone(), async move { text(&request, wording.support_title(), rows).await })
}

/// Licences and credits.
#[component]
pub(super) fn LegalPage() -> impl IntoView {
    let request = request::current();
    let wording = Wording(request.locale);
    let rows =
        vec![wording.legal_software(), wording.legal_addresses(), wording.legal_cldr(), wording.legal_trademarks()];
    super::page(request.clone(), async move { text(&request, wording.legal_title(), rows).await })
}

async fn text(request: &Arc<Request>, title: &'static str, rows: Vec<&'static str>) -> Result<AnyView, WireError> {
    let rows = rows.into_iter().map(|row| view! { <p>{row}</p> }).collect_view();
    let content = view! {
        <div class="prose">
            <h1>{title}</h1>
            {rows}
        </div>
    };
    if request.signed_in.is_none() {
        return Ok(bare(request, title, content));
    }
    Ok(framed(request, super::frame(request, title, Place::Elsewhere, None).await?, content))
}
