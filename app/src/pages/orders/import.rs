//! Importing orders: a file is chosen, what it would do is shown, and then it is confirmed.

use std::sync::Arc;

use domain::{
    rights::{Action, Decision, Resource, decide},
    role::Caller,
};
use leptos::{prelude::*, server_fn::ServerFn};
use service::orders::import::{self, BadRow, COLUMNS, NEEDED, Preview, Row};

use crate::{
    api::ImportOrders,
    error::WireError,
    forms,
    layout::{Place, framed},
    paths,
    request::{self, Request},
    ui::Panel,
    wording::Wording,
};

/// How many of the good rows are shown.
const SHOWN: usize = 20;

/// The page.
#[component]
pub(in crate::pages) fn ImportPage() -> impl IntoView {
    let request = request::current();
    crate::pages::page(request.clone(), async move {
        let wording = Wording(request.locale);
        let caller = request.caller()?;
        may(&caller)?;
        let (preview, problem) = match request.posted::<ImportOrders>() {
            // By now it would be another number of orders: the person looks at it again.
            Some((form, Some(WireError::Outdated))) => {
                let preview = import::preview(&request.backend, &caller, &form.csv).await?;
                (Some((form.csv, preview)), Some(WireError::Outdated))
            }
            Some((_, Some(error))) => (None, Some(error)),
            Some((form, None)) => match import::preview(&request.backend, &caller, &form.csv).await {
                Ok(preview) => (Some((form.csv, preview)), None),
                Err(error) => (None, Some(error.into())),
            },
            None => (None, None),
        };
        let frame = crate::pages::frame(&request, wording.import_orders(), Place::Orders, None).await?;
        Ok(framed(&request, frame, content(&request, preview, problem)))
    })
}

fn may(caller: &Caller) -> Result<(), WireError> {
    match decide(caller, Action::ImportOrders, Resource::Partner(caller.seat.partner())) {
        Decision::Allowed => Ok(()),
        Decision::Forbidden(reason) => Err(WireError::Forbidden(reason)),
        Decision::Hidden => Err(WireError::NotFound),
    }
}

fn content(request: &Arc<Request>, preview: Option<(String, Preview)>, problem: Option<WireError>) -> AnyView {
    let wording = Wording(request.locale);
    let typed = request.posted::<ImportOrders>().map(|(form, _)| form.csv).unwrap_or_default();
    let problem = problem.map(|error| match &error {
        WireError::Invalid { fields } if !fields.is_empty() => wording.field_error(&fields[0].1),
        error => wording.wire_error(error),
    });
    let preview = preview.map(|(csv, preview)| preview_panel(request, csv, &preview));
    let shown = if preview.is_some() { String::new() } else { typed };
    view! {
        <div class="head">
            <div>
                <p class="crumbs small">
                    <a href=paths::ORDERS>{wording.orders()}</a>
                    <span class="soft">" / "{wording.import_orders()}</span>
                </p>
                <h1>{wording.import_orders()}</h1>
                <p class="soft">{wording.import_lead()}</p>
            </div>
        </div>
        <div class="panels">
            {preview}
            <Panel id="file" heading=wording.csv_choose()>
                <form method="post" action=paths::IMPORT_ORDERS enctype="multipart/form-data" class="body">
                    <input type="hidden" name=forms::FORM value=ImportOrders::PATH />
                    {problem.map(|problem| view! { <p class="notice bad" role="alert">{problem}</p> })}
                    <p class="small soft">{wording.import_columns(&COLUMNS[..NEEDED].join(", "), &COLUMNS[NEEDED..].join(", "))}</p>
                    <div class="field">
                        <label for="file-input">{wording.csv_file()}</label>
                        <input id="file-input" type="file" name="csv" accept=".csv,text/csv,text/plain" />
                    </div>
                    <div class="field">
                        <label for="csv">{wording.csv_text()}</label>
                        <textarea id="csv" name="csv" rows="6" class="code-text" spellcheck="false">{shown}</textarea>
                    </div>
                    <div><button class="button main">{wording.csv_preview()}</button></div>
                </form>
            </Panel>
        </div>
    }
    .into_any()
}

fn preview_panel(request: &Request, csv: String, preview: &Preview) -> AnyView {
    let wording = Wording(request.locale);
    let (good, bad) = (preview.good.len() as u64, preview.bad.len() as u64);
    let bad_rows: Vec<_> = preview.bad.iter().map(|row| bad_row(row, wording)).collect();
    let bad = (bad > 0).then(|| {
        view! {
            <div class="notice bad" role="alert">
                <p class="notice-title">{wording.import_bad(bad)}</p>
                <ul>{bad_rows}</ul>
            </div>
        }
    });
    let confirm = if good == 0 {
        view! { <p>{wording.import_nothing()}</p> }.into_any()
    } else {
        view! {
            <form method="post" action=paths::IMPORT_ORDERS enctype="multipart/form-data" class="answers">
                <input type="hidden" name=forms::FORM value=ImportOrders::PATH />
                <input type="hidden" name="confirmed" value="true" />
                <input type="hidden" name="expected" value=good.to_string() />
                <input type="hidden" name="csv" value=csv />
                <button class="button main">{wording.import_confirm(good)}</button>
                <a class="button" href=paths::IMPORT_ORDERS>{wording.cancel()}</a>
            </form>
        }
        .into_any()
    };
    let rows = (good > 0).then(|| good_rows(request, &preview.good));
    view! {
        <Panel id="preview" heading=wording.import_orders()>
            <div class="body">
                {bad}
                <p role="status"><b>{wording.import_good(good)}</b></p>
                {rows}
                {confirm}
            </div>
        </Panel>
    }
    .into_any()
}

fn bad_row(row: &BadRow, wording: Wording) -> AnyView {
    let errors: Vec<String> = row
        .errors
        .iter()
        .map(|(column, error)| wording.column_and_error(column, &wording.field_error(error)))
        .collect();
    let line = wording.import_line(&row.line.to_string());
    let number = (!row.tracking_number.is_empty()).then(|| format!(" ({})", row.tracking_number));
    view! { <li><b>{line}{number}</b> " – " {errors.join(" ")}</li> }.into_any()
}

fn good_rows(request: &Request, good: &[Row]) -> AnyView {
    let wording = Wording(request.locale);
    let first = (good.len() > SHOWN).then(|| view! { <p class="small soft">{wording.import_first(SHOWN as u64)}</p> });
    let columns = [
        wording.tracking_number(),
        wording.product_name(),
        wording.plan(),
        wording.quantity(),
        wording.start_date(),
        wording.end_date(),
        wording.account(),
    ];
    let columns: Vec<_> = columns.into_iter().map(|label| view! { <th scope="col">{label}</th> }).collect();
    let rows: Vec<_> = good
        .iter()
        .take(SHOWN)
        .map(|row| {
            let order = &row.order;
            let product = request.backend.settings.catalogue.name(&order.application).to_owned();
            let end = order.ends_on.map_or_else(|| wording.no_end().to_owned(), |day| wording.day(day));
            let account = row.account.as_ref().map(|(_, name)| name.clone());
            view! {
                <tr>
                    <th scope="row" class="number">{order.tracking_number.to_string()}</th>
                    <td data-label=wording.product_name()>{product}</td>
                    <td data-label=wording.plan()>{order.plan.clone()}</td>
                    <td class="count-column" data-label=wording.quantity()>{order.quantity}</td>
                    <td data-label=wording.start_date()>{wording.day(order.starts_on)}</td>
                    <td data-label=wording.end_date()>{end}</td>
                    <td data-label=wording.account()><bdi>{account}</bdi></td>
                </tr>
            }
        })
        .collect();
    view! {
        {first}
        <div class="scroll edge">
            <table class="cards">
                <thead><tr>{columns}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
