//! Integrations and privileges as they are stored.

use domain::view::integrations::AppRegistration;
use std::collections::BTreeMap;

use domain::{
    integrations::{Failure, Integration, IntegrationKey, Privilege, PrivilegeSetting, Services},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, EntityTrait, Set, sea_query::OnConflict};
use serde::Deserialize;

use crate::{
    entity::{account_integration, account_privilege},
    error::{Error, Result},
    json_rows::{JsonRows, boolean},
    store::Transaction,
};

/// What is kept of an account's integrations, but for secrets.
pub(crate) const INTEGRATIONS: JsonRows<IntegrationRow> = JsonRows::new(
    "account_integration",
    &["key", "is_on", "is_set_up", "failure", "failing_since", "presence_both_ways", "settings"],
    "SELECT key, is_on, is_set_up, failure, failing_since, presence_both_ways, settings FROM account_integration \
        WHERE account_id = $1",
);

/// What is kept of an account's privileges.
pub(crate) const PRIVILEGES: JsonRows<PrivilegeRow> = JsonRows::new(
    "account_privilege",
    &["key", "is_on", "set_by"],
    "SELECT key, is_on, set_by FROM account_privilege WHERE account_id = $1",
);

/// A row of [`INTEGRATIONS`].
#[derive(Debug, Deserialize)]
pub(crate) struct IntegrationRow {
    key: String,
    #[serde(deserialize_with = "boolean")]
    is_on: bool,
    #[serde(deserialize_with = "boolean")]
    is_set_up: bool,
    failure: Option<String>,
    failing_since: Option<i64>,
    #[serde(deserialize_with = "boolean")]
    presence_both_ways: bool,
    settings: Option<String>,
}

impl IntegrationRow {
    fn key(&self, account: i64) -> Result<IntegrationKey> {
        IntegrationKey::parse(&self.key)
            .map_err(|error| Error::inconsistent("account_integration", "key", account, error))
    }
}

/// A row of [`PRIVILEGES`].
#[derive(Debug, Deserialize)]
pub(crate) struct PrivilegeRow {
    key: String,
    #[serde(deserialize_with = "boolean")]
    is_on: bool,
    set_by: Option<String>,
}

/// What is kept of an account's services.
pub(crate) async fn load(database: &impl ConnectionTrait, account: i64) -> Result<Services> {
    let integrations = INTEGRATIONS.load(database, account).await?;
    services(account, integrations, PRIVILEGES.load(database, account).await?)
}

/// The services that the rows of `account` make.
pub(crate) fn services(
    account: i64,
    integrations: Vec<IntegrationRow>,
    privileges: Vec<PrivilegeRow>,
) -> Result<Services> {
    let integration = |row: IntegrationRow| {
        let key = row.key(account)?;
        let since = Timestamp(row.failing_since.unwrap_or_default());
        let failure = row.failure.map(|reason| Failure { reason, since });
        let presence_both_ways = row.presence_both_ways;
        Ok((key, Integration { on: row.is_on, set_up: row.is_set_up, failure, presence_both_ways }))
    };
    let privilege = |row: PrivilegeRow| {
        let privilege = Privilege::from_key(&row.key);
        let privilege = privilege.ok_or_else(|| Error::inconsistent("account_privilege", "key", account, row.key))?;
        Ok((privilege, PrivilegeSetting { on: row.is_on, set_by: row.set_by }))
    };
    Ok(Services {
        integrations: integrations.into_iter().map(integration).collect::<Result<_>>()?,
        privileges: privileges.into_iter().map(privilege).collect::<Result<_>>()?,
    })
}

/// What was filled in at the set-up of app registrations.
pub(crate) fn registrations(
    account: i64,
    integrations: &[IntegrationRow],
) -> Result<BTreeMap<IntegrationKey, AppRegistration>> {
    let mut all = BTreeMap::new();
    for row in integrations {
        let Some(settings) = &row.settings else { continue };
        let settings = serde_json::from_str(settings)
            .map_err(|error| Error::inconsistent("account_integration", "settings", account, error))?;
        all.insert(row.key(account)?, settings);
    }
    Ok(all)
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
