//! The application: its document, and every page by its address.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    about::{LegalPage, SupportPage},
    account::{AccountPage, undo::OpenAccount},
    accounts::{AccountsPage, NewAccountPage},
    activity::{AccountActivityPage, ActivityPage},
    consent::ConsentPage,
    draft::Drafts,
    form,
    layout::{Bare, FrameOfReader, Framed},
    live::Live,
    message::Messages,
    navigation::Routing,
    orders::{ImportPage, OpenOrder, OrderDetailsPage, OrdersPage},
    page::NotFound,
    profile::ProfilePage,
    session::{MembershipsPage, Session, SignInPage, Start},
    start::PageStart,
};

/// Gets the script and the WebAssembly while the page is still being read, after what the eye needs, and
/// then wakes the page. A page that a browser kept is asked for anew: its session may have ended.
#[cfg(feature = "ssr")]
const LOADER: &str = "addEventListener('pageshow',e=>{if(e.persisted){document.documentElement.hidden=true;location.reload()}});\
    const w=fetch(WASM,{priority:'low'}),s=import(SCRIPT);\
    addEventListener('DOMContentLoaded',async()=>{const m=await s;await m.default({module_or_path:w});await m.hydrate();\
    document.documentElement.dataset.hydrated=''});";

/// The whole document.
#[cfg(feature = "ssr")]
#[component]
pub fn Document() -> impl IntoView {
    use leptos::nonce::use_nonce;
    let request = crate::request::current();
    let crate::request::Site { script, wasm, style, .. } = (*request.site).clone();
    let quoted = |text: &str| format!("{text:?}");
    let loader = LOADER.replace("SCRIPT", &quoted(&script)).replace("WASM", &quoted(&wasm));
    view! {
        <!DOCTYPE html>
        <html lang=request.locale.tag()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                // Before the style sheet, for which a script would wait.
                <script nonce=use_nonce()>{loader}</script>
                <link rel="stylesheet" href=style />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <leptos_meta::MetaTags />
            </head>
            <body><App /></body>
        </html>
    }
}

/// The application, which the server renders and the browser hydrates.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let PageStart { session, working_in, posted, message } = PageStart::take();
    Session::provide(session);
    Messages::provide(message);
    Live::provide();
    OpenAccount::provide();
    OpenOrder::provide();
    Drafts::provide();
    form::provide_posted(posted);
    crate::layout::WorkingIn::provide(working_in);
    view! { <Pages /> }
}

/// What is made anew in another language; what was typed outlives that.
#[component]
fn InLanguage(children: ChildrenFn) -> impl IntoView {
    let session = Session::current();
    let locale = Memo::new(move |_| session.locale());
    view! { <For each=move || [locale.get()] key=|locale| *locale children=move |_| children() /> }
}

/// Every page by its address.
#[component]
pub fn Pages() -> impl IntoView {
    let routing = Routing::provide();
    #[cfg(not(feature = "ssr"))]
    crate::navigation::follow(routing);
    let set_routing = move |is_routing| routing.set(is_routing);
    view! {
        <Router set_is_routing=SignalSetter::map(set_routing)>
            <Routes fallback=|| view! { <InLanguage><FrameOfReader><NotFound /></FrameOfReader></InLanguage> }>
                <ParentRoute path=path!("") view=|| view! { <InLanguage><Bare><Outlet /></Bare></InLanguage> }>
                    <Route path=path!("/") view=Start ssr=SsrMode::Async />
                    <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                    <Route path=path!("/memberships") view=MembershipsPage ssr=SsrMode::Async />
                </ParentRoute>
                <ParentRoute path=path!("") view=|| view! { <InLanguage><Framed><Outlet /></Framed></InLanguage> }>
                    <Route path=path!("/accounts") view=AccountsPage ssr=SsrMode::Async />
                    <Route path=path!("/accounts/new") view=NewAccountPage ssr=SsrMode::Async />
                    <Route path=path!("/orders") view=OrdersPage ssr=SsrMode::Async />
                    <Route path=path!("/orders/import") view=ImportPage ssr=SsrMode::Async />
                    <Route path=path!("/orders/:order") view=OrderDetailsPage ssr=SsrMode::Async />
                    <Route path=path!("/accounts/:number") view=AccountPage ssr=SsrMode::Async />
                    <Route path=path!("/accounts/:number/activity") view=AccountActivityPage ssr=SsrMode::Async />
                    <Route path=path!("/activity") view=ActivityPage ssr=SsrMode::Async />
                    <Route path=path!("/integrations/consent") view=ConsentPage ssr=SsrMode::Async />
                    <Route path=path!("/profile") view=ProfilePage ssr=SsrMode::Async />
                </ParentRoute>
                <ParentRoute path=path!("") view=|| view! { <InLanguage><FrameOfReader><Outlet /></FrameOfReader></InLanguage> }>
                    <Route path=path!("/support") view=SupportPage ssr=SsrMode::Async />
                    <Route path=path!("/legal") view=LegalPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
