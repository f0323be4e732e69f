//! Undo: a change is committed at once, and taken back by a counter-change that goes through rights and
//! versions like any other and is recorded like any other.

use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::CustomerField,
    integrations::Reversal,
    rights::Action,
    role::Caller,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    Backend,
    accounts::{self, information},
    activity::{self, Actor, Record},
    entity::{account, activity as activity_entity},
    error::{Error, Result},
    integrations::{BANDWIDTH_OPTIMISATION, Changing, stored},
    store::Transaction,
};

/// Seconds for which a change can be undone.
pub const UNDO_SECONDS: i64 = 600;

/// Takes back the change of which `record` tells, which the caller must have made a short while ago.
/// Gives the record of the counter-change, by which that can be undone in turn.
///
/// # Errors
/// [`Error::Outdated`] when it was long ago, or what it changed was changed again since;
/// [`Error::NotFound`] when it was none of the caller's, or nothing that can be undone; also, and
/// [`Error::Forbidden`], by rights.
#[tracing::instrument(name = "undo::undo", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn undo(backend: &Backend, caller: &Caller, number: AccountNumber, record: i64) -> Result<i64> {
    let row = activity_entity::Entity::find_by_id(record).one(backend.store.reader()).await?;
    let row = row.filter(|row| row.person_id == Some(caller.person.0)).ok_or(Error::NotFound)?;
    let changes = activity::from_json(&row.changes)?;
    let change = Undoing::of(&row, changes)?.ok_or(Error::NotFound)?;
    let (transaction, account) = accounts::begin(backend, caller, change.action(), number).await?;
    if row.account_id != Some(account.id) {
        return Err(Error::NotFound);
    }
    if backend.clock.now().0 > row.at.saturating_add(UNDO_SECONDS * 1000) {
        return Err(Error::Outdated);
    }
    if is_touched_since(&transaction, &row).await? {
        return Err(Error::Outdated);
    }
    let record = change.take_back(backend, &transaction, caller, account).await?;
    transaction.commit().await?;
    Ok(record)
}

/// Whether a later record tells of a change to one of the fields of `row`, even back to the same value.
async fn is_touched_since(transaction: &Transaction, row: &activity_entity::Model) -> Result<bool> {
    let fields: Vec<String> = activity::from_json(&row.changes)?.into_iter().map(|change| change.field).collect();
    let later = activity_entity::Entity::find()
        .filter(activity_entity::Column::AccountId.eq(row.account_id))
        .filter(activity_entity::Column::At.gte(row.at))
        .filter(activity_entity::Column::Id.gt(row.id))
        .all(transaction)
        .await?;
    for record in later {
        if activity::from_json(&record.changes)?.iter().any(|change| fields.contains(&change.field)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A change that can be undone.
enum Undoing {
    /// Of customer information.
    Customer(Vec<Change>),
    /// Of integrations and privileges.
    Services(Reversal),
    /// Of bandwidth optimisation, which was switched so.
    Bandwidth(bool),
}

impl Undoing {
    fn of(row: &activity_entity::Model, changes: Vec<Change>) -> Result<Option<Self>> {
        if let Some(reversal) = &row.reversal {
            let reversal = serde_json::from_str(reversal)
                .map_err(|error| Error::Internal(format!("a reversal cannot be read: {error}")))?;
            return Ok(Some(Self::Services(reversal)));
        }
        let kind = ActivityKind::from_key(&row.kind);
        Ok(match changes.as_slice() {
            [change] if change.field == BANDWIDTH_OPTIMISATION => Some(Self::Bandwidth(change.new == "on")),
            // The first version is the adding of the account, which Delete takes back.
            _ if row.account_version.is_some() && kind != Some(ActivityKind::AccountAdded) => {
                Some(Self::Customer(changes))
            }
            _ => None,
        })
    }

    fn action(&self) -> Action {
        match self {
            Self::Customer(_) => Action::EditCustomerInformation,
            Self::Services(reversal) if reversal.is_of_privileges_alone() => Action::EditPrivileges,
            Self::Services(_) => Action::EditIntegrations,
            Self::Bandwidth(_) => Action::EditCallServices,
        }
    }

    async fn take_back(
        self,
        backend: &Backend,
        transaction: &Transaction,
        caller: &Caller,
        account: account::Model,
    ) -> Result<i64> {
        let by = Actor::Person(caller);
        let kind = ActivityKind::ChangeUndone;
        let changing = Changing { backend, transaction, account: &account, by };
        match self {
            Self::Bandwidth(on) if account.bandwidth_optimisation != on => Err(Error::Outdated),
            Self::Bandwidth(on) => changing.store_bandwidth(!on, kind).await,
            Self::Services(reversal) => {
                let now = stored::load(transaction, account.id).await?;
                let back = reversal.take_back(&backend.settings.catalogue, &now).ok_or(Error::Outdated)?;
                changing
                    .store(&now, &back, kind, Some(&Reversal::between(&backend.settings.catalogue, &now, &back)))
                    .await
            }
            Self::Customer(changes) => {
                let stored = information::stored_form(&account);
                let mut form = stored.clone();
                for change in changes {
                    let field = CustomerField::from_key(&change.field).ok_or(Error::NotFound)?;
                    if stored.get(field) != change.new {
                        return Err(Error::Outdated);
                    }
                    *form.get_mut(field) = change.old;
                }
                // Taken back, it may not fit with what was changed since: another country, say.
                let form = information::reread(&form).map_err(|_| Error::Outdated)?;
                let changes = form.to_form().changes_from(&stored);
                let version = Some(account.version + 1);
                let record = Record { version, ..Record::of(backend, &account, by, kind, &changes) };
                let record = record.write(transaction).await?;
                information::update(transaction, account, &form, backend.clock.now()).await?;
                Ok(record)
            }
        }
    }
}
