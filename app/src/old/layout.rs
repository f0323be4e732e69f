//! What stands around every page: the document, header, navigation and footer.

use std::sync::Arc;

use domain::{
    locale::Locale,
    role::{Role, Seat},
};
use leptos::{nonce::use_nonce, prelude::*, server_fn::ServerFn};
use leptos_meta::{MetaTags, Title};
use service::sessions::{MembershipChoice, SignedIn};

use crate::{
    api::{ChooseLocale, ChooseMembership, SignOut},
    islands::AccountSwitcher,
    paths,
    request::{Request, Site},
    ui::{Icon, IconName, escaped, isolated, with_isolates},
    wording::Wording,
};

/// Gets the script and the WebAssembly while the page is still being read, after what the eye needs;
/// then wakes every island, in the order of the page, and later each that is put on it. A page that a browser
/// kept and shows again, after Back, is asked for anew: its person may have signed out meanwhile. (A `<link rel=preload>` would make browsers
/// without JavaScript complain that nobody uses what it loads.)
const LOADER: &str = "addEventListener('pageshow',e=>{if(e.persisted){document.documentElement.hidden=true;location.reload()}});\
    const w=fetch(WASM,{priority:'low'}),s=import(SCRIPT);\
    addEventListener('DOMContentLoaded',async()=>{const m=await s;await m.default({module_or_path:w});m.hydrate();\
    const wake=i=>m[i.dataset.component](i);document.querySelectorAll('leptos-island').forEach(wake);\
    addEventListener('tenantry:island',e=>wake(e.target));\
    document.documentElement.dataset.hydrated=''});";

/// The whole document, around `children`.
#[component]
pub(crate) fn Document(
    /// The request.
    request: Arc<Request>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let locale = request.locale;
    let Site { script, wasm, style } = Arc::unwrap_or_clone(Arc::unwrap_or_clone(request).site);
    let quoted = |text: &str| format!("{text:?}");
    let loader = LOADER.replace("SCRIPT", &quoted(&script)).replace("WASM", &quoted(&wasm));
    view! {
        <!DOCTYPE html>
        <html lang=locale.tag()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                // Before the style sheet, for which a script would wait.
                <script nonce=use_nonce()>{loader}</script>
                <link rel="stylesheet" href=style />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <MetaTags />
            </head>
            <body>{children()}</body>
        </html>
    }
}

/// Where in the console a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The list of accounts, and adding one.
    Accounts,
    /// One account.
    Account,
    /// Orders, and importing them.
    Orders,
    /// The activity of a whole partner.
    Activity,
    /// The person's own profile.
    Profile,
    /// None of the navigation's.
    Elsewhere,
}

/// The frame of a page for people who are signed in.
pub(crate) struct Frame {
    /// The page's title.
    pub(crate) title: String,
    /// Where it belongs.
    pub(crate) place: Place,
    /// The account that is worked in, for people of a partner.
    pub(crate) account: Option<String>,
    /// What the person can switch to; empty unless they have several memberships.
    pub(crate) memberships: Vec<MembershipChoice>,
}

/// A page in its frame.
pub(crate) fn framed(request: &Arc<Request>, frame: Frame, page: impl IntoView + 'static) -> AnyView {
    let wording = Wording(request.locale);
    let Frame { title, place, account, memberships } = frame;
    let navigation = navigation(request, place);
    view! {
        <Title text=page_title(&title, wording) />
        <a class="skip" href="#main">{wording.skip_to_content()}</a>
        <div class="shell">
            <aside class="side">
                <a class="brand" href="/"><Icon name=IconName::Mark />{wording.product()}</a>
                <nav class="nav" aria-label=wording.main_navigation()>{navigation}</nav>
                {footer(request)}
            </aside>
            <div class="column">
                {header(request, account, memberships)}
                <main id="main" tabindex="-1">{page.into_any()}</main>
            </div>
        </div>
    }
    .into_any()
}

/// A page for people who are not signed in, or have no seat yet: one thing in the middle.
pub(crate) fn bare(request: &Arc<Request>, title: &str, page: impl IntoView + 'static) -> AnyView {
    let wording = Wording(request.locale);
    view! {
        <Title text=page_title(title, wording) />
        <div class="bare">
            <a class="brand" href="/"><Icon name=IconName::Mark />{wording.product()}</a>
            <main id="main" tabindex="-1">{page.into_any()}</main>
            {footer(request)}
        </div>
    }
    .into_any()
}

/// The title of the document. `leptos_meta` writes it as it is given, so it is made safe here.
fn page_title(title: &str, wording: Wording) -> String {
    escaped(&wording.page_title(title))
}

fn navigation(request: &Request, place: Place) -> AnyView {
    let wording = Wording(request.locale);
    let seat = request.signed_in.as_ref().and_then(|person| person.seat.as_ref()).map(|(seat, _)| *seat);
    let main = match seat.map(Seat::role) {
        Some(Role::PartnerAdmin | Role::AccountManager) => vec![
            (paths::ACCOUNTS, wording.accounts(), IconName::Accounts, [Place::Accounts, Place::Account]),
            (paths::ORDERS, wording.orders(), IconName::Orders, [Place::Orders, Place::Orders]),
            (paths::ACTIVITY, wording.activity(), IconName::Activity, [Place::Activity, Place::Activity]),
        ],
        Some(Role::AccountAdmin) => {
            vec![("/", wording.account(), IconName::Account, [Place::Account, Place::Account])]
        }
        Some(Role::User) | None => Vec::new(),
    };
    let profile = (paths::PROFILE, wording.profile(), IconName::Person, [Place::Profile, Place::Profile]);
    main.into_iter()
        .chain([profile])
        .map(|(href, label, icon, places)| {
            // The list is a place of its own even while one of its accounts is worked in.
            let current = if place == places[0] { Some("page") } else { places.contains(&place).then_some("true") };
            view! { <a href=href aria-current=current><Icon name=icon />{label}</a> }
        })
        .collect_view()
        .into_any()
}

fn header(request: &Arc<Request>, account: Option<String>, memberships: Vec<MembershipChoice>) -> AnyView {
    let wording = Wording(request.locale);
    let Some(person) = &request.signed_in else { return ().into_any() };
    let is_partner = person.seat.as_ref().is_some_and(|(seat, _)| seat.account().is_none());
    view! {
        <header class="bar">
            <div class="where">
                {account.map(|account| view! {
                    <p class="working" id="working" data-part="" inner_html=with_isolates(&wording.working_in_account(&isolated(&account)))></p>
                })}
                {is_partner.then(|| view! { <AccountSwitcher /> })}
            </div>
            {person_menu(request, person, memberships)}
        </header>
    }
    .into_any()
}

fn person_menu(request: &Arc<Request>, person: &SignedIn, memberships: Vec<MembershipChoice>) -> AnyView {
    let wording = Wording(request.locale);
    let seat = person.seat.as_ref().map(|(seat, name)| {
        view! { <bdi>{name.clone()}</bdi> " · " {wording.role(seat.role())} }
    });
    let others = memberships.into_iter().map(|choice| {
        view! {
            <form method="post">
                <input type="hidden" name=crate::forms::FORM value=ChooseMembership::PATH />
                <input type="hidden" name="membership" value=choice.membership.0.to_string() />
                <button class="entry">
                    <span><bdi>{choice.organisation}</bdi></span>
                    <span class="soft small">{wording.role(choice.role)}</span>
                </button>
            </form>
        }
    });
    let others = others.collect::<Vec<_>>();
    let several = !others.is_empty();
    let (initials, menu) = (initials(&person.name), wording.your_account_menu(&person.name));
    view! {
        <div class="who">
            <span class="seat soft small">{seat}</span>
            // Who speaks to the browser says what they see.
            <button class="chip" popovertarget="person-menu" aria-label=format!("{initials}, {menu}")>{initials.clone()}</button>
            <div id="person-menu" popover="auto" class="popup menu">
                <p class="entry-text"><b><bdi>{person.name.clone()}</bdi></b><br /><span class="soft small">{person.email.clone()}</span></p>
                <a class="entry" href=paths::PROFILE>{wording.profile()}</a>
                {several.then(|| view! { <p class="group">{wording.switch_to()}</p> })}
                {others}
                <form method="post">
                    <input type="hidden" name=crate::forms::FORM value=SignOut::PATH />
                    <button class="entry">{wording.sign_out()}</button>
                </form>
            </div>
        </div>
    }
    .into_any()
}

/// The first letters of a name's first and last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.last().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

fn footer(request: &Request) -> AnyView {
    let wording = Wording(request.locale);
    let choices = Locale::ALL.map(|locale| {
        view! {
            <option value=locale.tag() lang=locale.tag() selected=locale == request.locale>{locale.own_name()}</option>
        }
    });
    view! {
        <footer class="foot small">
            <nav aria-label=wording.support()>
                <a href=paths::SUPPORT>{wording.support()}</a>
                <a href=paths::LEGAL>{wording.legal()}</a>
            </nav>
            <form method="post" class="languages">
                <input type="hidden" name=crate::forms::FORM value=ChooseLocale::PATH />
                <input type="hidden" name="return_to" value=request.uri.clone() />
                <label for="locale">{wording.language()}</label>
                <select id="locale" name="locale">{choices.to_vec()}</select>
                <button class="button small">{wording.change_language()}</button>
            </form>
        </footer>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_last_word() {
        for (name, expected) in [("Marta Bianchi", "MB"), ("élodie de la tour", "ÉT"), ("Prince", "P"), ("", "")] {
            assert_eq!(initials(name), expected);
        }
    }
}
