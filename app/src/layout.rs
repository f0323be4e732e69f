//! What stands around every page: header, navigation and footer, which stay while pages change.

use domain::{locale::Locale, role::Role};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    accounts::AccountSwitcher,
    form::{Hidden, PostForm, Submission},
    live::Live,
    message::MessagePlace,
    navigation::{Routing, current_uri, keep_focus, with_query},
    paths,
    session::{ChooseLocale, MembershipButton, PersonView, Session, SignInAgain, SignOutButton},
    ui::{Icon, IconName, isolated, with_isolates},
    wording::Wording,
};

/// The account that a person of a partner works in at the moment.
#[derive(Clone, Copy)]
pub(crate) struct WorkingIn(RwSignal<Option<String>>);

impl WorkingIn {
    /// Begins with what the server knows.
    pub(crate) fn provide(name: Option<String>) {
        provide_context(Self(RwSignal::new(name)));
    }

    /// Says in the header that the account `name` is worked in, until the page is left.
    pub(crate) fn account(name: Signal<String>) {
        let Self(current) = expect_context();
        Effect::new(move |_| current.set(Some(name.get())));
        on_cleanup(move || {
            current.try_set(None);
        });
    }
}

/// The frame of pages for people who are signed in.
#[component]
pub(crate) fn Framed(
    /// The page.
    children: Children,
) -> impl IntoView {
    let wording = Wording::current();
    let routing = Routing::current();
    view! {
        <a class="skip" href="#main">{wording.skip_to_content()}</a>
        <div class="progress" hidden=move || !routing.is_under_way()></div>
        <div class="shell">
            <aside class="side">
                <a class="brand" href="/"><Icon name=IconName::Mark />{wording.product()}</a>
                <nav class="nav" aria-label=wording.main_navigation()><Navigation /></nav>
                <Footer />
            </aside>
            <div class="column">
                <Header />
                <Disconnected />
                <Main>{children()}<MessagePlace of="" /></Main>
            </div>
        </div>
        <SignInAgain />
    }
    .into_any()
}

/// The frame of pages for people who are not signed in, or have no membership yet: one thing in the middle.
#[component]
pub(crate) fn Bare(
    /// The page.
    children: Children,
) -> impl IntoView {
    let wording = Wording::current();
    view! {
        <div class="bare">
            <a class="brand" href="/"><Icon name=IconName::Mark />{wording.product()}</a>
            <Main>{children()}</Main>
            <Footer />
        </div>
    }
    .into_any()
}

/// Says that nothing is heard of the server while that is so.
#[component]
fn Disconnected() -> impl IntoView {
    let wording = Wording::current();
    let live = Live::current();
    view! {
        <div role="status">
            {move || (!live.connected()).then(|| view! { <p class="notice warn">{wording.disconnected()}</p> })}
        </div>
    }
}

/// The frame of whoever reads the page.
#[component]
pub(crate) fn FrameOfReader(
    /// The page.
    children: Children,
) -> impl IntoView {
    if Session::current().is_signed_in() {
        view! { <Framed>{children()}</Framed> }.into_any()
    } else {
        view! { <Bare>{children()}</Bare> }.into_any()
    }
}

/// What changes from page to page. While another page is on its way, it says so to who cannot see that.
#[component]
fn Main(children: Children) -> impl IntoView {
    let routing = Routing::current();
    view! {
        <main id="main" tabindex="-1" aria-busy=move || routing.is_under_way().then_some("true")>{children()}</main>
    }
}

/// A link of the navigation: where it leads, its label and drawing, and which addresses are within it.
struct Entry {
    href: String,
    label: &'static str,
    icon: IconName,
    is_within: fn(&str, &str) -> bool,
}

#[component]
fn Navigation() -> impl IntoView {
    let wording = Wording::current();
    let session = Session::current();
    let path = use_location().pathname;
    move || {
        let entries = session.person().map(|person| entries(&person, wording)).unwrap_or_default();
        entries
            .into_iter()
            .map(|Entry { href, label, icon, is_within }| {
                let own = href.clone();
                // The list is a place of its own even while one of its accounts is worked in.
                let current = move || {
                    path.with(|path| if *path == own { Some("page") } else { is_within(path, &own).then_some("true") })
                };
                view! { <a href=href aria-current=current><Icon name=icon />{label}</a> }
            })
            .collect_view()
    }
}

fn entries(person: &PersonView, wording: Wording) -> Vec<Entry> {
    let below: fn(&str, &str) -> bool = |path, own| path.strip_prefix(own).is_some_and(|rest| rest.starts_with('/'));
    let entry = |href: &str, label, icon| Entry { href: href.to_owned(), label, icon, is_within: below };
    let mut entries = match person.role() {
        Some(Role::PartnerAdmin | Role::AccountManager) => vec![
            entry(paths::ACCOUNTS, wording.accounts(), IconName::Accounts),
            entry(paths::ORDERS, wording.orders(), IconName::Orders),
            entry(paths::ACTIVITY, wording.activity(), IconName::Activity),
        ],
        Some(Role::AccountAdmin) => vec![entry(&person.home, wording.account(), IconName::Account)],
        Some(Role::User) | None => Vec::new(),
    };
    entries.push(entry(paths::PROFILE, wording.profile(), IconName::Person));
    entries
}

#[component]
fn Header() -> impl IntoView {
    let wording = Wording::current();
    let session = Session::current();
    let WorkingIn(account) = expect_context();
    let working = move || {
        let account = account.get()?;
        let text = with_isolates(&wording.working_in_account(&isolated(&account)));
        Some(view! { <p class="working" id="working" inner_html=text></p> })
    };
    view! {
        <header class="bar">
            <div class="where">
                {working}
                {move || session.person().is_some_and(|person| person.is_of_partner()).then(|| view! { <AccountSwitcher /> })}
            </div>
            {move || session.person().map(|person| view! { <PersonMenu person /> })}
        </header>
    }
}

#[component]
fn PersonMenu(person: PersonView) -> impl IntoView {
    let wording = Wording::current();
    let membership = person.membership.map(|(role, name)| view! { <bdi>{name}</bdi> " · " {wording.role(role)} });
    let several = !person.others.is_empty();
    let others = person.others.into_iter().map(|choice| view! { <MembershipButton choice /> }).collect_view();
    let (initials, menu) = (initials(&person.name), wording.your_account_menu(&person.name));
    view! {
        <div class="who">
            <span class="seat soft small">{membership}</span>
            // Who speaks to the browser says what they see.
            <button class="chip" popovertarget="person-menu" aria-label=format!("{initials}, {menu}")>{initials.clone()}</button>
            <div id="person-menu" popover="auto" class="popup menu">
                <p class="entry-text"><b><bdi>{person.name}</bdi></b><br /><span class="soft small">{person.email}</span></p>
                <a class="entry" href=paths::PROFILE>{wording.profile()}</a>
                {several.then(|| view! { <p class="group">{wording.switch_to()}</p> })}
                {others}
                <SignOutButton class="entry" />
            </div>
        </div>
    }
}

/// The first letters of a name's first and last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.last().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[component]
fn Footer() -> impl IntoView {
    let wording = Wording::current();
    let session = Session::current();
    let location = use_location();
    let here = Signal::derive(move || with_query(&location.pathname.get(), &location.search.get()));
    let submission = Submission::of::<ChooseLocale, _>(move |view, _| {
        session.set(view);
        // The page is another one; the focus stays where it was.
        keep_focus("#locale");
    });
    let current = session.locale_untracked();
    let choices = Locale::ALL.map(|locale| {
        view! {
            <option value=locale.tag() lang=locale.tag() selected=locale == current>{locale.own_name()}</option>
        }
    });
    view! {
        <footer class="foot small">
            <nav aria-label=wording.support()>
                <a href=paths::SUPPORT>{wording.support()}</a>
                <a href=paths::LEGAL>{wording.legal()}</a>
            </nav>
            <PostForm submission action=current_uri() class="languages">
                <Hidden name="return_to" value=here />
                <label for="locale">{wording.language()}</label>
                <select id="locale" name="locale">{choices.to_vec()}</select>
                <button class="button small">{wording.change_language()}</button>
            </PostForm>
        </footer>
    }
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
