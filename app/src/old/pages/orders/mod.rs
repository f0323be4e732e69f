//! The pages of orders.

mod details;
mod import;

use std::sync::Arc;

use domain::{
    account_number::AccountNumber,
    rights::{Action, Decision, Resource, decide},
    role::Caller,
};
use leptos::prelude::*;
use service::{
    accounts::information,
    orders::list::{self, ListedOrder, OrderCursor, OrderFilter, OrderPage, OrderQuery},
};

pub(super) use self::{details::OrderPage as OrderDetailsPage, import::ImportPage};
use super::{account::subscriptions::tone, query_value};
use crate::{
    islands::LiveForms,
    layout::{Place, framed},
    paths,
    request::{self, Request},
    ui::{Badge, Notice, Tone},
    wording::Wording,
};

/// The list of orders.
#[component]
pub(super) fn OrdersPage() -> impl IntoView {
    let request = request::current();
    let query = read_query();
    let done = query_value("done");
    let back_to = query_value("for").parse::<AccountNumber>().ok();
    super::page(request.clone(), async move {
        let wording = Wording(request.locale);
        let caller = request.caller()?;
        let seen = super::seen(&request, &caller, None).await?;
        let page = list::list(&request.backend, &caller, &query).await?;
        let back_to = match back_to {
            Some(number) => Some((number, information::name(&request.backend, &caller, number).await?)),
            None => None,
        };
        let frame = super::frame(&request, wording.orders(), Place::Orders, None).await?;
        let shown = Shown { caller, query, page, back_to, done, seen };
        Ok(framed(&request, frame, content(&request, &shown)))
    })
}

/// What the page shows.
struct Shown {
    caller: Caller,
    query: OrderQuery,
    page: OrderPage,
    /// The account for which an order is looked for.
    back_to: Option<(AccountNumber, String)>,
    done: String,
    seen: service::live::RecentRecords,
}

const FILTERS: [OrderFilter; 4] =
    [OrderFilter::All, OrderFilter::Unassigned, OrderFilter::Expiring, OrderFilter::Expired];

const fn filter_name(filter: OrderFilter) -> &'static str {
    match filter {
        OrderFilter::All | OrderFilter::Import(_) => "all",
        OrderFilter::Unassigned => "unassigned",
        OrderFilter::Expiring => "expiring",
        OrderFilter::Expired => "expired",
    }
}

/// What the address asks for. What it gets wrong is as if it had not asked.
fn read_query() -> OrderQuery {
    let cursor = |name: &str, before: bool| {
        let text = query_value(name);
        let (day, id) = text.split_once('.')?;
        let day = domain::order::parse_date(day).ok()?.to_string();
        Some(OrderCursor { day, id: id.parse().ok()?, before })
    };
    let show = query_value("show");
    let import = query_value("import").parse().ok().map(OrderFilter::Import);
    OrderQuery {
        search: query_value("q").chars().filter(|character| *character != '\0').take(200).collect(),
        filter: import.or_else(|| FILTERS.into_iter().find(|filter| filter_name(*filter) == show)).unwrap_or_default(),
        cursor: cursor("after", false).or_else(|| cursor("before", true)),
    }
}

impl Shown {
    /// The address of the list that `query` asks for.
    fn address(&self, query: &OrderQuery) -> String {
        let mut parts = Vec::new();
        let mut part = |name: &str, value: &str| parts.push(format!("{name}={}", paths::encode(value)));
        match query.filter {
            OrderFilter::All => {}
            OrderFilter::Import(import) => part("import", &import.to_string()),
            filter => part("show", filter_name(filter)),
        }
        if !query.search.is_empty() {
            part("q", &query.search);
        }
        if let Some((number, _)) = &self.back_to {
            part("for", &number.to_string());
        }
        if let Some(cursor) = &query.cursor {
            part(if cursor.before { "before" } else { "after" }, &format!("{}.{}", cursor.day, cursor.id));
        }
        if parts.is_empty() { paths::ORDERS.to_owned() } else { format!("{}?{}", paths::ORDERS, parts.join("&")) }
    }
}

fn content(request: &Arc<Request>, shown: &Shown) -> AnyView {
    let wording = Wording(request.locale);
    let imported = shown.done.strip_prefix("imported:").and_then(|count| count.parse().ok()).map(|count| {
        view! { <Notice tone=Tone::Good text=wording.orders_imported(count) /> }
    });
    let back = shown.back_to.as_ref().map(|(number, name)| back(*number, name, wording));
    let of_import = matches!(shown.query.filter, OrderFilter::Import(_)).then(|| {
        view! {
            <p class="notice neutral with-link">
                <span>{wording.import_shown_orders()}</span>
                <a href=paths::ORDERS>{wording.orders_show_all()}</a>
            </p>
        }
    });
    view! {
        <div class="head">
            <div>
                <h1>{wording.orders()}</h1>
                <p class="soft">{wording.orders_lead()}</p>
            </div>
            {import_button(&shown.caller, wording)}
        </div>
        {imported}
        {of_import}
        {back}
        <section class="panel" id="orders" aria-label=wording.orders()>
            {tabs(shown, wording)}
            {search(shown, wording)}
            <div id="results" data-seen=shown.seen.to_string()>{results(request, shown)}</div>
        </section>
        <LiveForms events=paths::EVENTS.to_owned() />
    }
    .into_any()
}

/// Says for which account an order is looked for, and leads back to it.
fn back(number: AccountNumber, name: &str, wording: Wording) -> AnyView {
    let there = format!("{}#subscriptions", paths::account(number));
    view! {
        <p class="notice neutral with-link">
            <span>{wording.choose_order_for(name)}</span>
            <a href=there>{wording.back_to_account(name)}</a>
        </p>
    }
    .into_any()
}

fn import_button(caller: &Caller, wording: Wording) -> AnyView {
    match decide(caller, Action::ImportOrders, Resource::Partner(caller.seat.partner())) {
        Decision::Allowed => {
            view! { <a class="button main" href=paths::IMPORT_ORDERS>{wording.import_orders()}</a> }.into_any()
        }
        Decision::Forbidden(_) => view! {
            <div class="refused">
                <button class="button main" aria-disabled="true" aria-describedby="import-refused" type="button">
                    {wording.import_orders()}
                </button>
                <p id="import-refused" class="small soft">{wording.import_orders_refused()}</p>
            </div>
        }
        .into_any(),
        Decision::Hidden => ().into_any(),
    }
}

fn filter_label(filter: OrderFilter, wording: Wording) -> &'static str {
    match filter {
        OrderFilter::All | OrderFilter::Import(_) => wording.orders_all(),
        OrderFilter::Unassigned => wording.orders_unassigned(),
        OrderFilter::Expiring => wording.orders_expiring(),
        OrderFilter::Expired => wording.orders_expired(),
    }
}

fn tabs(shown: &Shown, wording: Wording) -> AnyView {
    let tabs: Vec<_> = FILTERS
        .into_iter()
        .map(|filter| {
            let there = OrderQuery { filter, cursor: None, ..shown.query.clone() };
            let current = (filter == shown.query.filter).then_some("page");
            view! { <a href=shown.address(&there) aria-current=current>{filter_label(filter, wording)}</a> }
        })
        .collect();
    view! { <nav class="tabs" aria-label=wording.orders_filter()>{tabs}</nav> }.into_any()
}

fn search(shown: &Shown, wording: Wording) -> AnyView {
    let hidden = |name: &'static str, value: String| view! { <input type="hidden" name=name value=value /> };
    let show = match shown.query.filter {
        OrderFilter::All => None,
        OrderFilter::Import(import) => Some(hidden("import", import.to_string())),
        filter => Some(hidden("show", filter_name(filter).to_owned())),
    };
    let back_to = shown.back_to.as_ref().map(|(number, _)| hidden("for", number.to_string()));
    view! {
        <form method="get" action=paths::ORDERS role="search" class="filter">
            <div class="field grow">
                <label for="q">{wording.search_orders()}</label>
                <input
                    id="q" name="q" type="search" value=shown.query.search.clone() autocomplete="off"
                    spellcheck="false" placeholder=wording.search_orders_hint()
                />
            </div>
            {show}
            {back_to}
            <button class="button">{wording.search()}</button>
        </form>
    }
    .into_any()
}

fn results(request: &Request, shown: &Shown) -> AnyView {
    let wording = Wording(request.locale);
    if shown.page.rows.is_empty() {
        let narrowed = !shown.query.search.is_empty() || shown.query.filter != OrderFilter::All;
        let (title, lead) = if narrowed {
            (wording.orders_none_found(), wording.orders_none_found_lead())
        } else {
            (wording.orders_empty(), wording.orders_empty_lead())
        };
        let clear = narrowed.then(|| {
            let all = shown.address(&OrderQuery::default());
            view! { <p><a class="button" href=all>{wording.clear_search()}</a></p> }
        });
        return view! {
            <div class="empty">
                <p class="empty-title">{title}</p>
                <p class="soft">{lead}</p>
                {clear}
            </div>
        }
        .into_any();
    }
    let columns = [
        (wording.tracking_number(), ""),
        (wording.product_name(), ""),
        (wording.plan(), ""),
        (wording.quantity(), "count-column"),
        (wording.account(), ""),
        (wording.purchase_date(), ""),
        (wording.end_date(), ""),
        (wording.status(), ""),
    ];
    let columns: Vec<_> =
        columns.into_iter().map(|(label, class)| view! { <th scope="col" class=class>{label}</th> }).collect();
    let rows: Vec<_> = shown.page.rows.iter().map(|order| row(request, shown, order)).collect();
    let to = |cursor: &Option<OrderCursor>| {
        let cursor = cursor.clone()?;
        Some(shown.address(&OrderQuery { cursor: Some(cursor), ..shown.query.clone() }))
    };
    let first = shown.address(&OrderQuery { cursor: None, ..shown.query.clone() });
    view! {
        <div class="scroll">
            <table class="cards">
                <thead><tr>{columns}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {super::pager(first, to(&shown.page.previous), to(&shown.page.next), wording)}
    }
    .into_any()
}

fn row(request: &Request, shown: &Shown, listed: &ListedOrder) -> AnyView {
    let wording = Wording(request.locale);
    let order = &listed.order;
    let mut there = paths::order(&order.tracking_number);
    if let Some((number, _)) = &shown.back_to {
        there = format!("{there}?for={number}");
    }
    let product = request.backend.settings.catalogue.name(&order.application).to_owned();
    let end = order.ends_on.map_or_else(|| wording.no_end().to_owned(), |day| wording.day(day));
    view! {
        <tr>
            <th scope="row"><a class="number" href=there>{order.tracking_number.to_string()}</a></th>
            <td data-label=wording.product_name()>{product}</td>
            <td data-label=wording.plan()>{order.plan.clone()}</td>
            <td class="count-column" data-label=wording.quantity()>{order.quantity}</td>
            <td class="wraps" data-label=wording.account()>{accounts(listed, wording)}</td>
            <td class="labelled" data-label=wording.purchase_date()>{wording.day(order.purchased_on)}</td>
            <td class="labelled" data-label=wording.end_date()>{end}</td>
            <td data-label=wording.status()>
                <Badge tone=tone(order.status) label=wording.subscription_status(order.status) />
            </td>
        </tr>
    }
    .into_any()
}

/// To whom an order is assigned: the first accounts, how many more, and what is left.
fn accounts(listed: &ListedOrder, wording: Wording) -> AnyView {
    let named = listed.assignments.iter().map(|assignment| match &assignment.account {
        Some((number, name)) => view! { <a href=paths::account(*number)><bdi>{name.clone()}</bdi></a> }.into_any(),
        None => wording.another_account().into_any(),
    });
    let named: Vec<_> = named.map(|account| view! { <li>{account}</li> }).collect();
    let more = usize::try_from(listed.accounts).unwrap_or_default().saturating_sub(named.len());
    let more = (more > 0).then(|| view! { <li>{wording.more_accounts(more as u64)}</li> });
    let left = listed.order.remaining;
    let left = (left > 0).then(|| {
        let text = if listed.accounts == 0 {
            wording.unassigned().to_owned()
        } else {
            wording.unassigned_of(left.unsigned_abs())
        };
        view! { <li class="soft">{text}</li> }
    });
    view! { <ul class="plain">{named}{more}{left}</ul> }.into_any()
}
