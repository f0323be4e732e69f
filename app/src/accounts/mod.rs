//! The list of accounts.

mod address;
mod new;
mod search;
mod switcher;

use domain::{
    rights::Decision,
    role::Role,
    view::accounts::{AccountPage, AccountQuery, AccountSort, ListedAccount, StatusFilter},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use self::{address::SORTS, search::AccountSearch};
pub(crate) use self::{
    new::NewAccountPage,
    switcher::{AccountSwitcher, FoundAccount, find_accounts},
};
use crate::{
    account::tone,
    error::WireError,
    live::Live,
    navigation,
    page::{PageTitle, Problem, loaded, resource},
    paths,
    session::Session,
    ui::{Badge, Icon, IconName, Pager},
    wording::Wording,
};

/// The list as a person sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountsView {
    /// The accounts, with their countries by name.
    pub page: AccountPage,
    /// The most accounts that are counted.
    pub counted: u64,
    /// Whether the caller may add an account.
    pub add: Decision,
}

/// The accounts that the query of an address asks for.
#[server(prefix = "/api", endpoint = "list_accounts")]
pub async fn list_accounts(#[server(default)] query: String) -> Result<AccountsView, WireError> {
    use domain::{
        country::{CountryCode, catalogue},
        rights::{Action, Resource, decide},
    };
    use service::accounts::list::{COUNTED, list};

    use crate::request::{current, refuse};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let query = address::read(&query, request.locale);
    let mut page = list(&request.backend, &caller, &query).await.map_err(refuse)?;
    for row in &mut page.rows {
        if let Ok(code) = CountryCode::parse(&row.country) {
            catalogue::name(code, request.locale).clone_into(&mut row.country);
        }
    }
    let add = decide(&caller, Action::AddAccount, Resource::Partner(caller.seat.partner()));
    Ok(AccountsView { page, counted: COUNTED, add })
}

/// The page with the list of accounts.
#[component]
pub(crate) fn AccountsPage() -> impl IntoView {
    let wording = Wording::current();
    if let Some(error) = Session::current().why_no_partner() {
        return view! { <Problem error /> }.into_any();
    }
    let query = navigation::query();
    let accounts = resource(query, list_accounts);
    let locale = Session::current().locale_untracked();
    Live::current().listen_to(None, Vec::new);
    view! {
        <PageTitle title=wording.accounts().to_owned() />
        <div class="head">
            <h1 tabindex="-1">{wording.accounts()}</h1>
            <Transition>{move || Suspend::new(async move { accounts.await.ok().map(|view| view! { <AddButton add=view.add /> }) })}</Transition>
        </div>
        <section class="panel" aria-label=wording.accounts()>
            <AccountSearch accounts />
            <div id="results">
                {loaded(accounts, move |view| {
                    let query = address::read(&query(), locale);
                    view! { <Results query view /> }
                })}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn AddButton(add: Decision) -> impl IntoView {
    let wording = Wording::current();
    match add {
        Decision::Allowed => view! {
            <a class="button main" href=paths::NEW_ACCOUNT><Icon name=IconName::Add />{wording.add_account()}</a>
        }
        .into_any(),
        Decision::Forbidden(_) => view! {
            <div class="refused">
                <button class="button main" aria-disabled="true" aria-describedby="add-refused" type="button">
                    <Icon name=IconName::Add />
                    {wording.add_account()}
                </button>
                <p id="add-refused" class="small soft">{wording.add_account_refused()}</p>
            </div>
        }
        .into_any(),
        Decision::Hidden => ().into_any(),
    }
}

/// How many accounts there are, in words.
fn count_in_words(view: &AccountsView, wording: Wording) -> String {
    if view.page.rows.is_empty() {
        wording.accounts_none_found().to_owned()
    } else if view.page.total > view.counted {
        wording.account_count_more(view.counted)
    } else {
        wording.account_count(view.page.total)
    }
}

#[component]
fn Results(query: AccountQuery, view: AccountsView) -> impl IntoView {
    let wording = Wording::current();
    if view.page.rows.is_empty() {
        return view! { <Empty query /> }.into_any();
    }
    let count = count_in_words(&view, wording);
    let AccountPage { rows, previous, next, similar, .. } = view.page;
    let columns = SORTS.map(|sort| column(sort, &query, wording)).collect_view();
    let to = |cursor| address::write(&AccountQuery { cursor, ..query.clone() });
    let (previous, next) = (previous.map(|cursor| to(Some(cursor))), next.map(|cursor| to(Some(cursor))));
    view! {
        {similar.then(|| view! { <p>{wording.accounts_similar()}</p> })}
        <p class="count small soft">{count}</p>
        <div class="scroll">
            <table class="cards">
                <thead><tr>{columns}<th scope="col">{wording.status()}</th></tr></thead>
                <tbody>{rows.into_iter().map(|account| view! { <Row account /> }).collect_view()}</tbody>
            </table>
        </div>
        <Pager first=to(None) previous next />
    }
    .into_any()
}

fn column_label(sort: AccountSort, wording: Wording) -> &'static str {
    match sort {
        AccountSort::Name => wording.customer(),
        AccountSort::Number => wording.account_id(),
        AccountSort::City => wording.city(),
        AccountSort::Country => wording.country(),
    }
}

fn column(sort: AccountSort, query: &AccountQuery, wording: Wording) -> impl IntoView + use<> {
    let label = column_label(sort, wording);
    let current = query.sort == sort;
    let turned = AccountQuery { sort, descending: current && !query.descending, cursor: None, ..query.clone() };
    let state = current.then_some(if query.descending { "descending" } else { "ascending" });
    view! {
        <th scope="col" aria-sort=state>
            <a href=address::write(&turned) title=wording.sort_by(label)>{label}</a>
        </th>
    }
}

#[component]
fn Row(account: ListedAccount) -> impl IntoView {
    let wording = Wording::current();
    view! {
        <tr>
            <th scope="row" data-label=wording.customer()>
                <a href=paths::account(account.number)><bdi>{account.name}</bdi></a>
            </th>
            <td class="number" data-label=wording.account_id()>{account.number.grouped()}</td>
            <td data-label=wording.city()><bdi>{account.city}</bdi></td>
            <td data-label=wording.country()>{account.country}</td>
            <td data-label=wording.status()>
                <Badge tone=tone(account.status) label=wording.account_status(account.status) />
            </td>
        </tr>
    }
}

#[component]
fn Empty(query: AccountQuery) -> impl IntoView {
    let wording = Wording::current();
    let narrowed = !query.search.is_empty() || query.status != StatusFilter::All;
    let role = Session::current().person_untracked().and_then(|person| person.role());
    let (title, lead) = match (narrowed, role) {
        (true, _) => (wording.accounts_none_found(), wording.accounts_none_found_lead()),
        (false, Some(Role::AccountManager)) => (wording.accounts_empty(), wording.accounts_empty_manager()),
        (false, _) => (wording.accounts_empty(), wording.accounts_empty_lead()),
    };
    view! {
        <div class="empty">
            <p class="empty-title count">{title}</p>
            <p class="soft">{lead}</p>
            {narrowed.then(|| view! { <p><a class="button" href=paths::ACCOUNTS>{wording.clear_search()}</a></p> })}
        </div>
    }
}
