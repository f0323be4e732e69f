//! Deactivating and reactivating, deleting and restoring an account, and purging it in the end.

use domain::view::account::DeactivationScope;
use domain::{
    account::{AccountStatus, RESTORABLE_DAYS},
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::FieldError,
    rights::Action,
    role::Caller,
    text::{first_difference, normalize_line},
    time::Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, Set, Statement,
};

use super::{account_number, authorise, begin, status};
use crate::{
    Backend,
    activity::{Actor, Record},
    entity::{account, membership},
    error::{Error, Result},
    orders,
    sql::Sql,
    store::Transaction,
};

#[derive(FromQueryResult)]
struct Counts {
    people: i64,
    licences: i64,
}

/// What deactivating or deleting an account concerns.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "accounts::lifecycle::concerned", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn concerned(backend: &Backend, caller: &Caller, number: AccountNumber) -> Result<DeactivationScope> {
    let database = backend.store.reader();
    let row = authorise(database, caller, Action::DeactivateAccount, number).await?;
    let sql = "SELECT (SELECT COUNT(*) FROM membership WHERE account_id = $1) AS people, \
        (SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM subscription WHERE account_id = $1) AS licences";
    let statement = Statement::from_sql_and_values(backend.store.backend(), sql, [row.id.into()]);
    let counts = Counts::find_by_statement(statement).one(database).await?;
    let Counts { people, licences } = counts.ok_or_else(|| Error::Internal("a count gave no row".to_owned()))?;
    Ok(DeactivationScope { people, licences })
}

/// Deactivates an account: its people can no longer sign in, and their sessions end at once.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "accounts::lifecycle::deactivate", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn deactivate(backend: &Backend, caller: &Caller, number: AccountNumber) -> Result<()> {
    let (transaction, row) = begin(backend, caller, Action::DeactivateAccount, number).await?;
    if status(&row.status)? == AccountStatus::Active {
        end_sessions(&transaction, row.id).await?;
        change(backend, &transaction, caller, &row, AccountStatus::Deactivated).await?;
    }
    transaction.commit().await
}

/// Returns a deactivated account.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "accounts::lifecycle::reactivate", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn reactivate(backend: &Backend, caller: &Caller, number: AccountNumber) -> Result<()> {
    let (transaction, row) = begin(backend, caller, Action::DeactivateAccount, number).await?;
    if status(&row.status)? == AccountStatus::Deactivated {
        change(backend, &transaction, caller, &row, AccountStatus::Active).await?;
    }
    transaction.commit().await
}

/// Deletes an account, of which the customer's name was `typed`. It can be restored for
/// [`RESTORABLE_DAYS`] days.
///
/// # Errors
/// [`Error::Invalid`] when another name was typed; [`Error::NotFound`] and [`Error::Forbidden`] by
/// rights.
#[tracing::instrument(name = "accounts::lifecycle::delete", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn delete(backend: &Backend, caller: &Caller, number: AccountNumber, typed: &str) -> Result<()> {
    let (transaction, row) = begin(backend, caller, Action::DeleteAccount, number).await?;
    if normalize_line(typed).is_empty() {
        return Err(Error::field("name", FieldError::Required));
    }
    if let Some(difference) = first_difference(&row.name, typed) {
        return Err(Error::field("name", FieldError::OtherName { difference }));
    }
    end_sessions(&transaction, row.id).await?;
    change(backend, &transaction, caller, &row, AccountStatus::Deleted).await?;
    transaction.commit().await
}

/// Restores a deleted account as it was.
///
/// # Errors
/// [`Error::NotFound`] when it was purged; also, and [`Error::Forbidden`], by rights.
#[tracing::instrument(name = "accounts::lifecycle::restore", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn restore(backend: &Backend, caller: &Caller, number: AccountNumber) -> Result<()> {
    let (transaction, row) = begin(backend, caller, Action::RestoreAccount, number).await?;
    if status(&row.status)? == AccountStatus::Deleted {
        let before = row.status_before.as_deref().map_or(Ok(AccountStatus::Active), status)?;
        change(backend, &transaction, caller, &row, before).await?;
    }
    transaction.commit().await
}

async fn change(
    backend: &Backend,
    transaction: &Transaction,
    caller: &Caller,
    row: &account::Model,
    new: AccountStatus,
) -> Result<()> {
    let old = status(&row.status)?;
    let deleted = new == AccountStatus::Deleted;
    let change = account::ActiveModel {
        id: Unchanged(row.id),
        status: Set(new.key().to_owned()),
        deleted_at: Set(deleted.then(|| backend.clock.now().0)),
        status_before: Set(deleted.then(|| old.key().to_owned())),
        ..Default::default()
    };
    change.update(transaction).await?;
    let kind = match (old, new) {
        (AccountStatus::Deleted, _) => ActivityKind::AccountRestored,
        (_, AccountStatus::Active) => ActivityKind::AccountReactivated,
        (_, AccountStatus::Deactivated) => ActivityKind::AccountDeactivated,
        (_, AccountStatus::Deleted) => ActivityKind::AccountDeleted,
    };
    let change = Change { field: "status".to_owned(), old: old.key().to_owned(), new: new.key().to_owned() };
    Record::of(backend, row, Actor::Person(caller), kind, &[change]).write(transaction).await?;
    Ok(())
}

/// Ends the sessions of who works from a seat in the account.
async fn end_sessions(transaction: &Transaction, account: i64) -> Result<()> {
    let sql = "DELETE FROM session WHERE membership_id IN (SELECT id FROM membership WHERE account_id = $1)";
    let values = [account.into()];
    let database = transaction.get_database_backend();
    transaction.execute_raw(Statement::from_sql_and_values(database, sql, values)).await?;
    Ok(())
}

/// Accounts that are looked up at once to be purged.
const BATCH: u64 = 100;

/// Purges every account that can no longer be restored; gives their number. Nothing is left of them, nor
/// of people who belong nowhere else, but records of activity; what they had of orders goes back to these.
///
/// # Errors
/// Those of the database. Each account is purged whole or not at all.
#[tracing::instrument(name = "accounts::lifecycle::purge", skip_all)]
pub async fn purge(backend: &Backend) -> Result<u64> {
    let before = backend.clock.now().plus_seconds(-RESTORABLE_DAYS * 24 * 3600);
    let (mut purged, mut last, mut failed) = (0, 0, None);
    loop {
        let due: Vec<i64> = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::DeletedAt.lte(before.0))
            .filter(account::Column::Id.gt(last))
            .order_by_asc(account::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(backend.store.reader())
            .await?;
        let Some(&end) = due.last() else { break };
        last = end;
        for account in due {
            match purge_one(backend, account, before).await {
                Ok(done) => purged += u64::from(done),
                // One that cannot be purged keeps no other from it.
                Err(error) => failed = Some(error),
            }
        }
    }
    failed.map_or(Ok(purged), Err)
}

async fn purge_one(backend: &Backend, account: i64, before: Timestamp) -> Result<bool> {
    let transaction = backend.store.begin().await?;
    let row = account::Entity::find_by_id(account).lock_exclusive().one(&transaction).await?;
    // Another process may have been faster, or somebody has restored it.
    let due = |row: &account::Model| row.deleted_at.is_some_and(|deleted| deleted <= before.0);
    let Some(row) = row.filter(due) else { return Ok(false) };
    orders::release(&transaction, row.id).await?;
    let number = account_number(row.number)?;
    let gone = |field: &str, old: String| Change { field: field.to_owned(), old, new: String::new() };
    let changes = [gone("name", row.name.clone()), gone("account_id", number.to_string())];
    Record::of(backend, &row, Actor::Operator, ActivityKind::AccountPurged, &changes).write(&transaction).await?;
    let people: Vec<i64> = membership::Entity::find()
        .select_only()
        .column(membership::Column::PersonId)
        .filter(membership::Column::AccountId.eq(row.id))
        .into_tuple()
        .all(&transaction)
        .await?;
    account::Entity::delete_by_id(row.id).exec(&transaction).await?;
    // Who belongs nowhere any more is gone with it.
    let mut nowhere = Sql::new(transaction.get_database_backend());
    nowhere.push("DELETE FROM person WHERE id IN ").bind_list(people);
    nowhere.push(" AND id NOT IN (SELECT person_id FROM membership)");
    transaction.execute_raw(nowhere.statement()).await?;
    transaction.commit().await?;
    Ok(true)
}
