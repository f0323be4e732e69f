//! Signing in again where the work was, once the session has ended.

use leptos::{html, prelude::*, web_sys};

use super::{Session, sign_in::SignIn};
use crate::{
    draft::Drafts,
    error::WireError,
    form::{Hidden, PostForm, Submission},
    live::Live,
    navigation, paths,
    ui::{Refusal, TextField, open_modal},
    wording::Wording,
};

/// Asks the person to sign in again while the session has ended. The page, and what was typed on it, stay.
#[component]
pub(crate) fn SignInAgain() -> impl IntoView {
    let session = Session::current();
    move || {
        let person = session.person_untracked().filter(|_| session.has_ended());
        person.map(|person| view! { <SignInDialogue email=person.email /> })
    }
}

#[component]
fn SignInDialogue(email: String) -> impl IntoView {
    let wording = Wording::current();
    let (session, live, drafts) = (Session::current(), Live::current(), Drafts::current());
    let before = email.clone();
    let submission = Submission::of::<SignIn, _>(move |view, _| {
        if view.person.as_ref().is_some_and(|person| person.email == before) {
            session.set(view);
            live.look_again();
        } else {
            // Nothing of the one person's is for the other.
            drafts.forget_all();
            let home = view.person.map_or_else(|| paths::SIGN_IN.to_owned(), |person| person.home);
            let _ = window().location().assign(&home);
        }
    });
    let problem = move || {
        let error = submission.error().get()?;
        let is_refused = error == WireError::Unauthenticated;
        Some(if is_refused { wording.sign_in_refused().to_owned() } else { wording.wire_error(&error) })
    };
    let dialogue = NodeRef::<html::Dialog>::new();
    open_modal(dialogue);
    let dismiss = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        session.set_ended(false);
    };
    view! {
        <dialog class="dialog" aria-labelledby="sign-in-again" node_ref=dialogue on:close=move |_| session.set_ended(false)>
            <h2 id="sign-in-again">{wording.sign_in()}</h2>
            <p>{wording.session_ended()}</p>
            <Refusal text=Signal::derive(problem) />
            <PostForm submission action=paths::SIGN_IN.to_owned() class="fields one">
                <Hidden name="next" value=navigation::current_uri() />
                <TextField name="email" id="again-email" label=wording.email() value=email kind="email" autocomplete="username" />
                <TextField
                    name="password" id="again-password" label=wording.password() value=String::new() kind="password"
                    autocomplete="current-password"
                />
                <button type="submit" class="button main wide" aria-disabled=submission.busy()>{wording.sign_in()}</button>
            </PostForm>
            <form method="get" action=paths::SIGN_IN on:submit=dismiss>
                <button class="button wide">{wording.cancel()}</button>
            </form>
        </dialog>
    }
}
