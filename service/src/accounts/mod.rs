//! Accounts: finding, listing, adding and changing them.

pub mod add;
pub mod information;
pub mod list;
pub(crate) mod panels;
pub(crate) mod words;

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    id::{AccountId, PartnerId},
    rights::{AccountFacts, Action, Resource, decide},
    role::{Caller, Seat},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    entity::{account, account_assignment},
    error::{Error, Result, allow},
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
    let by_number = account::Entity::find().filter(account::Column::Number.eq(stored_number(number)));
    let row = by_number.one(database).await?;
    permit(database, caller, action, row).await
}

/// The same, with the row locked until the transaction ends. `SQLite` has locked the whole file.
pub(crate) async fn authorise_for_update(
    transaction: &sea_orm::DatabaseTransaction,
    caller: &Caller,
    action: Action,
    number: AccountNumber,
) -> Result<account::Model> {
    let by_number = account::Entity::find().filter(account::Column::Number.eq(stored_number(number)));
    let row = by_number.lock_exclusive().one(transaction).await?;
    permit(transaction, caller, action, row).await
}

async fn permit(
    database: &impl ConnectionTrait,
    caller: &Caller,
    action: Action,
    row: Option<account::Model>,
) -> Result<account::Model> {
    let Some(row) = row else {
        allow(decide(caller, action, Resource::Missing))?;
        return Err(Error::NotFound);
    };
    let facts = facts(database, caller, &row).await?;
    allow(decide(caller, action, Resource::Account(facts)))?;
    Ok(row)
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
