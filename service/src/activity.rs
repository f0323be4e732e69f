//! Writing the record of activity. It is written in the transaction of the change it tells of.

use domain::{
    activity::{ActivityKind, Change},
    id::{AccountId, PartnerId},
    role::Caller,
    time::Timestamp,
};
use sea_orm::{ActiveValue::NotSet, DatabaseTransaction, EntityTrait, Set};

use crate::{
    entity::activity,
    error::{Error, Result},
};

/// Who did something.
#[derive(Clone, Copy)]
pub(crate) enum Actor<'a> {
    /// A person, from their seat.
    Person(&'a Caller),
    /// The operator, on the command line.
    Operator,
    /// Something that has no sign-in, by its name: a gateway by its serial number.
    Named(&'a str),
}

/// What is recorded.
pub(crate) struct Record<'a> {
    /// When it was done.
    pub(crate) at: Timestamp,
    /// Within which partner.
    pub(crate) partner: PartnerId,
    /// To which account.
    pub(crate) account: Option<AccountId>,
    /// To which version of its customer information this led.
    pub(crate) version: Option<i64>,
    /// By whom.
    pub(crate) by: Actor<'a>,
    /// What was done.
    pub(crate) kind: ActivityKind,
    /// What changed by it.
    pub(crate) changes: &'a [Change],
}

impl Record<'_> {
    /// Adds the record to `transaction`.
    pub(crate) async fn write(self, transaction: &DatabaseTransaction) -> Result<()> {
        let (person, name) = match self.by {
            Actor::Person(caller) => (Some(caller.person.0), caller.name.as_str()),
            Actor::Operator => (None, ""),
            Actor::Named(name) => (None, name),
        };
        let row = activity::ActiveModel {
            id: NotSet,
            partner_id: Set(self.partner.0),
            account_id: Set(self.account.map(|account| account.0)),
            account_version: Set(self.version),
            person_id: Set(person),
            person_name: Set(name.to_owned()),
            at: Set(self.at.0),
            kind: Set(self.kind.key().to_owned()),
            changes: Set(to_json(self.changes)?),
        };
        activity::Entity::insert(row).exec_without_returning(transaction).await?;
        Ok(())
    }
}

/// The changes as they are stored.
pub(crate) fn to_json(changes: &[Change]) -> Result<String> {
    serde_json::to_string(changes).map_err(|error| Error::Internal(format!("changes cannot be written: {error}")))
}

/// The changes of a stored record.
pub(crate) fn from_json(text: &str) -> Result<Vec<Change>> {
    serde_json::from_str(text).map_err(|error| Error::Internal(format!("a record of activity cannot be read: {error}")))
}
