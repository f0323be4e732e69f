//! The list of accounts.

use std::sync::Arc;

use domain::{
    account_number::AccountNumber,
    country::{CountryCode, catalogue},
    locale::Locale,
    rights::{Action, Decision, Resource, decide},
    role::{Caller, Role},
};
use leptos::prelude::*;
use service::{
    accounts::list::{self, AccountPage, COUNTED, AccountCursor, AccountQuery, ListedAccount, AccountSort, StatusFilter},
    live::RecentRecords,
};

use super::{account::tone, query_value};
use crate::{
    islands::{AccountSearch, LiveForms},
    layout::{Place, framed},
    paths,
    request::{self, Request},
    ui::{Badge, Icon, IconName},
    wording::Wording,
};

/// The page with the list of accounts.
#[component]
pub(super) fn AccountsPage() -> impl IntoView {
    let request = request::current();
    let query = read_query(request.locale);
    super::page(request.clone(), async move {
        let wording = Wording(request.locale);
        let caller = request.caller()?;
        let seen = super::seen(&request, &caller, None).await?;
        let page = list::list(&request.backend, &caller, &query).await?;
        let frame = super::frame(&request, wording.accounts(), Place::Accounts, None).await?;
        Ok(framed(&request, frame, content(&request, &caller, &query, &page, &seen)))
    })
}

/// What the address asks for. What it gets wrong is as if it had not asked.
fn read_query(locale: Locale) -> AccountQuery {
    let status = match query_value("status").as_str() {
        "active" => StatusFilter::Active,
        "deactivated" => StatusFilter::Deactivated,
        "deleted" => StatusFilter::Deleted,
        _ => StatusFilter::All,
    };
    let sort = SORTS.into_iter().find(|sort| sort_name(*sort) == query_value("sort")).unwrap_or_default();
    let cursor = |name: &str, before: bool| {
        let text = query_value(name);
        let (number, key) = text.split_once('.').unwrap_or((&text, ""));
        let number = number.parse::<AccountNumber>().ok()?;
        let key = key.chars().filter(|character| *character != '\0').collect();
        Some(AccountCursor { key, number, before })
    };
    AccountQuery {
        search: query_value("q").chars().take(200).collect(),
        status,
        sort,
        descending: query_value("order") == "desc",
        locale,
        cursor: cursor("after", false).or_else(|| cursor("before", true)),
    }
}

const SORTS: [AccountSort; 4] = [AccountSort::Name, AccountSort::Number, AccountSort::City, AccountSort::Country];

const fn sort_name(sort: AccountSort) -> &'static str {
    match sort {
        AccountSort::Name => "name",
        AccountSort::Number => "number",
        AccountSort::City => "city",
        AccountSort::Country => "country",
    }
}

const fn status_name(status: StatusFilter) -> &'static str {
    match status {
        StatusFilter::All => "all",
        StatusFilter::Active => "active",
        StatusFilter::Deactivated => "deactivated",
        StatusFilter::Deleted => "deleted",
    }
}

/// The address of the list that `query` asks for.
fn address(query: &AccountQuery) -> String {
    let mut parts = Vec::new();
    let mut part = |name: &str, value: &str| parts.push(format!("{name}={}", paths::encode(value)));
    if !query.search.is_empty() {
        part("q", &query.search);
    }
    if query.status != StatusFilter::All {
        part("status", status_name(query.status));
    }
    if query.sort != AccountSort::Name {
        part("sort", sort_name(query.sort));
    }
    if query.descending {
        part("order", "desc");
    }
    if let Some(cursor) = &query.cursor {
        part(if cursor.before { "before" } else { "after" }, &format!("{}.{}", cursor.number, cursor.key));
    }
    if parts.is_empty() { paths::ACCOUNTS.to_owned() } else { format!("{}?{}", paths::ACCOUNTS, parts.join("&")) }
}

fn content(
    request: &Arc<Request>,
    caller: &Caller,
    query: &AccountQuery,
    page: &AccountPage,
    seen: &RecentRecords,
) -> AnyView {
    let wording = Wording(request.locale);
    // Who can restore an account looks for it among the deleted ones.
    let deleted = caller.seat.role() == Role::PartnerAdmin;
    let mut order = Vec::new();
    if query.sort != AccountSort::Name {
        order.push(("sort".to_owned(), sort_name(query.sort).to_owned()));
    }
    if query.descending {
        order.push(("order".to_owned(), "desc".to_owned()));
    }
    view! {
        <div class="head">
            <h1>{wording.accounts()}</h1>
            {add_button(caller, wording)}
        </div>
        <section class="panel" aria-label=wording.accounts()>
            <AccountSearch search=query.search.clone() status=status_name(query.status).to_owned() order deleted />
            <div id="results" data-part="" data-seen=seen.to_string()>{results(caller, query, page, wording)}</div>
        </section>
        <LiveForms events=paths::EVENTS.to_owned() />
    }
    .into_any()
}

fn add_button(caller: &Caller, wording: Wording) -> AnyView {
    match decide(caller, Action::AddAccount, Resource::Partner(caller.seat.partner())) {
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

fn results(caller: &Caller, query: &AccountQuery, page: &AccountPage, wording: Wording) -> AnyView {
    if page.rows.is_empty() {
        return empty(caller, query, wording);
    }
    let count =
        if page.total > COUNTED { wording.account_count_more(COUNTED) } else { wording.account_count(page.total) };
    let rows = page.rows.iter().map(|account| row(account, wording)).collect_view();
    let columns = SORTS.map(|sort| column(sort, query, wording)).collect_view();
    view! {
        {page.similar.then(|| view! { <p>{wording.accounts_similar()}</p> })}
        <p class="count small soft">{count}</p>
        <div class="scroll">
            <table class="cards">
                <thead><tr>{columns}<th scope="col">{wording.status()}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(query, page, wording)}
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

fn column(sort: AccountSort, query: &AccountQuery, wording: Wording) -> AnyView {
    let label = column_label(sort, wording);
    let current = query.sort == sort;
    let turned = AccountQuery { sort, descending: current && !query.descending, cursor: None, ..query.clone() };
    let state = current.then_some(if query.descending { "descending" } else { "ascending" });
    view! {
        <th scope="col" aria-sort=state>
            <a href=address(&turned) title=wording.sort_by(label)>{label}</a>
        </th>
    }
    .into_any()
}

fn row(account: &ListedAccount, wording: Wording) -> AnyView {
    let country = CountryCode::parse(&account.country)
        .map_or_else(|_| account.country.clone(), |code| catalogue::name(code, wording.0).to_owned());
    view! {
        <tr>
            <th scope="row" data-label=wording.customer()>
                <a href=paths::account(account.number)><bdi>{account.name.clone()}</bdi></a>
            </th>
            <td class="number" data-label=wording.account_id()>{account.number.grouped()}</td>
            <td data-label=wording.city()><bdi>{account.city.clone()}</bdi></td>
            <td data-label=wording.country()>{country}</td>
            <td data-label=wording.status()>
                <Badge tone=tone(account.status) label=wording.account_status(account.status) />
            </td>
        </tr>
    }
    .into_any()
}

fn pager(query: &AccountQuery, page: &AccountPage, wording: Wording) -> AnyView {
    let to = |cursor: &Option<Cursor>| address(&AccountQuery { cursor: cursor.clone(), ..query.clone() });
    let there = |cursor: &Option<Cursor>| cursor.is_some().then(|| to(cursor));
    super::pager(to(&None), there(&page.previous), there(&page.next), wording)
}

fn empty(caller: &Caller, query: &AccountQuery, wording: Wording) -> AnyView {
    let narrowed = !query.search.is_empty() || query.status != StatusFilter::All;
    let (title, lead) = match (narrowed, caller.seat.role()) {
        (true, _) => (wording.accounts_none_found(), wording.accounts_none_found_lead()),
        (false, Role::AccountManager) => (wording.accounts_empty(), wording.accounts_empty_manager()),
        (false, _) => (wording.accounts_empty(), wording.accounts_empty_lead()),
    };
    view! {
        <div class="empty">
            <p class="empty-title count">{title}</p>
            <p class="soft">{lead}</p>
            {narrowed.then(|| view! { <p><a class="button" href=paths::ACCOUNTS>{wording.clear_search()}</a></p> })}
        </div>
    }
    .into_any()
}
