//! Configurations of removed integrations, which can be restored for [`RESTORABLE_DAYS`] days.
//!
//! The secret stays sealed: it is moved with its row, and opens only where it was.

use domain::view::integrations::RemovedConfiguration;
use domain::{
    integrations::{Integration, IntegrationKey, Reversal, Services},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set, sea_query::OnConflict};
use serde::Deserialize;

use super::Changing;
use crate::{
    Backend,
    entity::{account_integration, removed_integration},
    error::{Error, Result},
    json_rows::JsonRows,
};

/// Days for which the configuration of a removed integration can be restored.
pub const RESTORABLE_DAYS: i64 = 30;

/// Removed integrations of an account of which the configuration is kept.
pub(crate) const ROWS: JsonRows<RemovedIntegration> = JsonRows::new(
    "removed_integration",
    &["key", "activity_id", "removed_at"],
    "SELECT key, activity_id, removed_at FROM removed_integration WHERE account_id = $1",
);

/// A row of [`ROWS`].
#[derive(Debug, Deserialize)]
pub(crate) struct RemovedIntegration {
    key: IntegrationKey,
    activity_id: i64,
    removed_at: i64,
}

/// The configuration of the integration `key` among `all`, if it can still be restored.
pub(super) fn configuration(
    all: &[RemovedIntegration],
    key: &IntegrationKey,
    now: Timestamp,
) -> Option<RemovedConfiguration> {
    let removed = all.iter().find(|removed| removed.key == *key)?;
    let until = restorable_until(Timestamp(removed.removed_at));
    (until > now).then_some(RemovedConfiguration { record: removed.activity_id, until })
}

/// Until when a configuration can be restored that was removed at `removed`.
const fn restorable_until(removed: Timestamp) -> Timestamp {
    removed.plus_seconds(RESTORABLE_DAYS * 24 * 3600)
}

/// Keeps the configuration in `row`, of which `record` is the record of removal.
pub(super) async fn keep(changing: &Changing<'_>, row: account_integration::Model, record: i64) -> Result<()> {
    use removed_integration::Column;
    let removed = removed_integration::ActiveModel {
        account_id: Set(row.account_id),
        key: Set(row.key),
        activity_id: Set(record),
        settings: Set(row.settings),
        secret: Set(row.secret),
        removed_at: Set(changing.backend.clock.now().0),
    };
    let conflict = OnConflict::columns([Column::AccountId, Column::Key])
        .update_columns([Column::ActivityId, Column::Settings, Column::Secret, Column::RemovedAt])
        .to_owned();
    removed_integration::Entity::insert(removed)
        .on_conflict(conflict)
        .exec_without_returning(changing.transaction)
        .await?;
    Ok(())
}

/// The configuration that the removal of `record` has left, while it can be restored.
pub(crate) async fn find(
    backend: &Backend,
    database: &impl ConnectionTrait,
    record: i64,
    account: i64,
) -> Result<Option<removed_integration::Model>> {
    let row = removed_integration::Entity::find()
        .filter(removed_integration::Column::AccountId.eq(account))
        .filter(removed_integration::Column::ActivityId.eq(record))
        .one(database)
        .await?;
    Ok(row.filter(|row| restorable_until(Timestamp(row.removed_at)) > backend.clock.now()))
}

/// What undoing the removal leads to: everything as it was; where something of it was changed since, the
/// integration alone, paused.
pub(crate) fn restored(
    removed: &removed_integration::Model,
    reversal: &Reversal,
    changing: &Changing<'_>,
    now: &Services,
) -> Result<Services> {
    if let Some(services) = reversal.take_back(&changing.backend.settings.catalogue, now) {
        return Ok(services);
    }
    let key = key(removed)?;
    if now.integrations.contains_key(&key) {
        return Err(Error::Outdated);
    }
    let mut services = now.clone();
    services.integrations.insert(key, Integration { set_up: true, ..Integration::default() });
    Ok(services)
}

/// Puts the configuration back into the row of its integration.
pub(crate) async fn put_back(changing: &Changing<'_>, removed: removed_integration::Model) -> Result<()> {
    let key = (removed.account_id, removed.key.clone());
    let change = account_integration::ActiveModel {
        settings: Set(removed.settings),
        secret: Set(removed.secret),
        ..Default::default()
    };
    account_integration::Entity::update_many()
        .set(change)
        .filter(account_integration::Column::AccountId.eq(removed.account_id))
        .filter(account_integration::Column::Key.eq(&removed.key))
        .exec(changing.transaction)
        .await?;
    removed_integration::Entity::delete_by_id(key).exec(changing.transaction).await?;
    Ok(())
}

fn key(removed: &removed_integration::Model) -> Result<IntegrationKey> {
    IntegrationKey::parse(&removed.key)
        .map_err(|error| Error::inconsistent("removed_integration", "key", removed.account_id, error))
}

/// Discards the configurations that can no longer be restored.
///
/// # Errors
/// Fails if the database does.
pub async fn sweep(backend: &Backend) -> Result<()> {
    let before = backend.clock.now().plus_seconds(-RESTORABLE_DAYS * 24 * 3600).0;
    removed_integration::Entity::delete_many()
        .filter(removed_integration::Column::RemovedAt.lte(before))
        .exec(backend.store.writer())
        .await?;
    Ok(())
}
