//! Who is signed in: their session, membership and language.

mod memberships;
mod sign_in;
mod sign_in_again;

use domain::{locale::Locale, role::Role, view::sessions::MembershipChoice};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::WireError;

pub(crate) use self::memberships::ChooseLocale;
pub(crate) use self::{
    memberships::{MembershipButton, MembershipsPage, SignOutButton},
    sign_in::SignInPage,
    sign_in_again::SignInAgain,
};

/// The session as the browser knows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    /// The language of the console.
    pub locale: Locale,
    /// Who is signed in.
    pub person: Option<PersonView>,
}

/// A signed-in person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonView {
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// The membership they work from: its role, and the name of its partner or account.
    pub membership: Option<(Role, String)>,
    /// The page with which their work begins.
    pub home: String,
    /// The memberships that they can switch to.
    pub others: Vec<MembershipChoice>,
}

impl PersonView {
    /// The role they work in.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.membership.as_ref().map(|(role, _)| *role)
    }

    /// Whether they work for a partner.
    #[must_use]
    pub fn is_of_partner(&self) -> bool {
        matches!(self.role(), Some(Role::PartnerAdmin | Role::AccountManager))
    }
}

/// The session of the application.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    view: RwSignal<SessionView>,
    ended: RwSignal<bool>,
}

impl Session {
    /// Begins with the session that the server knows.
    pub(crate) fn provide(view: SessionView) {
        provide_context(Self { view: RwSignal::new(view), ended: RwSignal::new(false) });
    }

    /// The one of the application.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Who is signed in.
    pub(crate) fn person(self) -> Option<PersonView> {
        self.view.with(|view| view.person.clone())
    }

    /// Who is signed in, not followed.
    pub(crate) fn person_untracked(self) -> Option<PersonView> {
        self.view.with_untracked(|view| view.person.clone())
    }

    /// Whether somebody is, not followed.
    pub(crate) fn is_signed_in(self) -> bool {
        self.view.with_untracked(|view| view.person.is_some())
    }

    /// Why there is nothing of a partner to be seen; `None` for people of one.
    pub(crate) fn why_no_partner(self) -> Option<WireError> {
        match self.person_untracked() {
            Some(person) if person.is_of_partner() => None,
            Some(person) if person.membership.is_some() => Some(WireError::NotFound),
            _ => Some(WireError::Unauthenticated),
        }
    }

    /// The language of the console.
    pub(crate) fn locale(self) -> Locale {
        self.view.with(|view| view.locale)
    }

    /// The language of the console, not followed.
    pub(crate) fn locale_untracked(self) -> Locale {
        self.view.with_untracked(|view| view.locale)
    }

    /// Takes over what the server knows now.
    pub(crate) fn set(self, view: SessionView) {
        #[cfg(not(feature = "ssr"))]
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", view.locale.tag());
        }
        self.ended.set(false);
        self.view.set(view);
    }

    /// Nobody is signed in any more.
    #[cfg(not(feature = "ssr"))]
    pub(crate) fn forget_person(self) {
        self.ended.set(false);
        self.view.update(|view| view.person = None);
    }

    /// Notes that the server knows the session no more.
    pub(crate) fn ended(self) {
        self.set_ended(true);
    }

    /// Notes whether the server knows the session no more, unless that is known.
    pub(crate) fn set_ended(self, ended: bool) {
        if self.ended.get_untracked() != ended {
            self.ended.set(ended);
        }
    }

    /// Whether the server knows the session no more, followed.
    pub(crate) fn has_ended(self) -> bool {
        self.ended.get()
    }
}

/// What the browser knows of a request's session.
///
/// # Errors
/// If the database does.
#[cfg(feature = "ssr")]
pub async fn view(request: &crate::request::Request) -> Result<SessionView, WireError> {
    let Some(person) = &request.signed_in else {
        return Ok(SessionView { locale: request.locale, person: None });
    };
    let others = if person.has_several_memberships {
        let all = service::sessions::memberships(&request.backend, person.person).await?;
        all.into_iter().filter(|choice| Some(choice.membership) != person.membership).collect()
    } else {
        Vec::new()
    };
    let membership = person.seat.as_ref().map(|(seat, name)| (seat.role(), name.clone()));
    let view = PersonView {
        name: person.name.clone(),
        email: person.email.clone(),
        membership,
        home: home(request, person).await?,
        others,
    };
    Ok(SessionView { locale: request.locale, person: Some(view) })
}

/// The page with which a person's work begins.
#[cfg(feature = "ssr")]
async fn home(request: &crate::request::Request, person: &service::sessions::SignedIn) -> Result<String, WireError> {
    use crate::paths;
    let Some(caller) = person.caller() else { return Ok(paths::MEMBERSHIPS.to_owned()) };
    Ok(match caller.seat.role() {
        Role::PartnerAdmin | Role::AccountManager => paths::ACCOUNTS.to_owned(),
        Role::AccountAdmin => {
            paths::account(service::accounts::information::own_number(&request.backend, &caller).await?)
        }
        Role::User => paths::PROFILE.to_owned(),
    })
}

/// The start: leads to the page with which this person's work begins.
#[component]
pub(crate) fn Start() -> impl IntoView {
    let home = Session::current().person_untracked().map_or(crate::paths::SIGN_IN.to_owned(), |person| person.home);
    crate::navigation::redirect(&home);
}
