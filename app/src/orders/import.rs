//! Importing orders: a file is chosen, what it would do is shown, and then it is confirmed.
#![cfg_attr(feature = "ssr", expect(clippy::unused_async, reason = "server functions are asynchronous"))]

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::order_file::{LegacyEncoding, OrderColumn};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    error::WireError,
    form::{Hidden, IdempotencyKey, PostForm, Submission},
    message::Done,
    page::{PageTitle, loaded},
    panel::Panel,
    paths,
    ui::{Refusal, options},
    wording::Wording,
};

/// What the page says before a file is chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportFacts {
    /// A file with the columns and one order.
    pub template: Option<String>,
    /// The most rows of a file.
    pub max_rows: u64,
    /// The most mebibytes of a file.
    pub max_size: u64,
}

/// What importing a file would do, in words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportView {
    /// How many orders it would make.
    pub good: u64,
    /// The first of these.
    pub rows: Vec<GoodRow>,
    /// The good rows alone, as they are imported.
    pub csv: String,
    /// How many rows are wrong and would be left out.
    pub bad: u64,
    /// The first of these.
    pub bad_rows: Vec<BadRowView>,
    /// The rows with errors as a file.
    pub bad_file: Option<String>,
    /// The line on which the columns stand, if that is not the first.
    pub header_line: Option<u64>,
    /// The columns that mean nothing here.
    pub unknown_columns: Vec<String>,
    /// Where the file is not Unicode, how it was read.
    pub legacy: Option<LegacyView>,
}

/// An order that would be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoodRow {
    /// Tracking number, product, plan, quantity, start date, end date and account, in words.
    pub cells: [String; 7],
}

/// A row that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadRowView {
    /// Its line, with its tracking number.
    pub line: String,
    /// What is wrong, cell by cell.
    pub reasons: String,
}

/// A file that is not Unicode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LegacyView {
    /// The file in Base64, to be read again.
    pub file: String,
    /// The encoding in which it was read.
    pub encoding: LegacyEncoding,
    /// Some lines that another encoding would read otherwise.
    pub sample: Vec<String>,
}

/// What the page says before a file is chosen, to who may import orders.
#[server(prefix = "/api", endpoint = "import_facts")]
pub async fn load_import_facts() -> Result<ImportFacts, WireError> {
    use service::orders::import::{FILE_MAX, MAX_ROWS};

    use crate::request::{current, refuse};
    let request = current();
    may_import(&request).map_err(refuse)?;
    let max_size = (FILE_MAX / 1024 / 1024) as u64;
    Ok(ImportFacts { template: words::template(&request), max_rows: MAX_ROWS, max_size })
}

/// Whether the caller may import orders, and why not.
#[cfg(feature = "ssr")]
fn may_import(request: &crate::request::Request) -> Result<(), WireError> {
    use domain::rights::{Action, Decision, Resource, decide};
    let caller = request.caller()?;
    match decide(&caller, Action::ImportOrders, Resource::Partner(caller.seat.partner())) {
        Decision::Allowed => Ok(()),
        Decision::Forbidden(reason) => Err(WireError::Forbidden(reason)),
        Decision::Hidden => Err(WireError::NotFound),
    }
}

/// Says what importing the orders of a file, which comes in Base64, or of what was pasted would do.
#[server(prefix = "/api", endpoint = "preview_orders")]
pub async fn preview_orders(
    #[server(default)] csv: String,
    #[server(default)] file: String,
    #[server(default)] encoding: String,
) -> Result<Done<ImportView>, WireError> {
    use crate::request::{current, refuse};
    let request = current();
    may_import(&request).map_err(refuse)?;
    let now = words::preview(&request, &csv, &file, &encoding).await.map_err(refuse)?;
    // Without JavaScript the page shows it, and goes nowhere.
    Ok(Done { message: None, next: String::new(), now })
}

/// Imports the orders of a file that are not wrong. `expected` is how many the person was told.
#[server(prefix = "/api", endpoint = "import_orders")]
pub async fn import_orders(
    #[server(default)] csv: String,
    #[server(default)] expected: Option<u64>,
    #[server(default)] idempotency_key: String,
) -> Result<Done, WireError> {
    use crate::{
        message::Outcome,
        request::{current, once, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let backend = once(&request, &idempotency_key);
    let imported = service::orders::import::import(&backend, &caller, &csv, expected).await.map_err(refuse)?;
    let next = format!("{}?import={}", paths::ORDERS, imported.import);
    Ok(Done::with(Outcome::OrdersImported(imported.orders), next, ()))
}

/// The page.
#[component]
pub(crate) fn ImportPage() -> impl IntoView {
    let facts = Resource::new(|| (), |()| load_import_facts());
    loaded(facts, |facts| view! { <Import facts /> })
}

#[component]
fn Import(facts: ImportFacts) -> impl IntoView {
    let wording = Wording::current();
    let shown = RwSignal::new(None::<ImportView>);
    let reading = Submission::of::<PreviewOrders, _>(move |now, _| shown.set(Some(now)));
    let importing = Submission::of::<ImportOrders, _>(|(), _| {});
    let columns = |required: bool| {
        let columns = OrderColumn::ALL.iter().filter(|column| column.is_required() == required);
        columns.map(|column| wording.order_column(*column)).collect::<Vec<_>>().join(", ")
    };
    let (required, optional) = (columns(true), columns(false));
    let limits = wording.import_limits(&facts.max_rows.to_string(), &format!("{} MiB", facts.max_size));
    let typed = reading.typed_or("csv", "");
    // What was posted without JavaScript is looked at by the server alone.
    let posted = Resource::new(
        || (),
        |()| async {
            #[cfg(feature = "ssr")]
            let view = words::posted(&crate::request::current()).await;
            #[cfg(not(feature = "ssr"))]
            let view = None::<Result<ImportView, WireError>>;
            view
        },
    );
    view! {
        <PageTitle title=wording.import_orders().to_owned() />
        <div class="head">
            <div>
                <p class="crumbs small">
                    <a href=paths::ORDERS>{wording.orders()}</a>
                    <span class="soft">" / "{wording.import_orders()}</span>
                </p>
                <h1 tabindex="-1">{wording.import_orders()}</h1>
                <p class="soft">{wording.import_lead()}</p>
            </div>
        </div>
        <div class="panels">
            <Transition>
                {move || Suspend::new(async move {
                    let posted = posted.await;
                    let first = posted.as_ref().and_then(|posted| posted.as_ref().ok().cloned());
                    let refused = posted.and_then(Result::err);
                    view! {
                        {refused.map(|error| {
                            let text = wording.wire_error(&error);
                            view! { <p class="notice bad" role="alert">{text}</p> }
                        })}
                        {move || shown.get().or_else(|| first.clone()).map(|view| view! { <Preview view reading importing /> })}
                    }
                })}
            </Transition>
            <Panel id="file" heading=wording.csv_choose()>
                <PostForm submission=reading action=paths::IMPORT_ORDERS.to_owned() class="body" upload=true keeps=true>
                    <Refusal text=Signal::derive(move || reading.first_problem(wording)) />
                    <p class="small soft">{wording.import_columns(&required, &optional)}</p>
                    <p class="small soft">{limits}</p>
                    <p>{facts.template.map(|table| view! { <Download table name="orders.csv" label=wording.import_template() /> })}</p>
                    <div class="field">
                        <label for="file-input">{wording.csv_file()}</label>
                        <input id="file-input" type="file" name="csv" accept=".csv,.txt,.tsv,text/csv,text/plain" />
                    </div>
                    <div class="field">
                        <label for="csv">{wording.csv_text()}</label>
                        <textarea id="csv" name="csv" rows="6" class="code-text" spellcheck="false">{typed}</textarea>
                    </div>
                    <div><button class="button main" aria-disabled=reading.busy()>{wording.csv_preview()}</button></div>
                </PostForm>
            </Panel>
        </div>
    }
}

#[component]
fn Preview(view: ImportView, reading: Submission, importing: Submission) -> impl IntoView {
    let wording = Wording::current();
    let good = view.good;
    let csv = view.csv.clone();
    let confirm = if good == 0 {
        view! { <p>{wording.import_nothing()}</p> }.into_any()
    } else {
        view! {
            <PostForm submission=importing action=paths::IMPORT_ORDERS.to_owned() class="answers" upload=true>
                <Hidden name="expected" value=good.to_string() />
                <IdempotencyKey submission=importing />
                <Hidden name="csv" value=csv />
                <button class="button main" aria-disabled=importing.busy()>{wording.import_confirm(good)}</button>
                <a class="button" href=paths::ORDERS>{wording.cancel()}</a>
            </PostForm>
        }
        .into_any()
    };
    let line = view.header_line.map(|line| {
        view! { <p class="notice neutral">{wording.import_header_line(&line.to_string())}</p> }
    });
    let unknown = (!view.unknown_columns.is_empty()).then(|| {
        let text = wording.import_unknown_columns(&view.unknown_columns.join(", "));
        view! { <p class="notice warn">{text}</p> }
    });
    let rows = (good > 0).then(|| view! { <GoodRows rows=view.rows.clone() good /> });
    view! {
        <Panel id="preview" heading=wording.import_orders()>
            <div class="body">
                {view.legacy.clone().map(|legacy| view! { <Encoding legacy reading /> })}
                {line}
                {unknown}
                {(view.bad > 0).then(|| view! { <BadRows view=view.clone() /> })}
                <p role="status"><b>{wording.import_good(good)}</b></p>
                <Refusal text=Signal::derive(move || importing.first_problem(wording)) />
                {rows}
                {confirm}
            </div>
        </Panel>
    }
}

/// Asks in which encoding a file is that is not Unicode, with some of what was read.
#[component]
fn Encoding(legacy: LegacyView, reading: Submission) -> impl IntoView {
    let wording = Wording::current();
    let sample = legacy.sample.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    let choices = LegacyEncoding::ALL.iter().map(|encoding| (encoding.key(), wording.encoding(*encoding)));
    let choices = options(choices, legacy.encoding.key());
    view! {
        <div class="notice warn">
            <p class="notice-title">{wording.import_encoding_title()}</p>
            <p>{wording.import_encoding_lead(wording.encoding(legacy.encoding))}</p>
            <ul class="code-text" translate="no">{sample}</ul>
            <PostForm submission=reading action=paths::IMPORT_ORDERS.to_owned() class="answers" upload=true>
                <Hidden name="file" value=legacy.file />
                <label for="encoding">{wording.import_encoding()}</label>
                <select id="encoding" name="encoding" inner_html=choices></select>
                <button class="button">{wording.import_read_again()}</button>
            </PostForm>
        </div>
    }
}

#[component]
fn BadRows(view: ImportView) -> impl IntoView {
    let wording = Wording::current();
    let more = view.bad.saturating_sub(view.bad_rows.len() as u64);
    let rows = view.bad_rows.into_iter().map(|row| view! { <li><b>{row.line}</b> " – " {row.reasons}</li> });
    let rows = rows.collect_view();
    view! {
        <div class="notice bad" role="alert">
            <p class="notice-title">{wording.import_bad(view.bad)}</p>
            <ul>{rows}</ul>
            {(more > 0).then(|| view! { <p>{wording.import_bad_more(more)}</p> })}
            {view.bad_file.map(|table| {
                view! { <Download table name="orders-with-errors.csv" label=wording.import_bad_download() /> }
            })}
        </div>
    }
}

/// A link that saves `table` as a file.
#[component]
fn Download(table: String, name: &'static str, label: &'static str) -> impl IntoView {
    let address = format!("data:text/csv;charset=utf-8;base64,{}", BASE64_STANDARD.encode(table));
    view! { <a href=address download=name rel="external">{label}</a> }
}

#[component]
fn GoodRows(rows: Vec<GoodRow>, good: u64) -> impl IntoView {
    let wording = Wording::current();
    let shown = rows.len() as u64;
    let first = (good > shown).then(|| view! { <p class="small soft">{wording.import_first(shown)}</p> });
    let labels = [
        wording.tracking_number(),
        wording.product_name(),
        wording.plan(),
        wording.quantity(),
        wording.start_date(),
        wording.end_date(),
        wording.account(),
    ];
    let columns = labels.map(|label| view! { <th scope="col">{label}</th> }).collect_view();
    let rows = rows.into_iter().map(|GoodRow { cells: [number, product, plan, quantity, start, end, account] }| {
        view! {
            <tr>
                <th scope="row" class="number">{number}</th>
                <td data-label=labels[1]>{product}</td>
                <td data-label=labels[2]>{plan}</td>
                <td class="count-column" data-label=labels[3]>{quantity}</td>
                <td data-label=labels[4]>{start}</td>
                <td data-label=labels[5]>{end}</td>
                <td data-label=labels[6]><bdi>{account}</bdi></td>
            </tr>
        }
    });
    view! {
        {first}
        <div class="scroll edge">
            <table class="cards">
                <thead><tr>{columns}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

/// What only the server says of a file.
#[cfg(feature = "ssr")]
mod words {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use domain::{
        customer::FieldError,
        order_file::{FileFault, LegacyEncoding, OrderColumn},
        view::import::{BadRow, CellFault, ImportPreview, ImportRow},
    };
    use leptos::server_fn::ServerFn;
    use service::{
        orders::import::{self, Decoded, FILE_MAX},
        spreadsheet::{self, harmless},
    };

    use super::{BadRowView, GoodRow, ImportOrders, ImportView, LegacyView, PreviewOrders};
    use crate::{error::WireError, paths::value_in, request::Request, wording::Wording};

    /// How many of the good rows are shown.
    const SHOWN: usize = 20;

    /// How many of the bad rows are shown.
    const SHOWN_BAD: usize = 50;

    /// The text of an import: of the file that was chosen, or what was pasted.
    fn uploaded(file: &str, encoding: &str, pasted: &str) -> Result<Decoded, WireError> {
        let text = match (file.is_empty(), pasted.trim().is_empty()) {
            (true, true) => Err(FileFault::Missing),
            (false, false) => Err(FileFault::FileAndText),
            (true, false) if pasted.len() > 2 * FILE_MAX => {
                Err(FileFault::TooLarge { bytes: pasted.len() as u64, max: FILE_MAX as u64 })
            }
            (true, false) => Ok(Decoded { text: pasted.to_owned(), legacy: None }),
            (false, true) => BASE64_STANDARD
                .decode(file)
                .map_err(|_| FileFault::Binary)
                .and_then(|bytes| import::decode(&bytes, LegacyEncoding::from_key(encoding))),
        };
        text.map_err(|fault| WireError::Invalid { fields: vec![(import::FIELD.to_owned(), FieldError::File(fault))] })
    }

    /// What importing a file would do.
    pub(super) async fn preview(
        request: &Request,
        csv: &str,
        file: &str,
        encoding: &str,
    ) -> Result<ImportView, WireError> {
        let caller = request.caller()?;
        let decoded = uploaded(file, encoding, csv)?;
        let preview = import::preview(&request.backend, &caller, &decoded.text).await?;
        let wording = Wording(request.locale);
        let bad_row = |row: &BadRow| {
            let number =
                if row.tracking_number.is_empty() { String::new() } else { format!(" ({})", row.tracking_number) };
            BadRowView {
                line: format!("{}{number}", wording.import_line(&row.line.to_string())),
                reasons: reasons(row, wording),
            }
        };
        let legacy = decoded.legacy.map(|encoding| LegacyView {
            file: file.to_owned(),
            encoding,
            sample: decoded.sample().map(str::to_owned).collect(),
        });
        Ok(ImportView {
            good: preview.good.len() as u64,
            rows: preview.good.iter().take(SHOWN).map(|row| good_row(request, row)).collect(),
            bad: preview.bad.len() as u64,
            bad_rows: preview.bad.iter().take(SHOWN_BAD).map(bad_row).collect(),
            bad_file: if preview.bad.is_empty() { None } else { bad_rows_file(request, &preview) },
            header_line: Some(preview.header.line).filter(|line| *line > 1),
            unknown_columns: preview.header.unknown.clone(),
            legacy,
            csv: preview.csv,
        })
    }

    /// What importing the file would do that was posted to the page without JavaScript.
    pub(super) async fn posted(request: &Request) -> Option<Result<ImportView, WireError>> {
        let posted = request.start.posted.as_ref()?;
        let body = request.posted_body.as_deref()?;
        let value = |name| value_in(body, name).unwrap_or_default();
        match &posted.error {
            None if posted.form == PreviewOrders::PATH => {
                Some(preview(request, &value("csv"), &value("file"), &value("encoding")).await)
            }
            // By now it would be another number of orders: the person looks at it again.
            Some(WireError::Outdated) if posted.form == ImportOrders::PATH => {
                Some(preview(request, &value("csv"), "", "").await)
            }
            _ => None,
        }
    }

    fn good_row(request: &Request, row: &ImportRow) -> GoodRow {
        let wording = Wording(request.locale);
        let order = &row.order;
        GoodRow {
            cells: [
                order.tracking_number.to_string(),
                request.backend.settings.catalogue.name(&order.application).to_owned(),
                order.plan.clone(),
                order.quantity.to_string(),
                wording.day(order.starts_on),
                order.ends_on.map_or_else(|| wording.no_end().to_owned(), |day| wording.day(day)),
                row.account.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
            ],
        }
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
    fn bad_rows_file(request: &Request, preview: &ImportPreview) -> Option<String> {
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

    /// A file with the columns and one order.
    pub(super) fn template(request: &Request) -> Option<String> {
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
        spreadsheet::table(request.locale, rows).ok()
    }
}
