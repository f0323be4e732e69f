//! The pages that say why there is nothing else to show.

use std::sync::Arc;

use leptos::prelude::*;

use crate::{
    error::WireError,
    layout::{Place, bare, framed},
    paths,
    request::{self, Request},
    wording::Wording,
};

/// The page of an address that leads nowhere.
#[component]
pub(super) fn NotFound() -> impl IntoView {
    let request = request::current();
    super::page(request, async { Err(WireError::NotFound) })
}

/// The page for `error`. Who is not signed in is sent to where they can.
pub(super) async fn page(request: &Arc<Request>, error: &WireError) -> AnyView {
    let wording = Wording(request.locale);
    if *error == WireError::Unauthenticated {
        let seatless = request.signed_in.is_some();
        let target = if seatless { paths::MEMBERSHIPS.to_owned() } else { paths::sign_in_then(&request.uri) };
        request::redirect(&target);
        return ().into_any();
    }
    request::set_status(error.status());
    let (title, lead) = match error {
        WireError::NotFound => (wording.not_found_title(), wording.not_found_lead().to_owned()),
        WireError::Internal { reference } => (wording.internal_title(), wording.internal_lead(reference)),
        other => (wording.forbidden_title(), wording.wire_error(other)),
    };
    let content = view! {
        <div class="problem">
            <h1>{title}</h1>
            <p>{lead}</p>
            <p><a class="button" href="/">{wording.go_home()}</a></p>
        </div>
    };
    match super::frame(request, title, Place::Elsewhere, None).await {
        Ok(frame) if request.signed_in.is_some() => framed(request, frame, content),
        _ => bare(request, title, content),
    }
}
