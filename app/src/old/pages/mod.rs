//! The pages. Each loads what it shows by use cases of `service` and renders it whole.

mod about;
mod account;
mod accounts;
pub mod activity;
mod consent;
mod memberships;
mod new_account;
mod orders;
mod problem;
mod profile;
mod sign_in;

use std::{future::Future, sync::Arc};

use domain::{account_number::AccountNumber, role::Caller};
use leptos::{prelude::*, tachys::html::InertElement};
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};
use service::{
    live::{self, RecentRecords},
    sessions::{self, MembershipChoice},
};

use crate::{
    error::WireError,
    layout::{Document, Frame, Place},
    paths,
    request::{self, Request},
    wording::Wording,
};

/// The application: the document with the page that was asked for.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let request = request::current();
    view! {
        <Document request>
            <Pages />
        </Document>
    }
}

/// Every page by its address.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
            <Router>
                <Routes fallback=problem::NotFound>
                    <Route path=path!("/") view=Start ssr=SsrMode::Async />
                    <Route path=path!("/sign-in") view=sign_in::SignInPage ssr=SsrMode::Async />
                    <Route path=path!("/memberships") view=memberships::MembershipsPage ssr=SsrMode::Async />
                    <Route path=path!("/accounts") view=accounts::AccountsPage ssr=SsrMode::Async />
                    <Route path=path!("/accounts/new") view=new_account::NewAccountPage ssr=SsrMode::Async />
                    <Route path=path!("/accounts/:number") view=account::AccountPage ssr=SsrMode::Async />
                    <Route path=path!("/accounts/:number/activity") view=activity::AccountActivityPage ssr=SsrMode::Async />
                    <Route path=path!("/orders") view=orders::OrdersPage ssr=SsrMode::Async />
                    <Route path=path!("/orders/import") view=orders::ImportPage ssr=SsrMode::Async />
                    <Route path=path!("/orders/:order") view=orders::OrderDetailsPage ssr=SsrMode::Async />
                    <Route path=path!("/activity") view=activity::ActivityPage ssr=SsrMode::Async />
                    <Route path=path!("/integrations/consent") view=consent::ConsentPage ssr=SsrMode::Async />
                    <Route path=path!("/profile") view=profile::ProfilePage ssr=SsrMode::Async />
                    <Route path=path!("/support") view=about::SupportPage ssr=SsrMode::Async />
                    <Route path=path!("/legal") view=about::LegalPage ssr=SsrMode::Async />
                </Routes>
            </Router>
    }
}

/// A page that is loaded by `load`; where that fails, the page that says why.
///
/// By then nothing is left to wait for, so it is written down as it is: to be resolved as a view that
/// may still wait, every element of it would become a future of its own.
fn page<F>(request: Arc<Request>, load: F) -> impl IntoView
where
    F: Future<Output = Result<AnyView, WireError>> + Send + 'static,
{
    let content = Suspend::new(async move {
        let view = match load.await {
            Ok(view) => view,
            Err(error) => problem::page(&request, &error).await,
        };
        InertElement::new(view.to_html())
    });
    view! { <Suspense>{content}</Suspense> }
}

/// The start: the page with which this person's work begins.
#[component]
fn Start() -> impl IntoView {
    let request = request::current();
    page(request.clone(), async move {
        request::redirect(&start_of(&request).await?);
        Ok(().into_any())
    })
}

async fn start_of(request: &Request) -> Result<String, WireError> {
    use domain::role::Role;
    let Some(person) = &request.signed_in else { return Ok(paths::SIGN_IN.to_owned()) };
    let Some(caller) = person.caller() else { return Ok(paths::MEMBERSHIPS.to_owned()) };
    Ok(match caller.seat.role() {
        Role::PartnerAdmin | Role::AccountManager => paths::ACCOUNTS.to_owned(),
        Role::AccountAdmin => {
            paths::account(service::accounts::information::own_number(&request.backend, &caller).await?)
        }
        Role::User => paths::PROFILE.to_owned(),
    })
}

/// The value of `name` in the query; empty when it is not there.
fn query_value(name: &str) -> String {
    // The router's own map decodes each value twice.
    let request = request::current();
    let (_, query) = request.uri.split_once('?').unwrap_or_default();
    let found = form_urlencoded::parse(query.as_bytes()).find(|(found, _)| found == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The latest records of activity that a page shows the outcome of, if they are asked for before anything
/// else that the page shows: of all of the caller's partner, or of one account.
async fn seen(request: &Request, caller: &Caller, account: Option<AccountNumber>) -> Result<RecentRecords, WireError> {
    let topic = live::topic(&request.backend, caller, account).await?;
    Ok(live::recent_records(&request.backend, topic).await?)
}

/// The way between the pages of a list, by their addresses; nothing where there is one page only.
fn pager(first: String, previous: Option<String>, next: Option<String>, wording: Wording) -> AnyView {
    if previous.is_none() && next.is_none() {
        return ().into_any();
    }
    let first = previous.is_some().then(|| view! { <a class="button" href=first>{wording.first_page()}</a> });
    let to = |address: Option<String>, label: &'static str| match address {
        Some(address) => view! { <a class="button" href=address>{label}</a> }.into_any(),
        None => view! { <span class="button" aria-disabled="true">{label}</span> }.into_any(),
    };
    view! {
        <nav class="pager" aria-label=wording.pages()>
            {first}
            {to(previous, wording.previous_page())}
            {to(next, wording.next_page())}
        </nav>
    }
    .into_any()
}

/// The frame of a page, with the memberships to switch to.
async fn frame(request: &Request, title: &str, place: Place, account: Option<String>) -> Result<Frame, WireError> {
    Ok(Frame { title: title.to_owned(), place, account, memberships: other_memberships(request).await? })
}

/// The memberships that the person could switch to.
async fn other_memberships(request: &Request) -> Result<Vec<MembershipChoice>, WireError> {
    let Some(person) = &request.signed_in else { return Ok(Vec::new()) };
    if !person.has_several_memberships {
        return Ok(Vec::new());
    }
    let all = sessions::memberships(&request.backend, person.person).await?;
    Ok(all.into_iter().filter(|choice| Some(choice.membership) != person.membership).collect())
}
