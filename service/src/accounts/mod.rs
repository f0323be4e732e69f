//! Accounts: finding, listing, adding and changing them.

pub mod add;
pub mod information;
pub mod lifecycle;
pub mod list;
pub(crate) mod page;

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    id::{AccountId, PartnerId},
    rights::{AccountFacts, Action, Resource, decide},
    role::{Caller, Seat},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    Backend, activity,
    entity::{account, account_assignment},
    error::{Error, Result, allow},
    store::Transaction,
};

/// Finds an account by its Account ID and asks whether `caller` may do `action` with it.
///
/// # Errors
/// [`Error::NotFound`] for what is not there or is none of the caller's business;
/// [`Error::Forbidden`] for what they may see but not do.
pub(crate) async fn authorise(
    database: &impl ConnectionTrait,
    caller: &Caller,
    action: Action,
    number: AccountNumber,
) -> Result<account::Model> {
    Ok(authorise_with_facts(database, caller, action, number).await?.0)
}

/// The same; gives what rights go by as well.
pub(crate) async fn authorise_with_facts(
    database: &impl ConnectionTrait,
    caller: &Caller,
    action: Action,
    number: AccountNumber,
) -> Result<(account::Model, AccountFacts)> {
    let by_number = account::Entity::find().filter(account::Column::Number.eq(stored_number(number)));
    let Some(row) = by_number.one(database).await? else {
        allow(decide(caller, action, Resource::Missing))?;
        return Err(Error::NotFound);
    };
    let facts = facts(database, caller, &row).await?;
    allow(decide(caller, action, Resource::Account(facts)))?;
    Ok((row, facts))
}

/// Begins a change of an account: finds it, locks it until the transaction ends, and asks whether
/// `caller` may do `action` with it. What they may not is recorded.
///
/// Whoever locks several rows takes accounts first, by their keys, and orders after them.
///
/// # Errors
/// As [`authorise`].
pub(crate) async fn begin(
    backend: &Backend,
    caller: &Caller,
    action: Action,
    number: AccountNumber,
) -> Result<(Transaction, account::Model)> {
    let transaction = backend.store.begin().await?;
    let by_number = account::Entity::find().filter(account::Column::Number.eq(stored_number(number)));
    // `SQLite` has locked the whole file.
    let row = by_number.lock_exclusive().one(&transaction).await?;
    match permit(&transaction, caller, action, row.as_ref()).await {
        Ok(()) => Ok((transaction, row.ok_or(Error::NotFound)?)),
        Err(error) => {
            transaction.rollback().await?;
            Err(refused(backend, caller, action, row.as_ref(), error).await?)
        }
    }
}

/// Asks as [`begin`] does, for an account that a change concerns besides the one that it begins with.
///
/// # Errors
/// As [`authorise`].
pub(crate) async fn authorise_change(
    backend: &Backend,
    caller: &Caller,
    action: Action,
    number: AccountNumber,
) -> Result<account::Model> {
    let database = backend.store.reader();
    let by_number = account::Entity::find().filter(account::Column::Number.eq(stored_number(number)));
    let row = by_number.one(database).await?;
    match permit(database, caller, action, row.as_ref()).await {
        Ok(()) => row.ok_or(Error::NotFound),
        Err(error) => Err(refused(backend, caller, action, row.as_ref(), error).await?),
    }
}

/// Records that a change was refused, if it was by rights, whether there is such an account or not; gives the error
/// back.
async fn refused(
    backend: &Backend,
    caller: &Caller,
    action: Action,
    row: Option<&account::Model>,
    error: Error,
) -> Result<Error> {
    if matches!(error, Error::NotFound | Error::Forbidden(_)) {
        activity::record_refusal(backend, caller, action, row, &error).await?;
    }
    Ok(error)
}

/// Asks whether `caller` may do `action` with the account of `row`.
pub(crate) async fn permit(
    database: &impl ConnectionTrait,
    caller: &Caller,
    action: Action,
    row: Option<&account::Model>,
) -> Result<()> {
    let resource = match row {
        Some(row) => Resource::Account(facts(database, caller, row).await?),
        None => Resource::Missing,
    };
    let decision = allow(decide(caller, action, resource));
    if decision.is_err() {
        let account = row.map(|row| row.id);
        tracing::warn!(person = caller.person.0, action = action.key(), account, "refused by rights");
    }
    decision
}

/// Asks whether `caller` may do `action` with their partner as a whole. What they may not is recorded.
pub(crate) async fn authorise_in_partner(backend: &Backend, caller: &Caller, action: Action) -> Result<PartnerId> {
    let partner = caller.seat.partner();
    match allow(decide(caller, action, Resource::Partner(partner))) {
        Ok(()) => Ok(partner),
        Err(error) => {
            activity::record_refusal(backend, caller, action, None, &error).await?;
            Err(error)
        }
    }
}

pub(crate) async fn facts(
    database: &impl ConnectionTrait,
    caller: &Caller,
    row: &account::Model,
) -> Result<AccountFacts> {
    let assigned = match caller.seat {
        Seat::AccountManager { membership, .. } => {
            let assignment = account_assignment::Entity::find_by_id((membership.0, row.id));
            assignment.one(database).await?.is_some()
        }
        _ => false,
    };
    Ok(AccountFacts {
        partner: PartnerId(row.partner_id),
        account: AccountId(row.id),
        status: status(&row.status)?,
        assigned,
        partners_own: row.partners_own,
    })
}

pub(crate) fn status(key: &str) -> Result<AccountStatus> {
    AccountStatus::from_key(key).ok_or_else(|| Error::Internal(format!("unknown status {key}")))
}

pub(crate) fn stored_number(number: AccountNumber) -> i32 {
    i32::try_from(number.get()).unwrap_or_default()
}

pub(crate) fn account_number(stored: i32) -> Result<AccountNumber> {
    AccountNumber::parse(&stored.to_string()).map_err(|error| Error::Internal(format!("{stored}: {error}")))
}
