//! Importing orders from CSV.
//!
//! A file is read first, and every row that is wrong is named; nothing changes by that. What is then
//! confirmed is read once more and imported in one transaction, but for the rows that are wrong.

use std::collections::{HashMap, HashSet};

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::{FieldError, FieldErrors},
    order::{NewOrder, OrderForm, TrackingNumber},
    rights::Action,
    role::Caller,
};
use sea_orm::{ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set, SqlErr};

use super::assign::Changing;
use crate::{
    Backend,
    accounts::{authorise_in_partner, status, stored_number},
    activity::{Actor, Record},
    entity::{account, order_word, partner_order},
    error::{Error, Result},
    search,
    store::Transaction,
};

/// The most orders in one file.
pub const MOST: u16 = 5_000;

/// The columns that a file can have; the first five it must have.
pub const COLUMNS: [&str; 11] = [
    "tracking_number",
    "product",
    "plan",
    "quantity",
    "purchase_date",
    "start_date",
    "end_date",
    "sap_order",
    "sap_customer_number",
    "purchase_orders",
    "account",
];

/// How many of [`COLUMNS`] are needed.
pub const NEEDED: usize = 5;

/// Rows in one statement.
const ROWS: usize = 500;

/// An order of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it begins, counted from one.
    pub line: u64,
    /// The order.
    pub order: NewOrder,
    /// The account to which all of it is to be assigned, and its name.
    pub account: Option<(AccountNumber, String)>,
}

/// A row of a file that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The line of the file on which it begins, counted from one.
    pub line: u64,
    /// Its tracking number, as it is written.
    pub tracking_number: String,
    /// What is wrong, column by column.
    pub errors: FieldErrors,
}

/// What importing a file would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The orders to be imported.
    pub good: Vec<Row>,
    /// The rows that are wrong and would be left out.
    pub bad: Vec<BadRow>,
}

/// Says what importing `csv` would do.
///
/// # Errors
/// [`Error::Invalid`] when it is no such file at all; [`Error::NotFound`] and [`Error::Forbidden`] by
/// rights.
#[tracing::instrument(name = "orders::import::preview", skip_all, fields(person = caller.person.0))]
pub async fn preview(backend: &Backend, caller: &Caller, csv: &str) -> Result<Preview> {
    let partner = authorise_in_partner(backend, caller, Action::ImportOrders).await?;
    read(backend, backend.store.reader(), partner.0, csv).await
}

/// Imports the orders of `csv` that are not wrong; gives their number. `expected` is how many the caller
/// was told.
///
/// # Errors
/// [`Error::Outdated`] when it would be another number by now; [`Error::Invalid`] when nothing of it can be
/// imported; [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "orders::import::import", skip_all, fields(person = caller.person.0))]
pub async fn import(backend: &Backend, caller: &Caller, csv: &str, expected: Option<u64>) -> Result<u64> {
    let partner = authorise_in_partner(backend, caller, Action::ImportOrders).await?;
    let transaction = backend.store.begin().await?;
    let Preview { good, .. } = read(backend, &transaction, partner.0, csv).await?;
    if good.is_empty() {
        return Err(Error::field("csv", FieldError::NothingToImport));
    }
    if expected.is_some_and(|expected| expected != good.len() as u64) {
        return Err(Error::Outdated);
    }
    for rows in good.chunks(ROWS) {
        insert(backend, &transaction, partner.0, rows).await.map_err(already_there)?;
    }
    let imported = good.len();
    let numbers: Vec<&str> = good.iter().take(20).map(|row| row.order.tracking_number.as_str()).collect();
    let more = if imported > numbers.len() { " …" } else { "" };
    let change = |field: &str, new: String| Change { field: field.to_owned(), old: String::new(), new };
    let changes =
        [change("orders", imported.to_string()), change("tracking_numbers", format!("{}{more}", numbers.join(", ")))];
    let by = Actor::Person(caller);
    Record::of_partner(backend, partner, by, ActivityKind::OrdersImported, &changes).write(&transaction).await?;
    assign(backend, &transaction, caller, good).await?;
    transaction.commit().await?;
    Ok(imported as u64)
}

/// Somebody else has imported the same at the same moment.
fn already_there(error: Error) -> Error {
    match &error {
        Error::Database(database) if matches!(database.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Error::Outdated
        }
        _ => error,
    }
}

async fn insert(backend: &Backend, transaction: &Transaction, partner: i64, rows: &[Row]) -> Result<()> {
    let now = backend.clock.now().0;
    let orders = rows.iter().map(|row| active_model(partner, &row.order, now));
    let inserted = partner_order::Entity::insert_many(orders).exec_with_returning(transaction).await?;
    let words = inserted.iter().flat_map(|order| {
        order.search_text.split_ascii_whitespace().map(|word| order_word::ActiveModel {
            partner_id: Set(partner),
            word: Set(word.to_owned()),
            order_id: Set(order.id),
        })
    });
    let words: Vec<_> = words.collect();
    for words in words.chunks(ROWS) {
        order_word::Entity::insert_many(words.iter().cloned()).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// The row of an order of which nothing is assigned.
pub(crate) fn active_model(partner: i64, order: &NewOrder, now: i64) -> partner_order::ActiveModel {
    let numbers = [order.tracking_number.as_str(), order.sap_order.as_deref().unwrap_or_default()];
    let all = super::words_of(numbers.into_iter().chain(order.purchase_orders.iter().map(String::as_str)));
    partner_order::ActiveModel {
        id: NotSet,
        partner_id: Set(partner),
        tracking_number: Set(order.tracking_number.to_string()),
        application: Set(order.application.to_string()),
        plan: Set(order.plan.clone()),
        quantity: Set(order.quantity.into()),
        remaining: Set(order.quantity.into()),
        purchased_on: Set(order.purchased_on.to_string()),
        starts_on: Set(order.starts_on.to_string()),
        ends_on: Set(order.ends_on.map(|day| day.to_string())),
        sap_order: Set(order.sap_order.clone()),
        sap_customer_number: Set(order.sap_customer_number.clone()),
        purchase_orders: Set(order.purchase_orders.join("\n")),
        subscriptions: Set(0),
        version: Set(1),
        created_at: Set(now),
        search_text: Set(search::index::search_text(&all)),
        is_indexed: Set(true),
    }
}

/// Assigns those orders that name an account. The accounts are locked by their keys, as everywhere.
async fn assign(backend: &Backend, transaction: &Transaction, caller: &Caller, good: Vec<Row>) -> Result<()> {
    let mut orders: HashMap<i32, Vec<TrackingNumber>> = HashMap::new();
    for row in good {
        if let Some((number, _)) = row.account {
            orders.entry(stored_number(number)).or_default().push(row.order.tracking_number);
        }
    }
    let numbers: Vec<i32> = orders.keys().copied().collect();
    let mut ids: Vec<i64> = Vec::with_capacity(numbers.len());
    for numbers in numbers.chunks(ROWS) {
        let by_number = account::Entity::find().select_only().column(account::Column::Id);
        let by_number = by_number.filter(account::Column::Number.is_in(numbers.iter().copied()));
        ids.extend(by_number.into_tuple::<i64>().all(transaction).await?);
    }
    ids.sort_unstable();
    let changing = Changing { backend, transaction, caller };
    for id in ids {
        let account =
            account::Entity::find_by_id(id).lock_exclusive().one(transaction).await?.ok_or(Error::Outdated)?;
        if status(&account.status)? == AccountStatus::Deleted {
            return Err(Error::Outdated);
        }
        let mut own = orders.remove(&account.number).unwrap_or_default();
        own.sort_unstable();
        for tracking_number in own {
            let order = super::lock(transaction, account.partner_id, &tracking_number).await?;
            let quantity = order.quantity;
            let order = changing.add(order, &account, quantity, ActivityKind::OrderAssigned).await?;
            changing.touch(order).await?;
        }
    }
    Ok(())
}

/// Reads a file, and looks up what its rows name.
async fn read(backend: &Backend, database: &impl ConnectionTrait, partner: i64, csv: &str) -> Result<Preview> {
    let records = records(csv)?;
    let present = present(database, partner, &records).await?;
    let accounts = accounts(database, partner, &records).await?;
    let mut seen = HashSet::new();
    let mut preview = Preview::default();
    for record in records {
        let mut errors = Vec::new();
        let order = NewOrder::parse(&record.form, &backend.settings.catalogue);
        if let Ok(order) = &order
            && (present.contains(order.tracking_number.as_str()) || !seen.insert(order.tracking_number.clone()))
        {
            errors.push(("tracking_number".to_owned(), FieldError::OrderExists));
        }
        let account = match record.account.trim() {
            "" => None,
            text => {
                let number = AccountNumber::parse(text).ok();
                let known = number.and_then(|number| Some((number, accounts.get(&number)?.clone())));
                if known.is_none() {
                    errors.push(("account".to_owned(), FieldError::UnknownAccount));
                }
                known
            }
        };
        match order {
            Ok(order) if errors.is_empty() => preview.good.push(Row { line: record.line, order, account }),
            order => {
                let mut all = order.err().unwrap_or_default();
                all.extend(errors);
                let tracking_number = record.form.tracking_number;
                preview.bad.push(BadRow { line: record.line, tracking_number, errors: all });
            }
        }
    }
    Ok(preview)
}

/// A row of a file, as it is written.
struct Written {
    line: u64,
    form: OrderForm,
    account: String,
}

/// Parts a file into rows.
fn records(text: &str) -> Result<Vec<Written>> {
    let wrong = |error: FieldError| Error::field("csv", error);
    let text = text.trim_start_matches('\u{FEFF}');
    if text.trim().is_empty() {
        return Err(wrong(FieldError::Required));
    }
    let first = text.lines().next().unwrap_or_default();
    let often = |byte: u8| first.bytes().filter(|found| *found == byte).count();
    let delimiter = if often(b';') > often(b',') {
        b';'
    } else if often(b'\t') > often(b',') {
        b'\t'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|_| wrong(FieldError::NoTable))?;
    let plain = |name: &str| name.trim().to_lowercase().replace([' ', '-'], "_");
    let places = COLUMNS.map(|column| headers.iter().position(|name| plain(name) == column));
    let missing: Vec<&str> =
        COLUMNS.iter().zip(places).take(NEEDED).filter(|(_, place)| place.is_none()).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        return Err(wrong(FieldError::MissingColumns { names: missing.join(", ") }));
    }
    let mut all = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| wrong(FieldError::NoTable))?;
        let line = record.position().map_or(0, csv::Position::line);
        // No value has lines: a quotation mark that is never closed would swallow the rows after it.
        if record.iter().any(|value| value.contains('\n')) {
            return Err(wrong(FieldError::OpenQuote { line }));
        }
        if all.len() >= usize::from(MOST) {
            return Err(wrong(FieldError::TooMany { max: MOST }));
        }
        let mut values = places.map(|place| place.and_then(|place| record.get(place)).unwrap_or_default().to_owned());
        let mut take = |index: usize| std::mem::take(&mut values[index]);
        let form = OrderForm {
            tracking_number: take(0),
            product: take(1),
            plan: take(2),
            quantity: take(3),
            purchase_date: take(4),
            start_date: take(5),
            end_date: take(6),
            sap_order: take(7),
            sap_customer_number: take(8),
            purchase_orders: take(9),
        };
        all.push(Written { line, form, account: take(10) });
    }
    if all.is_empty() { Err(wrong(FieldError::Required)) } else { Ok(all) }
}

/// Those tracking numbers of a file of which there are orders already.
async fn present(database: &impl ConnectionTrait, partner: i64, records: &[Written]) -> Result<HashSet<String>> {
    let numbers = records.iter().filter_map(|record| TrackingNumber::parse(&record.form.tracking_number).ok());
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    let mut present = HashSet::new();
    for numbers in numbers.chunks(ROWS) {
        let found: Vec<String> = partner_order::Entity::find()
            .select_only()
            .column(partner_order::Column::TrackingNumber)
            .filter(partner_order::Column::PartnerId.eq(partner))
            .filter(partner_order::Column::TrackingNumber.is_in(numbers.iter().map(String::as_str)))
            .into_tuple()
            .all(database)
            .await?;
        present.extend(found);
    }
    Ok(present)
}

/// The accounts of the partner that a file names.
async fn accounts(
    database: &impl ConnectionTrait,
    partner: i64,
    records: &[Written],
) -> Result<HashMap<AccountNumber, String>> {
    let numbers: Vec<AccountNumber> =
        records.iter().filter_map(|record| AccountNumber::parse(&record.account).ok()).collect();
    let mut accounts = HashMap::new();
    for numbers in numbers.chunks(ROWS) {
        let found: Vec<(i32, String)> = account::Entity::find()
            .select_only()
            .column(account::Column::Number)
            .column(account::Column::Name)
            .filter(account::Column::PartnerId.eq(partner))
            .filter(account::Column::Status.ne(AccountStatus::Deleted.key()))
            .filter(account::Column::Number.is_in(numbers.iter().map(|number| stored_number(*number))))
            .into_tuple()
            .all(database)
            .await?;
        for (number, name) in found {
            accounts.insert(crate::accounts::account_number(number)?, name);
        }
    }
    Ok(accounts)
}
