//! Importing orders: a file is chosen, what it would do is shown, and then it is confirmed.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    order_file::{LegacyEncoding, OrderColumn},
    rights::{Action, Decision, Resource, decide},
    role::Caller,
};
use leptos::{prelude::*, server_fn::ServerFn};
use service::{
    orders::import::{self, BadRow, CellFault, Decoded, FILE_MAX, MAX_ROWS, Preview, Row},
    spreadsheet::{self, harmless},
};

use crate::{
    api::ImportOrders,
    error::WireError,
    forms,
    layout::{Place, framed},
    paths,
    request::{self, Request},
    ui::{Panel, options},
    wording::Wording,
};

/// How many of the good rows are shown.
const SHOWN: usize = 20;

/// How many of the bad rows are shown.
const SHOWN_BAD: usize = 50;

/// The page.
#[component]
pub(in crate::pages) fn ImportPage() -> impl IntoView {
    let request = request::current();
    crate::pages::page(request.clone(), async move {
        let wording = Wording(request.locale);
        let caller = request.caller()?;
        may(&caller)?;
        let (checked, problem) = match request.posted::<ImportOrders>() {
            // By now it would be another number of orders: the person looks at it again.
            Some((form, None | Some(WireError::Outdated))) => match check(&request, &caller, &form).await {
                Ok(checked) => (Some(checked), request.posted::<ImportOrders>().and_then(|(_, error)| error)),
                Err(error) => (None, Some(error)),
            },
            Some((_, error)) => (None, error),
            None => (None, None),
        };
        let frame = crate::pages::frame(&request, wording.import_orders(), Place::Orders, None).await?;
        Ok(framed(&request, frame, content(&request, checked, problem)))
    })
}

/// A file that was read.
struct Checked {
    /// The file in Base64; empty for text that was pasted.
    file: String,
    decoded: Decoded,
    preview: Preview,
}

async fn check(request: &Request, caller: &Caller, form: &ImportOrders) -> Result<Checked, WireError> {
    let decoded = forms::uploaded(&form.file, &form.encoding, &form.csv)?;
    let preview = import::preview(&request.backend, caller, &decoded.text).await?;
    Ok(Checked { file: form.file.clone(), decoded, preview })
}

fn may(caller: &Caller) -> Result<(), WireError> {
    match decide(caller, Action::ImportOrders, Resource::Partner(caller.seat.partner())) {
        Decision::Allowed => Ok(()),
        Decision::Forbidden(reason) => Err(WireError::Forbidden(reason)),
        Decision::Hidden => Err(WireError::NotFound),
    }
}

fn content(request: &Arc<Request>, checked: Option<Checked>, problem: Option<WireError>) -> AnyView {
    let wording = Wording(request.locale);
    let typed = request.posted::<ImportOrders>().map(|(form, _)| form.csv).unwrap_or_default();
    let problem = problem.map(|error| match &error {
        WireError::Invalid { fields } if !fields.is_empty() => wording.field_error(&fields[0].1),
        error => wording.wire_error(error),
    });
    let preview = checked.map(|checked| preview_panel(request, checked));
    let shown = if preview.is_some() { String::new() } else { typed };
    let columns = move |required: bool| {
        let columns = OrderColumn::ALL.iter().filter(|column| column.is_required() == required);
        columns.map(|column| wording.order_column(*column)).collect::<Vec<_>>().join(", ")
    };
    let (required, optional) = (columns(true), columns(false));
    let template = template(request);
    let limits = wording.import_limits(&MAX_ROWS.to_string(), &format!("{} MiB", FILE_MAX / 1024 / 1024));
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
                    <p class="small soft">{wording.import_columns(&required, &optional)}</p>
                    <p class="small soft">{limits}</p>
                    <p>{template}</p>
                    <div class="field">
                        <label for="file-input">{wording.csv_file()}</label>
                        <input id="file-input" type="file" name="csv" accept=".csv,.txt,.tsv,text/csv,text/plain" />
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

fn preview_panel(request: &Request, checked: Checked) -> AnyView {
    let wording = Wording(request.locale);
    let Checked { file, decoded, preview } = checked;
    let good = preview.good.len() as u64;
    let confirm = if good == 0 {
        view! { <p>{wording.import_nothing()}</p> }.into_any()
    } else {
        view! {
            <form method="post" action=paths::IMPORT_ORDERS enctype="multipart/form-data" class="answers">
                <input type="hidden" name=forms::FORM value=ImportOrders::PATH />
                <input type="hidden" name="confirmed" value="true" />
                <input type="hidden" name="expected" value=good.to_string() />
                {forms::idempotency_field()}
                <input type="hidden" name="csv" value=preview.csv.clone() />
                <button class="button main">{wording.import_confirm(good)}</button>
                <a class="button" href=paths::IMPORT_ORDERS>{wording.cancel()}</a>
            </form>
        }
        .into_any()
    };
    let rows = (good > 0).then(|| good_rows(request, &preview.good));
    let encoding = decoded.legacy.map(|legacy| encoding(&decoded, legacy, file, wording));
    let (header, bad) = (header(&preview, wording), bad_rows(request, &preview));
    view! {
        <Panel id="preview" heading=wording.import_orders()>
            <div class="body">
                {encoding}
                {header}
                {bad}
                <p role="status"><b>{wording.import_good(good)}</b></p>
                {rows}
                {confirm}
            </div>
        </Panel>
    }
    .into_any()
}

/// Asks in which encoding a file is that is not Unicode, with some of what was read.
fn encoding(decoded: &Decoded, legacy: LegacyEncoding, file: String, wording: Wording) -> AnyView {
    let sample: Vec<_> = decoded.sample().map(|line| view! { <li>{line.to_owned()}</li> }).collect();
    let choices = LegacyEncoding::ALL.iter().map(|encoding| (encoding.key(), wording.encoding(*encoding)));
    view! {
        <div class="notice warn" role="alert">
            <p class="notice-title">{wording.import_encoding_title()}</p>
            <p>{wording.import_encoding_lead(wording.encoding(legacy))}</p>
            <ul class="code-text" translate="no">{sample}</ul>
            <form method="post" action=paths::IMPORT_ORDERS enctype="multipart/form-data" class="answers">
                <input type="hidden" name=forms::FORM value=ImportOrders::PATH />
                <input type="hidden" name="file" value=file />
                <label for="encoding">{wording.import_encoding()}</label>
                <select id="encoding" name="encoding" inner_html=options(choices, legacy.key())></select>
                <button class="button">{wording.import_read_again()}</button>
            </form>
        </div>
    }
    .into_any()
}

/// Where the columns were found, and which of them mean nothing.
fn header(preview: &Preview, wording: Wording) -> AnyView {
    let header = &preview.header;
    let line = (header.line > 1).then(|| {
        let text = wording.import_header_line(&header.line.to_string());
        view! { <p class="notice neutral">{text}</p> }
    });
    let unknown = (!header.unknown.is_empty()).then(|| {
        let text = wording.import_unknown_columns(&header.unknown.join(", "));
        view! { <p class="notice warn" role="alert">{text}</p> }
    });
    view! { {line} {unknown} }.into_any()
}

fn bad_rows(request: &Request, preview: &Preview) -> AnyView {
    let wording = Wording(request.locale);
    let count = preview.bad.len();
    if count == 0 {
        return ().into_any();
    }
    let rows: Vec<_> = preview.bad.iter().take(SHOWN_BAD).map(|row| bad_row(row, wording)).collect();
    let more = count.saturating_sub(SHOWN_BAD) as u64;
    let more = (more > 0).then(|| view! { <p>{wording.import_bad_more(more)}</p> });
    let file = bad_rows_file(request, preview)
        .map(|table| download(&table, "orders-with-errors.csv", wording.import_bad_download()));
    view! {
        <div class="notice bad" role="alert">
            <p class="notice-title">{wording.import_bad(count as u64)}</p>
            <ul>{rows}</ul>
            {more}
            {file}
        </div>
    }
    .into_any()
}

fn bad_row(row: &BadRow, wording: Wording) -> AnyView {
    let line = wording.import_line(&row.line.to_string());
    let number = (!row.tracking_number.is_empty()).then(|| format!(" ({})", row.tracking_number));
    view! { <li><b>{line}{number}</b> " – " {reasons(row, wording)}</li> }.into_any()
}

/// What is wrong with a row, cell by cell.
fn reasons(row: &BadRow, wording: Wording) -> String {
    let reason = |fault: &CellFault| {
        let error = wording.field_error(&fault.error);
        match fault.column.map(|column| wording.order_column(column)) {
            None => error,
            Some(column) if fault.value.is_empty() => wording.column_and_error(column, &error),
            Some(column) => wording.import_value(column, &error, &fault.value),
        }
    };
    row.faults.iter().map(reason).collect::<Vec<_>>().join(" ")
}

/// The rows with errors as a file: as they were written, with the line and the reason of each.
fn bad_rows_file(request: &Request, preview: &Preview) -> Option<String> {
    let wording = Wording(request.locale);
    let names = &preview.header.names;
    let head = [wording.import_line_column(), wording.import_reason()].map(str::to_owned);
    let head: Vec<String> = head.into_iter().chain(names.iter().map(|name| harmless(name))).collect();
    let rows = preview.bad.iter().map(|row| {
        let cells = row.cells.iter().map(|cell| harmless(cell));
        [row.line.to_string(), harmless(&reasons(row, wording))].into_iter().chain(cells).collect()
    });
    spreadsheet::table(request.locale, std::iter::once(head).chain(rows)).ok()
}

/// A link to a file with the columns and one order.
fn template(request: &Request) -> Option<AnyView> {
    let wording = Wording(request.locale);
    let example = |column: OrderColumn| match column {
        OrderColumn::TrackingNumber => "TN-1",
        OrderColumn::Product => "Mitel One",
        OrderColumn::Plan => "Premier",
        OrderColumn::Quantity => "25",
        OrderColumn::PurchaseDate | OrderColumn::StartDate => "2026-11-22",
        OrderColumn::EndDate => "2027-11-21",
        OrderColumn::PurchaseOrders => "PO-1, PO-2",
        OrderColumn::SapOrder | OrderColumn::SapCustomerNumber | OrderColumn::Account => "",
    };
    let columns = OrderColumn::ALL.iter().copied();
    let rows: [Vec<&str>; 2] =
        [columns.clone().map(|column| wording.order_column(column)).collect(), columns.map(example).collect()];
    let table = spreadsheet::table(request.locale, rows).ok()?;
    Some(download(&table, "orders.csv", wording.import_template()))
}

/// A link that saves `table` as a file.
fn download(table: &str, name: &'static str, label: &'static str) -> AnyView {
    let address = format!("data:text/csv;charset=utf-8;base64,{}", BASE64_STANDARD.encode(table));
    view! { <a href=address download=name>{label}</a> }.into_any()
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
