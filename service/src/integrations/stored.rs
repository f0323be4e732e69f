//! Integrations and privileges as they are stored.

use domain::{
    integrations::{Failure, Integration, IntegrationKey, Privilege, PrivilegeSetting, Services},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

use crate::{
    entity::{account_integration, account_privilege},
    error::Result,
    store::Transaction,
};

/// What is kept of an account's services.
pub(crate) async fn load(database: &impl ConnectionTrait, account: i64) -> Result<Services> {
    Ok(Services {
        integrations: rows(database, account).await?.into_iter().filter_map(integration).collect(),
        privileges: account_privilege::Entity::find()
            .filter(account_privilege::Column::AccountId.eq(account))
            .all(database)
            .await?
            .into_iter()
            .filter_map(|row| {
                Some((Privilege::from_key(&row.key)?, PrivilegeSetting { on: row.is_on, set_by: row.set_by }))
            })
            .collect(),
    })
}

async fn rows(database: &impl ConnectionTrait, account: i64) -> Result<Vec<account_integration::Model>> {
    let own = account_integration::Entity::find().filter(account_integration::Column::AccountId.eq(account));
    Ok(own.all(database).await?)
}

fn integration(row: account_integration::Model) -> Option<(IntegrationKey, Integration)> {
    let failure = row.failure.map(|reason| Failure { reason, since: Timestamp(row.failing_since.unwrap_or_default()) });
    let kept =
        Integration { on: row.is_on, set_up: row.is_set_up, failure, presence_both_ways: row.presence_both_ways };
    Some((IntegrationKey::parse(&row.key).ok()?, kept))
}

/// Writes what differs between `before` and `after`.
pub(crate) async fn store(transaction: &Transaction, account: i64, before: &Services, after: &Services) -> Result<()> {
    for key in before.integrations.keys().filter(|key| !after.integrations.contains_key(*key)) {
        account_integration::Entity::delete_by_id((account, key.to_string())).exec(transaction).await?;
    }
    for privilege in before.privileges.keys().filter(|privilege| !after.privileges.contains_key(privilege)) {
        account_privilege::Entity::delete_by_id((account, privilege.key().to_owned())).exec(transaction).await?;
    }
    let changed = after.integrations.iter().filter(|(key, kept)| before.integrations.get(*key) != Some(*kept));
    let rows: Vec<_> = changed.map(|(key, kept)| integration_row(account, key, kept)).collect();
    if !rows.is_empty() {
        use account_integration::Column;
        let columns = [Column::IsOn, Column::IsSetUp, Column::Failure, Column::FailingSince, Column::PresenceBothWays];
        let conflict = OnConflict::columns([Column::AccountId, Column::Key]).update_columns(columns).to_owned();
        account_integration::Entity::insert_many(rows)
            .on_conflict(conflict)
            .exec_without_returning(transaction)
            .await?;
    }
    let changed = after.privileges.iter().filter(|(key, kept)| before.privileges.get(key) != Some(*kept));
    let rows: Vec<_> = changed.map(|(privilege, kept)| privilege_row(account, *privilege, kept)).collect();
    if !rows.is_empty() {
        use account_privilege::Column;
        let conflict = OnConflict::columns([Column::AccountId, Column::Key])
            .update_columns([Column::IsOn, Column::SetBy])
            .to_owned();
        account_privilege::Entity::insert_many(rows).on_conflict(conflict).exec_without_returning(transaction).await?;
    }
    Ok(())
}

pub(crate) fn integration_row(
    account: i64,
    key: &IntegrationKey,
    kept: &Integration,
) -> account_integration::ActiveModel {
    account_integration::ActiveModel {
        account_id: Set(account),
        key: Set(key.to_string()),
        is_on: Set(kept.on),
        is_set_up: Set(kept.set_up),
        failure: Set(kept.failure.as_ref().map(|failure| failure.reason.clone())),
        failing_since: Set(kept.failure.as_ref().map(|failure| failure.since.0)),
        presence_both_ways: Set(kept.presence_both_ways),
        settings: Set(None),
        secret: Set(None),
    }
}

pub(crate) fn privilege_row(
    account: i64,
    privilege: Privilege,
    kept: &PrivilegeSetting,
) -> account_privilege::ActiveModel {
    account_privilege::ActiveModel {
        account_id: Set(account),
        key: Set(privilege.key().to_owned()),
        is_on: Set(kept.on),
        set_by: Set(kept.set_by.clone()),
    }
}
