//! The list of orders.

mod address;
mod details;
mod import;

use std::collections::BTreeMap;

use domain::{
    account_number::AccountNumber,
    integrations::IntegrationKey,
    rights::Decision,
    view::orders::{ListedOrder, OrderFilter, OrderPage, OrderQuery},
};
use leptos::{prelude::*, web_sys};
use serde::{Deserialize, Serialize};

use self::address::FILTERS;
pub(crate) use self::{
    details::{OpenOrder, OrderDetailsPage, UndoRemoval, removal_undone},
    import::ImportPage,
};
use crate::{
    account::subscription_tone,
    error::WireError,
    form::form_query,
    live::Live,
    navigation,
    page::{PageTitle, loaded, resource},
    paths::{self, value_in},
    ui::{Badge, Pager},
    wording::Wording,
};

/// An account for which an order is looked for: its Account ID and name.
type BackTo = Option<(AccountNumber, String)>;

/// The list as a person sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrdersView {
    /// The orders.
    pub page: OrderPage,
    /// The names of their applications.
    pub products: BTreeMap<IntegrationKey, String>,
    /// Whether the caller may import orders.
    pub import: Decision,
    /// The account for which an order is looked for.
    pub back_to: BackTo,
}

/// The orders that the query of an address asks for.
#[server(prefix = "/api", endpoint = "list_orders")]
pub async fn list_orders(#[server(default)] query: String) -> Result<OrdersView, WireError> {
    use domain::rights::{Action, Resource, decide};

    use crate::request::{current, refuse};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let wanted = address::read(&query);
    let page = service::orders::list::list(&request.backend, &caller, &wanted).await.map_err(refuse)?;
    let catalogue = &request.backend.settings.catalogue;
    let products = page.rows.iter().map(|row| &row.order.application);
    let products = products.map(|key| (key.clone(), catalogue.name(key).to_owned())).collect();
    let import = decide(&caller, Action::ImportOrders, Resource::Partner(caller.seat.partner()));
    Ok(OrdersView { page, products, import, back_to: back_to(&request, &query).await? })
}

/// The account for which an order is looked for, by the query of an address.
#[cfg(feature = "ssr")]
async fn back_to(request: &crate::request::Request, query: &str) -> Result<BackTo, WireError> {
    use crate::request::refuse;
    let caller = request.caller().map_err(refuse)?;
    let Some(number) = value_in(query, "for").and_then(|number| number.parse().ok()) else { return Ok(None) };
    let name = service::accounts::information::name(&request.backend, &caller, number).await.map_err(refuse)?;
    Ok(Some((number, name)))
}

/// The page with the list of orders.
#[component]
pub(crate) fn OrdersPage() -> impl IntoView {
    let wording = Wording::current();
    let query = navigation::query();
    let orders = resource(query, list_orders);
    Live::current().listen_to(None, Vec::new);
    view! {
        <PageTitle title=wording.orders().to_owned() />
        {loaded(orders, move |view| view! { <Orders view query=query() /> })}
    }
}

#[component]
fn Orders(view: OrdersView, query: String) -> impl IntoView {
    let wording = Wording::current();
    let back_to = view.back_to.as_ref().map(|(number, _)| *number);
    let query = address::read(&query);
    let of_import = matches!(query.filter, OrderFilter::Import(_)).then(|| {
        view! {
            <p class="notice neutral with-link">
                <span>{wording.import_shown_orders()}</span>
                <a href=paths::ORDERS>{wording.orders_show_all()}</a>
            </p>
        }
    });
    let tabs = FILTERS.into_iter().map(|filter| {
        let there = address::write(&OrderQuery { filter, cursor: None, ..query.clone() }, back_to);
        let current = (filter == query.filter).then_some("page");
        view! { <a href=there aria-current=current>{filter_label(filter, wording)}</a> }
    });
    let tabs = tabs.collect_view();
    view! {
        <div class="head">
            <div>
                <h1 tabindex="-1">{wording.orders()}</h1>
                <p class="soft">{wording.orders_lead()}</p>
            </div>
            <ImportButton import=view.import />
        </div>
        {of_import}
        <Back to=view.back_to.clone() />
        <section class="panel" id="orders" aria-label=wording.orders()>
            <nav class="tabs" aria-label=wording.orders_filter()>{tabs}</nav>
            <Search query=query.clone() back_to />
            <div id="results"><Results view query /></div>
        </section>
    }
}

/// Says for which account an order is looked for, and leads back to it.
#[component]
fn Back(to: BackTo) -> impl IntoView {
    let wording = Wording::current();
    to.map(|(number, name)| {
        let there = format!("{}#subscriptions", paths::account(number));
        view! {
            <p class="notice neutral with-link">
                <span>{wording.choose_order_for(&name)}</span>
                <a href=there>{wording.back_to_account(&name)}</a>
            </p>
        }
    })
}

#[component]
fn ImportButton(import: Decision) -> impl IntoView {
    let wording = Wording::current();
    match import {
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

#[component]
fn Search(query: OrderQuery, back_to: Option<AccountNumber>) -> impl IntoView {
    let wording = Wording::current();
    let hidden = |name: &'static str, value: String| view! { <input type="hidden" name=name value=value /> };
    let show = match query.filter {
        OrderFilter::All => None,
        OrderFilter::Import(import) => Some(hidden("import", import.to_string())),
        filter => Some(hidden("show", address::filter_name(filter).to_owned())),
    };
    let back_to = back_to.map(|number| hidden("for", number.to_string()));
    let go = navigation::navigator();
    let on_submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let asked = form_query(&event);
        let account = value_in(&asked, "for").and_then(|number| number.parse().ok());
        go.open(&address::write(&address::read(&asked), account));
    };
    view! {
        <form method="get" action=paths::ORDERS role="search" class="filter" on:submit=on_submit>
            <div class="field grow">
                <label for="q">{wording.search_orders()}</label>
                <input
                    id="q" name="q" type="search" value=query.search autocomplete="off"
                    spellcheck="false" placeholder=wording.search_orders_hint()
                />
            </div>
            {show}
            {back_to}
            <button class="button">{wording.search()}</button>
        </form>
    }
}

#[component]
fn Results(view: OrdersView, query: OrderQuery) -> impl IntoView {
    let wording = Wording::current();
    let OrdersView { page, products, back_to, .. } = view;
    let back_to = back_to.map(|(number, _)| number);
    if page.rows.is_empty() {
        let narrowed = !query.search.is_empty() || query.filter != OrderFilter::All;
        let (title, lead) = if narrowed {
            (wording.orders_none_found(), wording.orders_none_found_lead())
        } else {
            (wording.orders_empty(), wording.orders_empty_lead())
        };
        let all = address::write(&OrderQuery::default(), back_to);
        return view! {
            <div class="empty">
                <p class="empty-title">{title}</p>
                <p class="soft">{lead}</p>
                {narrowed.then(|| view! { <p><a class="button" href=all>{wording.clear_search()}</a></p> })}
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
    let columns = columns.map(|(label, class)| view! { <th scope="col" class=class>{label}</th> }).collect_view();
    let rows = page.rows.into_iter().map(|listed| {
        let product = products.get(&listed.order.application).cloned().unwrap_or_default();
        view! { <Row listed product back_to /> }
    });
    let rows = rows.collect_view();
    let to = |cursor| address::write(&OrderQuery { cursor, ..query.clone() }, back_to);
    let first = to(None);
    let (previous, next) = (page.previous.map(|cursor| to(Some(cursor))), page.next.map(|cursor| to(Some(cursor))));
    view! {
        <div class="scroll">
            <table class="cards">
                <thead><tr>{columns}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager first previous next />
    }
    .into_any()
}

#[component]
fn Row(listed: ListedOrder, product: String, back_to: Option<AccountNumber>) -> impl IntoView {
    let wording = Wording::current();
    let order = listed.order.clone();
    let mut there = paths::order(&order.tracking_number);
    if let Some(number) = back_to {
        there = format!("{there}?for={number}");
    }
    let end = order.ends_on.map_or_else(|| wording.no_end().to_owned(), |day| wording.day(day));
    view! {
        <tr>
            <th scope="row"><a class="number" href=there>{order.tracking_number.to_string()}</a></th>
            <td data-label=wording.product_name()>{product}</td>
            <td data-label=wording.plan()>{order.plan}</td>
            <td class="count-column" data-label=wording.quantity()>{order.quantity}</td>
            <td class="wraps" data-label=wording.account()><Accounts listed /></td>
            <td class="labelled" data-label=wording.purchase_date()>{wording.day(order.purchased_on)}</td>
            <td class="labelled" data-label=wording.end_date()>{end}</td>
            <td data-label=wording.status()>
                <Badge tone=subscription_tone(order.status) label=wording.subscription_status(order.status) />
            </td>
        </tr>
    }
}

/// To whom an order is assigned: the first accounts, how many more, and what is left.
#[component]
fn Accounts(listed: ListedOrder) -> impl IntoView {
    let wording = Wording::current();
    let shown = listed.assignments.len();
    let named = listed.assignments.into_iter().map(|assignment| match assignment.account {
        Some((number, name)) => view! { <li><a href=paths::account(number)><bdi>{name}</bdi></a></li> }.into_any(),
        None => view! { <li>{wording.another_account()}</li> }.into_any(),
    });
    let named = named.collect_view();
    let more = usize::try_from(listed.accounts).unwrap_or_default().saturating_sub(shown);
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
    view! { <ul class="plain">{named}{more}{left}</ul> }
}
