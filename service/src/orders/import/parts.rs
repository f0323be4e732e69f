//! Imports part by part.

use domain::view::import::{ImportPreview, ImportRow};
use std::collections::HashMap;

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    id::{PartnerId, PersonId},
    order::NewOrder,
    role::{Caller, Seat},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Unchanged},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set, SqlErr,
};

use super::{active_model, present, table};
use crate::{
    Backend,
    accounts::{status, stored_number},
    activity::{self, Actor, Record},
    entity::{account, order_import, order_word, partner_order, subscription},
    error::{Error, Result},
    idempotency::{self, Claim},
    search,
    sql::is_among,
    store::Transaction,
};

/// The rows of one transaction: some milliseconds of the database's writer.
const PART: usize = 100;

/// The name under which an import is known again.
const OPERATION: &str = "import_orders";

/// The tracking numbers that the record of an import names.
const NAMED: usize = 20;

/// The words that one statement writes.
const WORDS: usize = 500;

/// An import that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its key, by which the list shows its orders.
    pub import: i64,
    /// How many orders it made.
    pub orders: u64,
}

/// A row that is still to be imported.
#[derive(Clone)]
struct PendingRow {
    order: NewOrder,
    account: Option<AccountNumber>,
}

impl From<&ImportRow> for PendingRow {
    fn from(row: &ImportRow) -> Self {
        Self { order: row.order.clone(), account: row.account.as_ref().map(|(number, _)| *number) }
    }
}

/// The import of `csv` that was sent under the key of the present request.
pub(super) async fn earlier(backend: &Backend, caller: &Caller, csv: &str) -> Result<Option<i64>> {
    let result = idempotency::earlier(backend, caller, OPERATION, &[&lines(csv)]).await?;
    result.as_deref().map(import_of).transpose()
}

/// Browsers make other line breaks of those of a field.
fn lines(csv: &str) -> String {
    csv.replace("\r\n", "\n")
}

fn import_of(result: &str) -> Result<i64> {
    result.parse().map_err(|_| Error::Internal(format!("{result} is stored as an import")))
}

/// Begins an import: records it, keeps its rows, and imports the first of them.
pub(super) async fn begin(
    backend: &Backend,
    partner: PartnerId,
    caller: &Caller,
    csv: &str,
    preview: &ImportPreview,
) -> Result<i64> {
    let transaction = backend.store.begin().await?;
    let claimed = match idempotency::claim(backend, &transaction, caller, OPERATION, &[&lines(csv)]).await? {
        Claim::Repeat(result) => return import_of(&result),
        Claim::First(claimed) => claimed,
    };
    let first: Vec<PendingRow> = preview.good.iter().take(PART).map(PendingRow::from).collect();
    let is_whole = first.len() == preview.good.len();
    let row = order_import::ActiveModel {
        id: NotSet,
        partner_id: Set(partner.0),
        person_id: Set(caller.person.0),
        person_name: Set(caller.name.clone()),
        rows: Set((!is_whole).then(|| preview.csv.clone())),
        imported_rows: Set(i64::try_from(first.len()).unwrap_or(i64::MAX)),
        created_at: Set(backend.clock.now().0),
    };
    let import = order_import::Entity::insert(row).exec(&transaction).await?.last_insert_id;
    let changes = changes(&preview.good);
    let by = Actor::Person(caller);
    Record::of_partner(backend, partner, by, ActivityKind::OrdersImported, &changes).write(&transaction).await?;
    let part = Part { backend, transaction: &transaction, partner: partner.0, caller, import };
    if part.write(&first).await.map_err(taken_meanwhile)? != first.len() {
        return Err(Error::Outdated);
    }
    claimed.complete(&transaction, &import.to_string()).await?;
    transaction.commit().await?;
    Ok(import)
}

fn changes(good: &[ImportRow]) -> [Change; 2] {
    let numbers: Vec<&str> = good.iter().take(NAMED).map(|row| row.order.tracking_number.as_str()).collect();
    let more = if good.len() > numbers.len() { " …" } else { "" };
    let change = |field: &str, new: String| Change { field: field.to_owned(), old: String::new(), new };
    [change("orders", good.len().to_string()), change("tracking_numbers", format!("{}{more}", numbers.join(", ")))]
}

/// Somebody else has imported an order of the same number at the same moment.
fn taken_meanwhile(error: Error) -> Error {
    match &error {
        Error::Database(database) if matches!(database.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Error::Outdated
        }
        _ => error,
    }
}

/// Imports what is left of an import; gives what came of all of it.
pub(super) async fn complete(backend: &Backend, import: i64) -> Result<Imported> {
    let stored = order_import::Entity::find_by_id(import).one(backend.store.reader()).await?;
    if let Some(order_import::Model { rows: Some(csv), .. }) = stored {
        let rows = pending(backend, &csv)?;
        let mut tries = 0;
        while let Some(done) = import_part(backend, import, &rows).await? {
            tries = if done { 0 } else { tries + 1 };
            if tries == MAX_TRIES {
                return Err(Error::Outdated);
            }
        }
    }
    let orders = partner_order::Entity::find().filter(partner_order::Column::ImportId.eq(import));
    Ok(Imported { import, orders: orders.count(backend.store.reader()).await? })
}

/// Completes every import that was interrupted, each on its own.
///
/// # Errors
/// The last of those that kept an import from being completed.
pub async fn resume_all(backend: &Backend) -> Result<()> {
    let unfinished: Vec<i64> = order_import::Entity::find()
        .select_only()
        .column(order_import::Column::Id)
        .filter(order_import::Column::Rows.is_not_null())
        .into_tuple()
        .all(backend.store.reader())
        .await?;
    let mut outcome = Ok(());
    for import in unfinished {
        if let Err(error) = complete(backend, import).await {
            outcome = Err(error);
        }
    }
    outcome
}

/// The rows of an import as they are kept. One whose application has left the catalogue since is dropped.
fn pending(backend: &Backend, csv: &str) -> Result<Vec<Option<PendingRow>>> {
    let table = table::read(csv, super::MAX_ROWS)
        .map_err(|fault| Error::Internal(format!("the rows of an import cannot be read: {fault:?}")))?;
    let row = |form: &domain::order::OrderForm| {
        let order = NewOrder::parse(form, &backend.settings.catalogue).ok()?;
        Some(PendingRow { order, account: AccountNumber::parse(&form.account).ok() })
    };
    Ok(table.rows.iter().map(|kept| row(&kept.form)).collect())
}

/// How often a part is tried of which orders are taken by others meanwhile.
const MAX_TRIES: usize = 3;

/// Imports the next of `rows`; whether they could be, or `None` when none is left. Another process may do the same
/// at once.
async fn import_part(backend: &Backend, import: i64, rows: &[Option<PendingRow>]) -> Result<Option<bool>> {
    let transaction = backend.store.begin().await?;
    let stored = order_import::Entity::find_by_id(import).lock_exclusive().one(&transaction).await?;
    let stored = stored.filter(|stored| stored.rows.is_some());
    let Some(stored) = stored else { return Ok(None) };
    let done = usize::try_from(stored.imported_rows).unwrap_or_default().min(rows.len());
    let end = rows.len().min(done + PART);
    let part: Vec<PendingRow> = rows[done..end].iter().flatten().cloned().collect();
    let partner = PartnerId(stored.partner_id);
    let caller =
        Caller { person: PersonId(stored.person_id), name: stored.person_name, seat: Seat::PartnerAdmin { partner } };
    let writer = Part { backend, transaction: &transaction, partner: partner.0, caller: &caller, import };
    match writer.write(&part).await.map_err(taken_meanwhile) {
        Ok(_) => {}
        // It is there by now, and the next try leaves it out.
        Err(Error::Outdated) => {
            transaction.rollback().await?;
            return Ok(Some(false));
        }
        Err(error) => return Err(error),
    }
    let mut change = order_import::ActiveModel {
        id: Unchanged(import),
        imported_rows: Set(i64::try_from(end).unwrap_or(i64::MAX)),
        ..Default::default()
    };
    if end == rows.len() {
        change.rows = Set(None);
    }
    change.update(&transaction).await?;
    transaction.unrecorded("the import was recorded when it began");
    transaction.commit().await?;
    Ok((end < rows.len()).then_some(true))
}

/// A part of an import within its transaction.
struct Part<'a> {
    backend: &'a Backend,
    transaction: &'a Transaction,
    partner: i64,
    caller: &'a Caller,
    import: i64,
}

/// An order that was inserted and is assigned to an account, by the account's place among those of the part.
struct Assigned {
    order: partner_order::Model,
    account: usize,
}

impl Part<'_> {
    /// Imports `rows`, but for orders that are there by now and assignments to accounts that are gone by
    /// now; gives how many were imported just as they are. The accounts are locked by their keys, as
    /// everywhere.
    async fn write(&self, rows: &[PendingRow]) -> Result<usize> {
        let numbers: Vec<String> = rows.iter().map(|row| row.order.tracking_number.to_string()).collect();
        let present = present(self.transaction, self.partner, &numbers).await?;
        let accounts = self.accounts(rows).await?;
        let place = |row: &PendingRow| {
            let number = stored_number(row.account?);
            accounts.iter().position(|account| account.number == number)
        };
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut unchanged = 0;
        let now = self.backend.clock.now().0;
        let mut orders = Vec::with_capacity(rows.len());
        for row in rows.iter().filter(|row| !present.contains(row.order.tracking_number.as_str())) {
            let mut order = active_model(self.partner, &row.order, now);
            order.import_id = Set(Some(self.import));
            let account = place(row);
            if let Some(account) = account {
                order.remaining = Set(0);
                order.subscriptions = Set(1);
                places.insert(row.order.tracking_number.as_str(), account);
            }
            unchanged += usize::from(account.is_some() == row.account.is_some());
            orders.push(order);
        }
        if orders.is_empty() {
            return Ok(0);
        }
        let inserted = partner_order::Entity::insert_many(orders).exec_with_returning(self.transaction).await?;
        self.add_words(&inserted).await?;
        let assigned = inserted.into_iter().filter_map(|order| {
            let account = *places.get(order.tracking_number.as_str())?;
            Some(Assigned { order, account })
        });
        let mut assigned: Vec<Assigned> = assigned.collect();
        assigned.sort_by_key(|one| one.order.id);
        self.assign(&accounts, &assigned).await?;
        Ok(unchanged)
    }

    /// The accounts that `rows` name, locked.
    async fn accounts(&self, rows: &[PendingRow]) -> Result<Vec<account::Model>> {
        let numbers: Vec<i32> = rows.iter().filter_map(|row| row.account).map(stored_number).collect();
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let mut accounts = account::Entity::find()
            .filter(account::Column::PartnerId.eq(self.partner))
            .filter(is_among(self.transaction, account::Column::Number, numbers))
            .order_by_asc(account::Column::Id)
            .lock_exclusive()
            .all(self.transaction)
            .await?;
        accounts.retain(|account| status(&account.status).is_ok_and(|status| status != AccountStatus::Deleted));
        Ok(accounts)
    }

    async fn add_words(&self, orders: &[partner_order::Model]) -> Result<()> {
        let words = orders.iter().flat_map(|order| {
            order.search_text.split_ascii_whitespace().map(|word| order_word::ActiveModel {
                partner_id: Set(self.partner),
                word: Set(word.to_owned()),
                order_id: Set(order.id),
            })
        });
        let words: Vec<_> = words.collect();
        for words in words.chunks(WORDS) {
            order_word::Entity::insert_many(words.iter().cloned()).exec_without_returning(self.transaction).await?;
        }
        Ok(())
    }

    /// Assigns all of each order to its account, and records it.
    async fn assign(&self, accounts: &[account::Model], assigned: &[Assigned]) -> Result<()> {
        if assigned.is_empty() {
            return Ok(());
        }
        let now = self.backend.clock.now().0;
        let subscriptions = assigned.iter().map(|Assigned { order, account }| subscription::ActiveModel {
            id: NotSet,
            order_id: Set(order.id),
            account_id: Set(accounts[*account].id),
            number: Set(format!("{}-1", order.tracking_number)),
            quantity: Set(order.quantity),
            created_at: Set(now),
        });
        subscription::Entity::insert_many(subscriptions).exec_without_returning(self.transaction).await?;
        let mut changes: Vec<Vec<Change>> = assigned.iter().map(|one| vec![assignment(&one.order)]).collect();
        for (place, change) in self.follow_sap_numbers(accounts, assigned).await? {
            changes[place].push(change);
        }
        let by = Actor::Person(self.caller);
        let records = assigned.iter().zip(&changes).map(|(one, changes)| {
            Record::of(self.backend, &accounts[one.account], by, ActivityKind::OrderAssigned, changes)
        });
        activity::write_all(self.transaction, &records.collect::<Vec<_>>()).await
    }

    /// An account's SAP customer number is that of the last order assigned to it that has one. Gives each
    /// change with the place of the order that brought it.
    async fn follow_sap_numbers(
        &self,
        accounts: &[account::Model],
        assigned: &[Assigned],
    ) -> Result<Vec<(usize, Change)>> {
        let mut last: HashMap<usize, (usize, &str)> = HashMap::new();
        for (place, one) in assigned.iter().enumerate() {
            if let Some(number) = &one.order.sap_customer_number {
                last.insert(one.account, (place, number));
            }
        }
        last.retain(|account, (_, number)| accounts[*account].sap_number.as_deref() != Some(*number));
        let mut renumbered = Vec::new();
        let mut changes = Vec::new();
        for (account, (place, number)) in last {
            let account = &accounts[account];
            let change = account::ActiveModel {
                id: Unchanged(account.id),
                sap_number: Set(Some(number.to_owned())),
                ..Default::default()
            };
            change.update(self.transaction).await?;
            renumbered.push(account.id);
            let old = account.sap_number.clone().unwrap_or_default();
            changes.push((place, Change { field: "sap_number".to_owned(), old, new: number.to_owned() }));
        }
        search::index::update_accounts(self.transaction, &renumbered).await?;
        Ok(changes)
    }
}

fn assignment(order: &partner_order::Model) -> Change {
    Change { field: format!("order:{}", order.tracking_number), old: String::new(), new: order.quantity.to_string() }
}
