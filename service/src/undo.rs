//! Undo: a change is committed at once, and taken back by a counter-change that goes through rights and
//! versions like any other and is recorded like any other.

use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::CustomerField,
    integrations::{Reversal, Services},
    rights::Action,
    role::Caller,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    Backend,
    accounts::{self, information},
    activity::{self, Actor, Record},
    contacts::{self, SUPPORT_CONTACT},
    entity::{account, activity as activity_entity, removed_integration},
    error::{Error, Result},
    integrations::{BANDWIDTH_OPTIMISATION, Changing, removed, stored},
    store::Transaction,
};

/// Seconds for which a change can be undone.
pub const UNDO_SECONDS: i64 = 600;

/// Takes back the change of which `record` tells, which the caller must have made a short while ago. The
/// removal of an integration can be taken back by whoever may remove it, as long as its configuration is
/// kept. Gives the record of the counter-change, by which that can be undone in turn; `None` where a configuration
/// would be lost by that, which is for Remove to ask about.
///
/// # Errors
/// [`Error::Outdated`] when it was long ago, or what it changed was changed again since;
/// [`Error::NotFound`] when it was none of the caller's, or nothing that can be undone; also, and
/// [`Error::Forbidden`], by rights.
#[tracing::instrument(name = "undo::undo", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn undo(backend: &Backend, caller: &Caller, number: AccountNumber, record: i64) -> Result<Option<i64>> {
    let row = activity_entity::Entity::find_by_id(record).one(backend.store.reader()).await?;
    let row = row.ok_or(Error::NotFound)?;
    let is_own = row.person_id == Some(caller.person.0);
    let is_removal = row.kind == ActivityKind::IntegrationRemoved.key();
    if !is_own && !is_removal {
        return Err(Error::NotFound);
    }
    let change = Undoing::of(&row)?.ok_or(Error::NotFound)?;
    let (transaction, account) = accounts::begin(backend, caller, change.action(), number).await?;
    if row.account_id != Some(account.id) {
        return Err(Error::NotFound);
    }
    let change = match change {
        Undoing::Services(reversal) if is_removal => {
            match removed::find(backend, &transaction, row.id, account.id).await? {
                Some(removed) => Undoing::Removal(reversal, removed),
                None => Undoing::Services(reversal),
            }
        }
        change => change,
    };
    if !matches!(change, Undoing::Removal(..)) {
        if !is_own {
            return Err(Error::NotFound);
        }
        let is_over = backend.clock.now().0 > row.at.saturating_add(UNDO_SECONDS * 1000);
        if is_over || is_touched_since(&transaction, &row).await? {
            return Err(Error::Outdated);
        }
    }
    let restores = matches!(change, Undoing::Removal(..));
    let record = change.take_back(backend, &transaction, caller, account).await?;
    transaction.commit().await?;
    Ok((!restores).then_some(record))
}

/// What tells of a contact and does not change who is one.
const MESSAGES: [ActivityKind; 2] = [ActivityKind::TestMessageSent, ActivityKind::ReportSentAgain];

/// Whether what is recorded as `kind` with a single contact has added or removed it.
fn changes_contacts(kind: ActivityKind) -> bool {
    use ActivityKind::{ChangeUndone, SupportContactAdded, SupportContactRemoved};
    matches!(kind, SupportContactAdded | SupportContactRemoved | ChangeUndone)
}

/// The most later records that are looked through for a change of the same.
const MAX_LATER_RECORDS: u64 = 500;

/// Whether a later record tells of a change of what `row` changed, even back to the same value, or there
/// are too many later ones to look through.
async fn is_touched_since(transaction: &Transaction, row: &activity_entity::Model) -> Result<bool> {
    let changes = activity::from_json(&row.changes)?;
    let later = activity_entity::Entity::find()
        .filter(activity_entity::Column::AccountId.eq(row.account_id))
        .filter(activity_entity::Column::At.gte(row.at))
        .filter(activity_entity::Column::Id.gt(row.id))
        .limit(MAX_LATER_RECORDS)
        .all(transaction)
        .await?;
    if later.len() as u64 == MAX_LATER_RECORDS {
        return Ok(true);
    }
    for record in later {
        // A message to a contact changes nothing of it.
        if ActivityKind::from_key(&record.kind).is_some_and(|kind| MESSAGES.contains(&kind)) {
            continue;
        }
        let later = activity::from_json(&record.changes)?;
        if later.iter().any(|later| changes.iter().any(|change| is_of_the_same(change, later))) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether two changes are of the same field; of support contacts, of the same address.
fn is_of_the_same(one: &Change, other: &Change) -> bool {
    let addresses = |change: &Change| [change.old.clone(), change.new.clone()];
    let share = |one: &Change, other: &Change| {
        addresses(one).iter().any(|address| !address.is_empty() && addresses(other).contains(address))
    };
    one.field == other.field && (one.field != SUPPORT_CONTACT || share(one, other))
}

/// A change that can be undone.
enum Undoing {
    /// Of customer information.
    Customer(Vec<Change>),
    /// Of integrations and privileges.
    Services(Reversal),
    /// The removal of an integration whose configuration is kept.
    Removal(Reversal, removed_integration::Model),
    /// The adding or the removal of a support contact, with what its record keeps of it.
    Contact(Change, Option<String>),
    /// Of bandwidth optimisation, which was switched so.
    Bandwidth(bool),
}

impl Undoing {
    fn of(row: &activity_entity::Model) -> Result<Option<Self>> {
        let mut changes = activity::from_json(&row.changes)?;
        let kind = ActivityKind::from_key(&row.kind);
        if changes.len() == 1 && changes[0].field == SUPPORT_CONTACT {
            let is_change = kind.is_some_and(changes_contacts);
            let change = changes.pop().filter(|_| is_change);
            return Ok(change.map(|change| Self::Contact(change, row.reversal.clone())));
        }
        if let Some(reversal) = &row.reversal {
            let reversal = serde_json::from_str(reversal)
                .map_err(|error| Error::inconsistent("activity", "reversal", row.id, error))?;
            return Ok(Some(Self::Services(reversal)));
        }
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
            Self::Services(_) | Self::Removal(..) => Action::EditIntegrations,
            Self::Contact(..) => Action::EditSupportContacts,
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
                if now.integrations.iter().any(|(key, one)| one.set_up && !back.integrations.contains_key(key)) {
                    return Err(Error::Outdated);
                }
                changing.take_back_to(&now, &back).await
            }
            Self::Removal(reversal, removed) => {
                let now = stored::load(transaction, account.id).await?;
                let back = removed::restored(&removed, &reversal, &changing, &now)?;
                let record = changing.take_back_to(&now, &back).await?;
                removed::put_back(&changing, removed).await?;
                Ok(record)
            }
            Self::Contact(change, reversal) => {
                contacts::take_back(transaction, backend, caller, &account, &change, reversal.as_deref()).await
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

impl Changing<'_> {
    /// Stores `back` in place of `now`, and what takes that back in turn.
    async fn take_back_to(&self, now: &Services, back: &Services) -> Result<i64> {
        let reversal = Reversal::between(&self.backend.settings.catalogue, now, back);
        self.store(now, back, ActivityKind::ChangeUndone, Some(&reversal)).await
    }
}
