//! Importing orders from CSV.
//!
//! A file is read first, and every row that is wrong is named; nothing changes by that. What is then
//! confirmed are the good rows, and only these are imported.
//!
//! No import holds the database for long: the first rows are imported in one transaction with the record
//! of the import and with the rows that are left, and these follow part by part. An import whose server
//! was stopped is completed by [`resume_all`], or when it is sent again.

mod parts;
mod table;
mod upload;

use domain::view::import::{BadRow, CellFault, ImportPreview, ImportRow};
use std::collections::{HashMap, HashSet};

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    customer::{FieldError, FieldErrors},
    order::{NewOrder, OrderForm, TrackingNumber},
    order_file::OrderColumn,
    rights::Action,
    role::Caller,
};
use sea_orm::{ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set};

pub use self::{
    parts::{Imported, resume_all},
    table::column_of,
    upload::{Decoded, FILE_MAX, decode},
};
use crate::{
    Backend,
    accounts::{authorise_in_partner, stored_number},
    entity::{account, partner_order},
    error::{Error, Result},
    search,
    sql::is_among,
};

/// The most orders in one file.
pub const MAX_ROWS: u64 = 5_000;

/// The field that errors of the file as a whole name.
pub const FIELD: &str = "csv";

/// The most values in one statement that looks them up.
const LOOKED_UP: usize = 500;

/// Says what importing `csv` would do.
///
/// # Errors
/// [`Error::Invalid`] when it is no such file at all; [`Error::NotFound`] and [`Error::Forbidden`] by
/// rights.
#[tracing::instrument(name = "orders::import::preview", skip_all, fields(person = caller.person.0))]
pub async fn preview(backend: &Backend, caller: &Caller, csv: &str) -> Result<ImportPreview> {
    let partner = authorise_in_partner(backend, caller, Action::ImportOrders).await?;
    read(backend, backend.store.reader(), partner.0, csv).await
}

/// Imports the orders of `csv` that are not wrong. `expected` is how many the caller was told.
///
/// # Errors
/// [`Error::Outdated`] when it would be another number by now; [`Error::Invalid`] when nothing of it can be
/// imported; [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "orders::import::import", skip_all, fields(person = caller.person.0))]
pub async fn import(backend: &Backend, caller: &Caller, csv: &str, expected: Option<u64>) -> Result<Imported> {
    let partner = authorise_in_partner(backend, caller, Action::ImportOrders).await?;
    if let Some(import) = parts::earlier(backend, caller, csv).await? {
        return parts::complete(backend, import).await;
    }
    let preview = read(backend, backend.store.reader(), partner.0, csv).await?;
    if preview.good.is_empty() {
        return Err(Error::field(FIELD, FieldError::NothingToImport));
    }
    if expected.is_some_and(|expected| expected != preview.good.len() as u64) {
        return Err(Error::Outdated);
    }
    let import = parts::begin(backend, partner, caller, csv, &preview).await?;
    parts::complete(backend, import).await
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
        import_id: Set(None),
    }
}

/// Reads a file, and looks up what its rows name.
async fn read(backend: &Backend, database: &impl ConnectionTrait, partner: i64, csv: &str) -> Result<ImportPreview> {
    let table = table::read(csv, MAX_ROWS).map_err(|fault| Error::field(FIELD, FieldError::File(fault)))?;
    let forms = || table.rows.iter().map(|row| &row.form);
    let tracking_numbers = forms().filter_map(|form| TrackingNumber::parse(&form.tracking_number).ok());
    let present = present(database, partner, &tracking_numbers.map(String::from).collect::<Vec<_>>()).await?;
    let numbers: Vec<AccountNumber> = forms().filter_map(|form| AccountNumber::parse(&form.account).ok()).collect();
    let accounts = accounts(database, partner, &numbers).await?;
    let mut check = RowCheck { backend, columns: table.header.names.len(), present, accounts, seen: HashMap::new() };
    let mut preview = ImportPreview { header: table.header, ..ImportPreview::default() };
    let mut good: Vec<OrderForm> = Vec::new();
    for row in table.rows {
        match check.check(&row) {
            Ok(order) => {
                good.push(row.form);
                preview.good.push(order);
            }
            Err(faults) => {
                let tracking_number = row.form.tracking_number;
                preview.bad.push(BadRow { line: row.line, tracking_number, cells: row.cells, faults });
            }
        }
    }
    preview.csv = table::write(&good)?;
    Ok(preview)
}

/// Checks the rows of a file, one after the other.
struct RowCheck<'a> {
    backend: &'a Backend,
    /// How many columns the file has.
    columns: usize,
    /// The tracking numbers of which there are orders already.
    present: HashSet<String>,
    /// The accounts that the file names.
    accounts: HashMap<AccountNumber, String>,
    /// The tracking numbers of the rows before, each with its line.
    seen: HashMap<TrackingNumber, u64>,
}

impl RowCheck<'_> {
    fn check(&mut self, row: &table::TableRow) -> std::result::Result<ImportRow, Vec<CellFault>> {
        let form = &row.form;
        let mut errors = FieldErrors::new();
        if row.has_surplus {
            errors.push((String::new(), FieldError::SurplusCells { columns: self.columns as u64 }));
        }
        for column in OrderColumn::ALL.iter().filter(|column| form.get(**column).contains('\u{FFFD}')) {
            errors.push((column.key().to_owned(), FieldError::LostCharacter));
        }
        let order = NewOrder::parse(form, &self.backend.settings.catalogue).map_err(|refused| errors.extend(refused));
        if let Ok(order) = &order
            && let Some(error) = self.taken(order, row.line)
        {
            errors.push((OrderColumn::TrackingNumber.key().to_owned(), error));
        }
        let account = self.account(&form.account);
        if account.is_none() && !form.account.is_empty() {
            errors.push((OrderColumn::Account.key().to_owned(), FieldError::UnknownAccount));
        }
        match order {
            Ok(order) if errors.is_empty() => Ok(ImportRow { line: row.line, order, account }),
            _ => Err(errors.into_iter().map(|(column, error)| CellFault::of(form, &column, error)).collect()),
        }
    }

    /// Why there can be no other order of this number.
    fn taken(&mut self, order: &NewOrder, line: u64) -> Option<FieldError> {
        let number = &order.tracking_number;
        if self.present.contains(number.as_str()) {
            return Some(FieldError::OrderExists);
        }
        if let Some(&line) = self.seen.get(number) {
            return Some(FieldError::SameAsLine { line });
        }
        self.seen.insert(number.clone(), line);
        None
    }

    fn account(&self, text: &str) -> Option<(AccountNumber, String)> {
        let number = AccountNumber::parse(text).ok()?;
        Some((number, self.accounts.get(&number)?.clone()))
    }
}

/// Those of `numbers` of which the partner has orders already.
async fn present(database: &impl ConnectionTrait, partner: i64, numbers: &[String]) -> Result<HashSet<String>> {
    let mut present = HashSet::new();
    for numbers in numbers.chunks(LOOKED_UP) {
        let found: Vec<String> = partner_order::Entity::find()
            .select_only()
            .column(partner_order::Column::TrackingNumber)
            .filter(partner_order::Column::PartnerId.eq(partner))
            .filter(is_among(database, partner_order::Column::TrackingNumber, numbers.iter().map(String::as_str)))
            .into_tuple()
            .all(database)
            .await?;
        present.extend(found);
    }
    Ok(present)
}

/// The names of those of `numbers` that are accounts of the partner.
async fn accounts(
    database: &impl ConnectionTrait,
    partner: i64,
    numbers: &[AccountNumber],
) -> Result<HashMap<AccountNumber, String>> {
    let mut accounts = HashMap::new();
    for numbers in numbers.chunks(LOOKED_UP) {
        let found: Vec<(i32, String)> = account::Entity::find()
            .select_only()
            .column(account::Column::Number)
            .column(account::Column::Name)
            .filter(account::Column::PartnerId.eq(partner))
            .filter(account::Column::Status.ne(AccountStatus::Deleted.key()))
            .filter(is_among(database, account::Column::Number, numbers.iter().map(|number| stored_number(*number))))
            .into_tuple()
            .all(database)
            .await?;
        for (number, name) in found {
            accounts.insert(crate::accounts::account_number(number)?, name);
        }
    }
    Ok(accounts)
}
