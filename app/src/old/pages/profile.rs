//! A person's own profile.

use leptos::{prelude::*, server_fn::ServerFn};

use super::query_value;
use crate::{
    api::{ChangePassword, Rename},
    error::WireError,
    forms::FORM,
    layout::{Place, framed},
    request,
    ui::{Notice, Panel, TextField, Tone},
    wording::Wording,
};

/// The page of a person's own profile.
#[component]
pub(super) fn ProfilePage() -> impl IntoView {
    let request = request::current();
    let done = query_value("done");
    super::page(request.clone(), async move {
        let wording = Wording(request.locale);
        let (person, _) = request.session()?;
        let (email, name) = (person.email.clone(), person.name.clone());
        let username = email.clone();
        let renaming = request.posted::<Rename>();
        let changing = request.posted::<ChangePassword>();
        let name_error = renaming.as_ref().and_then(|(_, error)| field_error(error.as_ref()?, "name", wording));
        let name = renaming.map_or(name, |(form, _)| form.name);
        let [password_error, new_password_error] = ["password", "new_password"]
            .map(|field| changing.as_ref().and_then(|(_, error)| field_error(error.as_ref()?, field, wording)));
        let problem = changing
            .as_ref()
            .and_then(|(_, error)| error.as_ref())
            .filter(|error| !matches!(error, WireError::Invalid { .. }));
        let problem = problem.map(|error| wording.wire_error(error));
        let said = match done.as_str() {
            "saved" => Some(wording.profile_saved()),
            "password" => Some(wording.password_changed()),
            _ => None,
        };
        let page = view! {
            <div class="head"><h1>{wording.profile()}</h1></div>
            {said.map(|said| view! { <Notice tone=Tone::Good text=said.to_owned() /> })}
            <div class="panels narrow">
                <Panel id="profile" heading=wording.profile()>
                    <form method="post" action="/profile" class="body">
                        <input type="hidden" name=FORM value=Rename::PATH />
                        <div class="fields one">
                            <TextField name="name" label=wording.name() value=name autocomplete="name" error=name_error />
                            <TextField name="email" label=wording.email() value=email kind="email" read_only=true />
                        </div>
                        <div class="actions"><button type="submit" class="button main">{wording.save()}</button></div>
                    </form>
                </Panel>
                <Panel id="change-password" heading=wording.change_password()>
                    <form method="post" action="/profile" class="body">
                        <input type="hidden" name=FORM value=ChangePassword::PATH />
                        // Tells password managers whose password this is.
                        <input type="text" autocomplete="username" value=username hidden=true />
                        {problem.map(|problem| view! { <Notice tone=Tone::Bad text=problem /> })}
                        <div class="fields one">
                            <TextField
                                name="password" label=wording.present_password() value=String::new() kind="password"
                                autocomplete="current-password" error=password_error
                            />
                            <TextField
                                name="new_password" label=wording.new_password() value=String::new() kind="password"
                                hint=Some(wording.new_password_hint()) autocomplete="new-password"
                                error=new_password_error
                            />
                        </div>
                        <div class="actions">
                            <button type="submit" class="button main">{wording.change_password()}</button>
                        </div>
                    </form>
                </Panel>
            </div>
        };
        Ok(framed(&request, super::frame(&request, wording.profile(), Place::Profile, None).await?, page))
    })
}

/// What is wrong with one field, in words.
fn field_error(error: &WireError, name: &str, wording: Wording) -> Option<String> {
    let WireError::Invalid { fields } = error else { return None };
    let (_, error) = fields.iter().find(|(field, _)| field == name)?;
    Some(wording.field_error(error))
}
