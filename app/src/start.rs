//! What a page begins with: the server renders from it, and the browser goes on from it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{form::Posted, message::Message, session::SessionView};

/// What the server knows about the request for a page, beside the page's own data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageStart {
    /// Who is signed in, and in which language they read.
    pub session: SessionView,
    /// The name of the account that the page is about, for people of a partner.
    pub working_in: Option<String>,
    /// The form that was posted to this page without JavaScript and refused.
    pub posted: Option<Posted>,
    /// What the form posted before did, to be said on this page.
    pub message: Option<Message>,
}

impl PageStart {
    /// The start of the page that is rendered or hydrated.
    pub(crate) fn take() -> Self {
        #[cfg(feature = "ssr")]
        let start = || crate::request::current().start.clone();
        #[cfg(not(feature = "ssr"))]
        let start = Self::default;
        SharedValue::new(start).into_inner()
    }
}

/// What the page of `request` begins with.
///
/// # Errors
/// If the database does.
#[cfg(feature = "ssr")]
pub async fn load(
    request: &crate::request::Request,
    posted: Option<Posted>,
    message: Option<Message>,
) -> Result<PageStart, crate::error::WireError> {
    let session = crate::session::view(request).await?;
    let is_of_partner = session.person.as_ref().is_some_and(crate::session::PersonView::is_of_partner);
    let working_in = if is_of_partner { account_name(request).await } else { None };
    Ok(PageStart { session, working_in, posted, message })
}

/// The name of the account that the address is about, if the caller may see it.
#[cfg(feature = "ssr")]
async fn account_name(request: &crate::request::Request) -> Option<String> {
    let path = request.uri.split(['?', '#']).next()?;
    let number = path.strip_prefix(crate::paths::ACCOUNTS)?.strip_prefix('/')?.split('/').next()?.parse().ok()?;
    let caller = request.caller().ok()?;
    service::accounts::information::name(&request.backend, &caller, number).await.ok()
}
