//! A person's own profile.

use leptos::prelude::*;

use crate::{
    error::WireError,
    form::{PostForm, Submission},
    message::Done,
    page::{PageTitle, Problem},
    panel::Panel,
    paths,
    session::{Session, SessionView},
    ui::{Refusal, TextField},
    wording::Wording,
};

/// Changes the person's own name.
#[server(prefix = "/api", endpoint = "rename")]
pub async fn rename(#[server(default)] name: String) -> Result<Done<SessionView>, WireError> {
    use crate::{
        message::Outcome,
        request::{Request, current, refuse},
        session,
    };
    let request = current();
    let (signed_in, token) = request.session().map_err(refuse)?;
    service::profile::rename(&request.backend, signed_in.person, &name).await.map_err(refuse)?;
    let signed_in = service::sessions::find(&request.backend, token).await.map_err(refuse)?;
    let now = session::view(&Request { signed_in, ..(*request).clone() }).await.map_err(refuse)?;
    Ok(Done::with(Outcome::ProfileSaved, paths::PROFILE, now))
}

/// Changes the person's own password.
#[server(prefix = "/api", endpoint = "change_password")]
pub async fn change_password(
    #[server(default)] password: String,
    #[server(default)] new_password: String,
) -> Result<Done, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let (signed_in, token) = request.session().map_err(refuse)?;
    let person = signed_in.person;
    let changing = service::profile::change_password(&request.backend, person, token, &password, &new_password);
    changing.await.map_err(refuse)?;
    Ok(Done::with(Outcome::PasswordChanged, paths::PROFILE, ()))
}

/// The page of a person's own profile.
#[component]
pub(crate) fn ProfilePage() -> impl IntoView {
    let wording = Wording::current();
    let session = Session::current();
    let Some(person) = session.person_untracked() else {
        return view! { <Problem error=WireError::Unauthenticated /> }.into_any();
    };
    let renaming = Submission::of::<Rename, _>(move |view, _| session.set(view));
    let changing = Submission::of::<ChangePassword, _>(|(), _| {});
    let username = person.email.clone();
    let error = move |name| changing.field_error(name, wording);
    view! {
        <PageTitle title=wording.profile().to_owned() />
        <div class="head"><h1 tabindex="-1">{wording.profile()}</h1></div>
        <div class="panels narrow">
            <Panel id="profile" heading=wording.profile()>
                <PostForm submission=renaming action=paths::PROFILE.to_owned() class="body" keeps=true>
                    <Refusal text=Signal::derive(move || renaming.problem(wording)) />
                    <div class="fields one">
                        <TextField
                            name="name" label=wording.name() value=renaming.typed_or("name", &person.name)
                            autocomplete="name" error=renaming.field_error("name", wording)
                        />
                        <TextField name="email" label=wording.email() value=person.email kind="email" read_only=true />
                    </div>
                    <div class="actions">
                        <button type="submit" class="button main" aria-disabled=renaming.busy()>{wording.save()}</button>
                    </div>
                </PostForm>
            </Panel>
            <Panel id="change-password" heading=wording.change_password()>
                <PostForm submission=changing action=paths::PROFILE.to_owned() class="body" resets=true>
                    // Tells password managers whose password this is.
                    <input type="text" autocomplete="username" value=username hidden=true />
                    <Refusal text=Signal::derive(move || changing.problem(wording)) />
                    <div class="fields one">
                        <TextField
                            name="password" label=wording.present_password() value=String::new() kind="password"
                            autocomplete="current-password" error=error("password")
                        />
                        <TextField
                            name="new_password" label=wording.new_password() value=String::new() kind="password"
                            hint=Some(wording.new_password_hint()) autocomplete="new-password" error=error("new_password")
                        />
                    </div>
                    <div class="actions">
                        <button type="submit" class="button main" aria-disabled=changing.busy()>
                            {wording.change_password()}
                        </button>
                    </div>
                </PostForm>
            </Panel>
        </div>
    }
    .into_any()
}
