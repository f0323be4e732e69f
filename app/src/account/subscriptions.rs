//! The panel of subscriptions.

use std::collections::BTreeMap;

use domain::{integrations::IntegrationKey, order::SubscriptionStatus, view::subscriptions::SubscriptionView};
use leptos::{prelude::*, web_sys};

use super::{AccountState, query_value, read_only_reason};
use crate::{
    form::Hidden,
    navigation,
    panel::Panel,
    paths,
    ui::{Badge, Tone, options},
    wording::Wording,
};

/// The panel.
const PANEL: &str = "subscriptions";

/// What of the page's address says that the row of a subscription is open.
const OPEN: &str = "subscription:";

/// The columns of the table, but for what only a partner sees.
const COLUMNS: usize = 7;

/// The columns that only a partner sees: what the order is beyond what is assigned here.
const COLUMNS_OF_ORDER: usize = 2;

/// The panel of what is assigned to the account.
#[component]
pub(super) fn SubscriptionsPanel(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let all = account.part(|view| view.information.subscriptions.clone());
    let (product, status) = (query_value("product"), query_value("status"));
    let shown = Memo::new(move |_| {
        let is = |wanted: &str, own: &str| wanted.is_empty() || wanted == own;
        let (product, status) = (product.get(), status.get());
        let mut all = all.get();
        all.retain(|one| is(&product, one.application.as_str()) && is(&status, one.status.key()));
        all
    });
    let list = move || {
        if all.with(Vec::is_empty) {
            view! {
                <div class="nothing">
                    <p class="empty-title">{wording.subscriptions_empty()}</p>
                    <p class="soft">{wording.subscriptions_empty_lead()}</p>
                </div>
            }
            .into_any()
        } else {
            view! {
                <Filter account all product status />
                {move || view! { <Table account shown=shown.get() /> }}
            }
            .into_any()
        }
    };
    view! {
        <Panel id=PANEL heading=wording.subscriptions()>
            <div class="body">
                <Warnings account />
                {list}
                <AddOrder account />
            </div>
        </Panel>
    }
}

/// The way to assign more, or why there is none.
#[component]
fn AddOrder(account: AccountState) -> impl IntoView {
    use domain::rights::Decision;

    let wording = Wording::current();
    let may = account.part(|view| view.information.assign_orders);
    move || match (may.get(), read_only_reason(may.get())) {
        (Decision::Hidden, _) => ().into_any(),
        (_, None) => {
            let there = format!("{}?show=unassigned&for={}", paths::ORDERS, account.number);
            view! { <p><a class="button" href=there>{wording.add_order()}</a></p> }.into_any()
        }
        (_, Some(reason)) => view! {
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
#[component]
fn Warnings(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let warnings = account.part(move |view| {
        let off = view.information.services.integrations.iter().filter(|one| !one.on && one.licences > 0);
        off.map(|one| wording.licences_stay_warning(one.licences, &one.application.name)).collect::<Vec<_>>()
    });
    move || warnings.get().into_iter().map(|text| view! { <p class="notice warn">{text}</p> }).collect_view()
}

/// The name of an application.
fn name(account: AccountState, key: &IntegrationKey) -> String {
    account.read(|view| view.integration_name(key))
}

#[component]
fn Filter(
    account: AccountState,
    all: Memo<Vec<SubscriptionView>>,
    product: Memo<String>,
    status: Memo<String>,
) -> impl IntoView {
    let wording = Wording::current();
    let mut products: Vec<IntegrationKey> =
        all.with_untracked(|all| all.iter().map(|one| one.application.clone()).collect());
    products.sort_unstable();
    products.dedup();
    let products: Vec<(String, String)> =
        products.into_iter().map(|key| (key.to_string(), name(account, &key))).collect();
    let products = [("", wording.all_products())]
        .into_iter()
        .chain(products.iter().map(|(key, name)| (key.as_str(), name.as_str())));
    let products = options(products, product.get_untracked());
    let statuses = [("", wording.all_statuses())]
        .into_iter()
        .chain(SubscriptionStatus::ALL.iter().map(|&status| (status.key(), wording.subscription_status(status))));
    let statuses = options(statuses, status.get_untracked());
    let go = navigation::navigator();
    let choose = move |product: &str, status: &str| {
        let parts = [("product", product), ("status", status)].into_iter().filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parts).finish();
        go.replace(&navigation::with_query(&account.path(), &query));
    };
    let on_submit = move |event: web_sys::SubmitEvent| event.prevent_default();
    view! {
        <form method="get" action=account.panel_path(PANEL) class="filter inner" on:submit=on_submit>
            <div class="field">
                <label for="product">{wording.product_name()}</label>
                <select
                    id="product" name="product" inner_html=products
                    on:change:target=move |event| choose(&event.target().value(), &status.get_untracked())
                ></select>
            </div>
            <div class="field">
                <label for="subscription-status">{wording.status()}</label>
                <select
                    id="subscription-status" name="status" inner_html=statuses
                    on:change:target=move |event| choose(&product.get_untracked(), &event.target().value())
                ></select>
            </div>
            <noscript><button class="button">{wording.apply()}</button></noscript>
        </form>
    }
}

#[component]
fn Table(account: AccountState, shown: Vec<SubscriptionView>) -> impl IntoView {
    let wording = Wording::current();
    if shown.is_empty() {
        return view! { <p class="soft">{wording.subscriptions_none_found()}</p> }.into_any();
    }
    let with_orders = shown.iter().any(|one| one.order.is_some());
    let of_order = [(wording.of_order(), "count-column"), (wording.free_in_order(), "count-column")];
    let columns = [
        (wording.subscription_number(), ""),
        (wording.product_name(), ""),
        (wording.plan(), ""),
        (wording.assigned_here(), "count-column"),
    ];
    let columns = columns.into_iter().chain(of_order.into_iter().filter(|_| with_orders)).chain([
        (wording.start_date(), ""),
        (wording.end_date(), ""),
        (wording.status(), ""),
    ]);
    let head: Vec<_> = columns.map(|(label, class)| view! { <th scope="col" class=class>{label}</th> }).collect();
    // What orders are beyond what is assigned here belongs to other accounts too, and is not summed.
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for one in &shown {
        *sums.entry(name(account, &one.application)).or_default() += one.assigned;
    }
    let rest = if with_orders { "5" } else { "3" };
    let totals = sums.into_iter().map(|(name, sum)| {
        view! {
            <tr>
                <th scope="row" colspan="3">{wording.total_of(&name)}</th>
                <td class="count-column" data-label=wording.assigned_here()>{sum}</td>
                <td colspan=rest></td>
            </tr>
        }
    });
    let totals = totals.collect_view();
    let rows = shown.into_iter().map(|one| view! { <Row account one /> }).collect_view();
    view! {
        <div class="scroll edge">
            <table class="cards tight" aria-labelledby=format!("{PANEL}-heading")>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
                <tfoot>{totals}</tfoot>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(account: AccountState, one: SubscriptionView) -> impl IntoView {
    let wording = Wording::current();
    let product = name(account, &one.application);
    let opened = query_value("open");
    let key = format!("{OPEN}{}", one.number);
    let (own, wanted) = (key.clone(), key);
    let open = Memo::new(move |_| opened.get() == own);
    let row_id = format!("subscription-{}", one.number);
    let details_id = format!("{row_id}-details");
    let columns = COLUMNS + one.order.map_or(0, |_| COLUMNS_OF_ORDER);
    let of_order = one.order.map(|order| {
        view! {
            <td class="count-column" data-label=wording.of_order()>{order.ordered}</td>
            <td class="count-column" data-label=wording.free_in_order()>{order.free}</td>
        }
    });
    let what = move || if open.get() { String::new() } else { wanted.clone() };
    let what = Signal::derive(what);
    let go = navigation::navigator();
    let query = navigation::query();
    let on_submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let wanted = if open.get_untracked() { String::new() } else { what.get_untracked() };
        let query = paths::with_value(&query(), "open", &wanted);
        go.replace(&navigation::with_query(&account.path(), &query));
    };
    let (controls, own_id) = (details_id.clone(), details_id);
    let shown = one.clone();
    view! {
        <tr id=row_id>
            <th scope="row">
                <form method="get" action=account.panel_path(PANEL) on:submit=on_submit>
                    <Hidden name="open" value=what />
                    <button
                        class="expander number" id=format!("open-{}", one.number)
                        aria-expanded=move || open.get().to_string()
                        aria-controls=move || open.get().then(|| controls.clone()) title=wording.details_of(&one.number)
                    >{one.number.clone()}</button>
                </form>
            </th>
            <td data-label=wording.product_name()>{product}</td>
            <td data-label=wording.plan()>{one.plan.clone()}</td>
            <td class="count-column" data-label=wording.assigned_here()>{one.assigned}</td>
            {of_order}
            <td class="labelled" data-label=wording.start_date()>{wording.day(one.starts_on)}</td>
            <td class="labelled" data-label=wording.end_date()>
                {one.ends_on.map_or_else(|| wording.no_end().to_owned(), |day| wording.day(day))}
            </td>
            <td data-label=wording.status()>
                <Badge tone=tone(one.status) label=wording.subscription_status(one.status) />
            </td>
        </tr>
        {move || open.get().then(|| {
            view! {
                <tr class="details" id=own_id.clone()>
                    <td colspan=columns.to_string()><Details one=shown.clone() /></td>
                </tr>
            }
        })}
    }
}

#[component]
fn Details(one: SubscriptionView) -> impl IntoView {
    let wording = Wording::current();
    let none = || wording.not_given().to_owned();
    let purchase_orders = if one.purchase_orders.is_empty() { none() } else { one.purchase_orders.join(", ") };
    let pairs = [
        (wording.order(), one.tracking_number),
        (wording.sap_order(), one.sap_order.unwrap_or_else(none)),
        (wording.purchase_orders(), purchase_orders),
        (wording.purchase_date(), wording.day(one.purchased_on)),
        (wording.term(), wording.term_in_words(one.term)),
    ];
    let pairs = pairs.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div> });
    view! { <dl class="pairs">{pairs.collect_view()}</dl> }
}

/// The colour of a subscription's status.
pub(crate) const fn tone(status: SubscriptionStatus) -> Tone {
    match status {
        SubscriptionStatus::Pending => Tone::Neutral,
        SubscriptionStatus::Active | SubscriptionStatus::Perpetual => Tone::Good,
        SubscriptionStatus::Expiring => Tone::Warn,
        SubscriptionStatus::Expired => Tone::Bad,
    }
}
