//! Signing in.

use std::sync::Arc;

use leptos::{prelude::*, server_fn::ServerFn};

use super::query_value;
use crate::{
    api::SignIn,
    error::WireError,
    forms::FORM,
    layout::bare,
    request::{self, Request},
    ui::{Notice, TextField, Tone},
    wording::Wording,
};

/// The page on which people sign in.
#[component]
pub(super) fn SignInPage() -> impl IntoView {
    let request = request::current();
    let next = query_value("next");
    super::page(request.clone(), async move { Ok(content(&request, next)) })
}

fn content(request: &Arc<Request>, next: String) -> AnyView {
    let wording = Wording(request.locale);
    let refused = request.posted::<SignIn>();
    if refused.is_none() && request.signed_in.is_some() {
        request::redirect("/");
    }
    let ended = refused.is_none() && !next.is_empty();
    let (email, next) =
        refused.as_ref().map_or((String::new(), next), |(form, _)| (form.email.clone(), form.next.clone()));
    let problem = refused.and_then(|(_, error)| error).map(|error| match error {
        WireError::Unauthenticated => wording.sign_in_refused().to_owned(),
        error => wording.wire_error(&error),
    });
    let page = view! {
        <h1>{wording.sign_in()}</h1>
        <p class="soft">{if ended { wording.session_ended() } else { wording.sign_in_lead() }}</p>
        {problem.map(|problem| view! { <Notice tone=Tone::Bad text=problem /> })}
        <form method="post" action="/sign-in" class="fields one">
            <input type="hidden" name=FORM value=SignIn::PATH />
            <input type="hidden" name="next" value=next />
            <TextField name="email" label=wording.email() value=email kind="email" autocomplete="username" />
            <TextField
                name="password" label=wording.password() value=String::new() kind="password"
                autocomplete="current-password"
            />
            <button type="submit" class="button main wide">{wording.sign_in()}</button>
        </form>
    };
    bare(request, wording.sign_in(), page)
}
