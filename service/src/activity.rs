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

/// What is recorded.
pub(crate) struct Record<'a> {
    /// When it was done.
    pub(crate) at: Timestamp,
    /// Within which partner.
    pub(crate) partner: PartnerId,
    /// To which account, and to which version of it this led.
    pub(crate) account: Option<(AccountId, i64)>,
    /// By whom; `None` when the operator did it on the command line.
    pub(crate) caller: Option<&'a Caller>,
    /// What was done.
    pub(crate) kind: ActivityKind,
    /// What changed by it.
    pub(crate) changes: &'a [Change],
}

impl Record<'_> {
    /// Adds the record to `transaction`.
    pub(crate) async fn write(self, transaction: &DatabaseTransaction) -> Result<()> {
        let row = activity::ActiveModel {
            id: NotSet,
            partner_id: Set(self.partner.0),
            account_id: Set(self.account.map(|(account, _)| account.0)),
            account_version: Set(self.account.map(|(_, version)| version)),
            person_id: Set(self.caller.map(|caller| caller.person.0)),
            person_name: Set(self.caller.map_or_else(String::new, |caller| caller.name.clone())),
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
