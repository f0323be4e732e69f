//! Choosing the membership to work from, the language, and signing out.

use domain::locale::Locale;
use domain::view::sessions::MembershipChoice;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Session, SessionView};
use crate::{
    error::WireError,
    form::{FORM, Hidden, PostForm, Submission},
    message::Done,
    page::{PageTitle, loaded, resource},
    paths,
    wording::Wording,
};

/// Ends the session.
#[server(prefix = "/api", endpoint = "sign_out")]
pub async fn sign_out() -> Result<Done, WireError> {
    use crate::request::{current, refuse, session_cookie, set_cookie};
    let request = current();
    if let Some(token) = &request.token {
        service::sessions::sign_out(&request.backend, token).await.map_err(refuse)?;
    }
    set_cookie(&request, session_cookie(request.secure), "", 0);
    Ok(Done::silently(paths::SIGN_IN))
}

/// Chooses the membership to work from.
#[server(prefix = "/api", endpoint = "choose_membership")]
pub async fn choose_membership(membership: i64) -> Result<Done<SessionView>, WireError> {
    use crate::request::{Request, current, refuse};
    let request = current();
    let (signed_in, token) = request.session().map_err(refuse)?;
    let membership = domain::id::MembershipId(membership);
    service::sessions::choose(&request.backend, token, signed_in.person, membership).await.map_err(refuse)?;
    let signed_in = service::sessions::find(&request.backend, token).await.map_err(refuse)?;
    let request = Request { signed_in, ..(*request).clone() };
    let now = super::view(&request).await.map_err(refuse)?;
    let next = now.person.as_ref().map_or(paths::SIGN_IN, |person| &person.home).to_owned();
    Ok(Done { message: None, next, now })
}

/// Chooses the language of the console, for the browser and for the person if there is one.
#[server(prefix = "/api", endpoint = "choose_locale")]
pub async fn choose_locale(
    locale: Locale,
    #[server(default)] return_to: String,
) -> Result<Done<SessionView>, WireError> {
    use crate::request::{Request, current, locale_cookie, refuse, set_cookie};
    let request = current();
    set_cookie(&request, locale_cookie(request.secure), locale.tag(), 365 * 24 * 3600);
    if let Some(person) = &request.signed_in {
        service::profile::choose_locale(&request.backend, person.person, locale).await.map_err(refuse)?;
    }
    let now = super::view(&Request { locale, ..(*request).clone() }).await.map_err(refuse)?;
    Ok(Done { message: None, next: paths::local_path(&return_to).unwrap_or("/").to_owned(), now })
}

/// The memberships of who is signed in.
#[server(prefix = "/api", endpoint = "memberships")]
pub async fn memberships() -> Result<Vec<MembershipChoice>, WireError> {
    use crate::request::{current, refuse};
    let request = current();
    let (person, _) = request.session().map_err(refuse)?;
    service::sessions::memberships(&request.backend, person.person).await.map_err(refuse)
}

/// The page on which people with several memberships choose one.
#[component]
pub(crate) fn MembershipsPage() -> impl IntoView {
    let all = resource(|| (), |()| memberships());
    loaded(all, |choices| view! { <Choices choices /> })
}

#[component]
fn Choices(choices: Vec<MembershipChoice>) -> impl IntoView {
    let wording = Wording::current();
    let lead = if choices.is_empty() { wording.no_membership() } else { wording.choose_membership_lead() };
    let choices = choices.into_iter().map(|choice| view! { <li><FirstMembership choice /></li> });
    view! {
        <PageTitle title=wording.choose_membership().to_owned() />
        <h1 tabindex="-1">{wording.choose_membership()}</h1>
        <p class="soft">{lead}</p>
        <ul class="choose">{choices.collect_view()}</ul>
        <SignOutButton class="button" />
    }
}

/// The button that chooses the first membership to work from.
#[component]
fn FirstMembership(choice: MembershipChoice) -> impl IntoView {
    let wording = Wording::current();
    let session = Session::current();
    let key = choice.membership.0.to_string();
    let submission =
        Submission::among::<ChooseMembership, _>(&[("membership", &key)], move |view, _| session.set(view));
    // What it does is not clear where it stands.
    let label = format!("{} {}", wording.work_here(&choice.organisation), wording.role(choice.role));
    view! {
        <PostForm submission action=paths::MEMBERSHIPS.to_owned()>
            <Hidden name="membership" value=key />
            <button class="entry" aria-label=label><MembershipText choice /></button>
        </PostForm>
    }
}

/// The button that changes to another membership. The document is left, and with it everything that was shown.
#[component]
pub(crate) fn MembershipButton(
    /// The membership.
    choice: MembershipChoice,
) -> impl IntoView {
    view! {
        <form method="post" action=paths::MEMBERSHIPS>
            <Hidden name=FORM value=ChooseMembership::PATH.to_owned() />
            <Hidden name="membership" value=choice.membership.0.to_string() />
            <button class="entry"><MembershipText choice /></button>
        </form>
    }
}

#[component]
fn MembershipText(choice: MembershipChoice) -> impl IntoView {
    let wording = Wording::current();
    view! {
        <span><bdi>{choice.organisation}</bdi></span> " "
        <span class="soft small">{wording.role(choice.role)}</span>
    }
}

/// The button that ends the session.
#[component]
pub(crate) fn SignOutButton(
    /// Its classes.
    class: &'static str,
) -> impl IntoView {
    let wording = Wording::current();
    // The document is left, and with it everything that was shown.
    view! {
        <form method="post" action="/">
            <Hidden name=FORM value=SignOut::PATH.to_owned() />
            <button class=class>{wording.sign_out()}</button>
        </form>
    }
}
