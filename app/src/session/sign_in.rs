//! Signing in.

use leptos::prelude::*;

use super::{Session, SessionView};
use crate::{
    error::WireError,
    form::{Hidden, PostForm, Submission},
    message::Done,
    navigation,
    page::PageTitle,
    paths::{self, value_in},
    ui::TextField,
    wording::Wording,
};

/// Signs in with e-mail and password.
#[server(prefix = "/api", endpoint = "sign_in")]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<Done<SessionView>, WireError> {
    use crate::request::{current, refuse, session_cookie, set_cookie};
    let request = current();
    let former = request.token.as_ref();
    let signing_in = service::sessions::sign_in(&request.backend, &email, &password, &request.source, former);
    let token = signing_in.await.map_err(refuse)?;
    let seconds = request.backend.settings.session.absolute;
    set_cookie(&request, session_cookie(request.secure), &token.to_cookie(), seconds);
    let signed_in = service::sessions::find(&request.backend, &token).await.map_err(refuse)?;
    let locale = signed_in.as_ref().and_then(|person| person.locale).unwrap_or(request.locale);
    let request = crate::request::Request { signed_in, token: Some(token), locale, ..(*request).clone() };
    let now = super::view(&request).await.map_err(refuse)?;
    let home = now.person.as_ref().map_or("/", |person| &person.home);
    let next = paths::local_path(&next).filter(|next| *next != "/").unwrap_or(home).to_owned();
    Ok(Done { message: None, next, now })
}

/// The page on which people sign in.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let wording = Wording::current();
    let session = Session::current();
    let next = value_in(&navigation::query()(), "next").unwrap_or_default();
    let submission = Submission::of::<SignIn, _>(move |view, _| session.set(view));
    if !submission.was_refused() && session.is_signed_in() {
        navigation::redirect("/");
    }
    let ended = !submission.was_refused() && !next.is_empty();
    let next = submission.typed_or("next", &next);
    let problem = move || {
        let error = submission.error().get()?;
        Some(if error == WireError::Unauthenticated {
            wording.sign_in_refused().to_owned()
        } else {
            wording.wire_error(&error)
        })
    };
    view! {
        <PageTitle title=wording.sign_in().to_owned() />
        <h1 tabindex="-1">{wording.sign_in()}</h1>
        <p class="soft">{if ended { wording.session_ended() } else { wording.sign_in_lead() }}</p>
        {move || problem().map(|problem| view! { <p class="notice bad" role="alert">{problem}</p> })}
        <PostForm submission action=paths::SIGN_IN.to_owned() class="fields one">
            <Hidden name="next" value=next />
            <TextField
                name="email" label=wording.email() value=submission.typed_or("email", "") kind="email"
                autocomplete="username"
            />
            <TextField
                name="password" label=wording.password() value=String::new() kind="password"
                autocomplete="current-password"
            />
            <button type="submit" class="button main wide" aria-disabled=submission.busy()>{wording.sign_in()}</button>
        </PostForm>
    }
}
