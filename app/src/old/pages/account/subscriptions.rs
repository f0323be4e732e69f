//! The panel of subscriptions.

use std::collections::BTreeMap;

use domain::{integrations::IntegrationKey, order::SubscriptionStatus, rights::Decision};
use leptos::prelude::*;
use service::{accounts::information::AccountInformation, subscriptions::SubscriptionView};

use super::AccountContext;
use crate::{
    paths,
    ui::{Badge, Panel, Tone, options},
    wording::Wording,
};

/// The panel.
pub(super) const PANEL: &str = "subscriptions";

/// What of the page's address says that the row of a subscription is open.
const OPEN: &str = "subscription:";

/// The columns of the table, but for what only a partner sees.
const COLUMNS: usize = 7;

/// The columns that only a partner sees: what the order is beyond what is assigned here.
const COLUMNS_OF_ORDER: usize = 2;

/// The panel of what is assigned to `account`.
pub(super) fn panel(context: &AccountContext, account: &AccountInformation) -> AnyView {
    let wording = context.wording;
    let all = &account.subscriptions;
    let shown: Vec<&SubscriptionView> = all.iter().filter(|one| is_shown(context, one)).collect();
    let said = match context.done.split_once(':') {
        Some(("assigned", assigned)) => match assigned.split_once(':') {
            Some((order, count)) => wording.licences_assigned_of_order(count.parse().unwrap_or_default(), order),
            None => String::new(),
        },
        _ => String::new(),
    };
    let add = (account.assign_orders != Decision::Hidden).then(|| add_order(context, account.assign_orders));
    let list = if all.is_empty() {
        view! {
            <div class="nothing">
                <p class="empty-title">{wording.subscriptions_empty()}</p>
                <p class="soft">{wording.subscriptions_empty_lead()}</p>
            </div>
        }
        .into_any()
    } else {
        view! {
            {filter(context, all)}
            {table(context, &shown)}
        }
        .into_any()
    };
    let warnings = warnings(context, account);
    let said = super::said(context, PANEL, &said, None);
    view! {
        <Panel id=PANEL heading=wording.subscriptions()>
            <div class="body">
                {warnings}
                {list}
                {add}
            </div>
            {said}
        </Panel>
    }
    .into_any()
}

fn is_shown(context: &AccountContext, one: &SubscriptionView) -> bool {
    let is = |wanted: &str, own: &str| wanted.is_empty() || wanted == own;
    is(&context.product, one.application.as_str()) && is(&context.status, one.status.key())
}

fn add_order(context: &AccountContext, may: Decision) -> AnyView {
    let wording = context.wording;
    match super::read_only_reason(may) {
        None => {
            let there = format!("{}?show=unassigned&for={}", paths::ORDERS, context.number);
            view! { <p><a class="button" href=there>{wording.add_order()}</a></p> }.into_any()
        }
        Some(reason) => view! {
            <p class="refused-line">
                <button class="button" type="button" aria-disabled="true" aria-describedby="add-order-refused">
                    {wording.add_order()}
                </button>
                <span id="add-order-refused" class="small soft">{wording.reason(reason)}</span>
            </p>
        }
        .into_any(),
    }
}

/// What is off although licences of it stay assigned.
fn warnings(context: &AccountContext, account: &AccountInformation) -> Vec<AnyView> {
    let wording = context.wording;
    account
        .services
        .integrations
        .iter()
        .filter(|one| !one.on && one.licences > 0)
        .map(|one| {
            let text = wording.licences_stay_warning(one.licences, &one.application.name);
            view! { <p class="notice warn">{text}</p> }.into_any()
        })
        .collect()
}

fn filter(context: &AccountContext, all: &[SubscriptionView]) -> AnyView {
    let wording = context.wording;
    let catalogue = &context.request.backend.settings.catalogue;
    let mut products: Vec<&IntegrationKey> = all.iter().map(|one| &one.application).collect();
    products.sort_unstable();
    products.dedup();
    let products = [("", wording.all_products())]
        .into_iter()
        .chain(products.into_iter().map(|key| (key.as_str(), catalogue.name(key))));
    let statuses = [("", wording.all_statuses())]
        .into_iter()
        .chain(SubscriptionStatus::ALL.iter().map(|&status| (status.key(), wording.subscription_status(status))));
    view! {
        <form method="get" action=format!("{}#{PANEL}", context.path) class="filter inner" data-live="" data-auto="">
            <div class="field">
                <label for="product">{wording.product_name()}</label>
                <select id="product" name="product" inner_html=options(products, &context.product)></select>
            </div>
            <div class="field">
                <label for="subscription-status">{wording.status()}</label>
                <select id="subscription-status" name="status" inner_html=options(statuses, &context.status)></select>
            </div>
            <button class="button">{wording.apply()}</button>
        </form>
    }
    .into_any()
}

fn table(context: &AccountContext, shown: &[&SubscriptionView]) -> AnyView {
    let wording = context.wording;
    if shown.is_empty() {
        return view! { <p class="soft">{wording.subscriptions_none_found()}</p> }.into_any();
    }
    let of_order = [(wording.of_order(), "count-column"), (wording.free_in_order(), "count-column")];
    let columns = [
        (wording.subscription_number(), ""),
        (wording.product_name(), ""),
        (wording.plan(), ""),
        (wording.assigned_here(), "count-column"),
    ];
    let columns = columns.into_iter().chain(of_order.into_iter().filter(|_| shows_orders(shown))).chain([
        (wording.start_date(), ""),
        (wording.end_date(), ""),
        (wording.status(), ""),
    ]);
    let head: Vec<_> = columns.map(|(label, class)| view! { <th scope="col" class=class>{label}</th> }).collect();
    let rows: Vec<_> = shown.iter().map(|one| row(context, one)).collect();
    view! {
        <div class="scroll edge">
            <table class="cards tight" aria-labelledby=format!("{PANEL}-heading")>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
                <tfoot>{totals(context, shown)}</tfoot>
            </table>
        </div>
    }
    .into_any()
}

/// Whether it is shown what orders are beyond what is assigned here.
fn shows_orders(shown: &[&SubscriptionView]) -> bool {
    shown.iter().any(|one| one.order.is_some())
}

fn row(context: &AccountContext, one: &SubscriptionView) -> AnyView {
    let wording = context.wording;
    let product = context.request.backend.settings.catalogue.name(&one.application).to_owned();
    let open = context.open.strip_prefix(OPEN) == Some(one.number.as_str());
    let what = if open { String::new() } else { format!("{OPEN}{}", one.number) };
    let row_id = format!("subscription-{}", one.number);
    let details_id = format!("{row_id}-details");
    let columns = COLUMNS + one.order.map_or(0, |_| COLUMNS_OF_ORDER);
    let of_order = one.order.map(|order| {
        view! {
            <td class="count-column" data-label=wording.of_order()>{order.ordered}</td>
            <td class="count-column" data-label=wording.free_in_order()>{order.free}</td>
        }
    });
    let details = open.then(|| {
        view! {
            <tr class="details" id=details_id.clone()>
                <td colspan=columns.to_string()>{details(one, wording)}</td>
            </tr>
        }
    });
    view! {
        <tr id=row_id>
            <th scope="row">
                <form method="get" action=context.action(PANEL) data-live="">
                    {context.kept_fields(&what)}
                    <button
                        class="expander number" id=format!("open-{}", one.number) aria-expanded=open.to_string()
                        aria-controls=open.then_some(details_id) title=wording.details_of(&one.number)
                    >{one.number.clone()}</button>
                </form>
            </th>
            <td data-label=wording.product_name()>{product}</td>
            <td data-label=wording.plan()>{one.plan.clone()}</td>
            <td class="count-column" data-label=wording.assigned_here()>{one.assigned}</td>
            {of_order}
            <td class="labelled" data-label=wording.start_date()>{wording.day(one.starts_on)}</td>
            <td class="labelled" data-label=wording.end_date()>{end(one, wording)}</td>
            <td data-label=wording.status()>
                <Badge tone=tone(one.status) label=wording.subscription_status(one.status) />
            </td>
        </tr>
        {details}
    }
    .into_any()
}

fn end(one: &SubscriptionView, wording: Wording) -> String {
    one.ends_on.map_or_else(|| wording.no_end().to_owned(), |day| wording.day(day))
}

fn details(one: &SubscriptionView, wording: Wording) -> AnyView {
    let none = || wording.not_given().to_owned();
    let purchase_orders = if one.purchase_orders.is_empty() { none() } else { one.purchase_orders.join(", ") };
    let pairs = [
        (wording.order(), one.tracking_number.clone()),
        (wording.sap_order(), one.sap_order.clone().unwrap_or_else(none)),
        (wording.purchase_orders(), purchase_orders),
        (wording.purchase_date(), wording.day(one.purchased_on)),
        (wording.term(), wording.term_in_words(one.term)),
    ];
    let pairs: Vec<_> = pairs
        .into_iter()
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div> })
        .collect();
    view! { <dl class="pairs">{pairs}</dl> }.into_any()
}

/// A row for each product, with the sum of what is assigned here. What orders are beyond that belongs to
/// other accounts too, and is not summed.
fn totals(context: &AccountContext, shown: &[&SubscriptionView]) -> Vec<AnyView> {
    let wording = context.wording;
    let catalogue = &context.request.backend.settings.catalogue;
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for one in shown {
        *sums.entry(catalogue.name(&one.application)).or_default() += one.assigned;
    }
    let rest = if shows_orders(shown) { "5" } else { "3" };
    sums.into_iter()
        .map(|(name, sum)| {
            view! {
                <tr>
                    <th scope="row" colspan="3">{wording.total_of(name)}</th>
                    <td class="count-column" data-label=wording.assigned_here()>{sum}</td>
                    <td colspan=rest></td>
                </tr>
            }
            .into_any()
        })
        .collect()
}

/// How a subscription's status is to be felt.
pub(in crate::pages) const fn tone(status: SubscriptionStatus) -> Tone {
    match status {
        SubscriptionStatus::Pending => Tone::Neutral,
        SubscriptionStatus::Active | SubscriptionStatus::Perpetual => Tone::Good,
        SubscriptionStatus::Expiring => Tone::Warn,
        SubscriptionStatus::Expired => Tone::Bad,
    }
}
