//! What the panels of the account page show, read in one round trip: each room says which rows are its own,
//! and reads them.

use domain::view::activity::ActivityRecord;
use domain::view::contacts::SupportContact;
use domain::view::integrations::AppRegistration;
use domain::view::reports::ProblemReport;
use std::{collections::BTreeMap, sync::LazyLock};

use domain::integrations::{IntegrationKey, Services};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};

use crate::{
    activity::find::{self},
    contacts::{self},
    error::{Error, Result},
    integrations::{
        removed::{self, RemovedIntegration},
        stored,
    },
    reports::{self},
    subscriptions::{self, StoredSubscription},
};

/// What is stored of an account's panels.
#[derive(Debug)]
pub(crate) struct Panels {
    /// Support contacts, in the order in which they were added.
    pub(crate) contacts: Vec<SupportContact>,
    /// The last reports of problems, newest first.
    pub(crate) reports: Vec<ProblemReport>,
    /// Integrations and privileges.
    pub(crate) services: Services,
    /// What was filled in at the set-up of app registrations.
    pub(crate) registrations: BTreeMap<IntegrationKey, AppRegistration>,
    /// Integrations that were removed, with what is kept of them.
    pub(crate) removed: Vec<RemovedIntegration>,
    /// The latest records of activity, the latest first.
    pub(crate) activity: Vec<ActivityRecord>,
    /// Subscriptions, in the order in which they were assigned.
    pub(crate) subscriptions: Vec<StoredSubscription>,
}

#[derive(FromQueryResult)]
struct Row {
    contacts: String,
    reports: String,
    deliveries: String,
    integrations: String,
    privileges: String,
    removed: String,
    activity: String,
    subscriptions: String,
}

static SQLITE: LazyLock<String> = LazyLock::new(|| statement(DbBackend::Sqlite));
static POSTGRES: LazyLock<String> = LazyLock::new(|| statement(DbBackend::Postgres));

fn statement(backend: DbBackend) -> String {
    let parts = [
        ("contacts", contacts::ROWS.expression(backend)),
        ("reports", reports::ROWS.expression(backend)),
        ("deliveries", reports::DELIVERIES.expression(backend)),
        ("integrations", stored::INTEGRATIONS.expression(backend)),
        ("privileges", stored::PRIVILEGES.expression(backend)),
        ("removed", removed::ROWS.expression(backend)),
        ("activity", find::LATEST.expression(backend)),
        ("subscriptions", subscriptions::ROWS.expression(backend)),
    ];
    format!("SELECT {}", parts.map(|(name, expression)| format!("{expression} AS {name}")).join(", "))
}

/// Reads what is stored of the panels of `account`.
pub(crate) async fn load(database: &impl ConnectionTrait, account: i64) -> Result<Panels> {
    let backend = database.get_database_backend();
    let sql = if backend == DbBackend::Sqlite { &SQLITE } else { &POSTGRES };
    let statement = Statement::from_sql_and_values(backend, sql.as_str(), [account.into()]);
    let row = Row::find_by_statement(statement).one(database).await?;
    let row = row.ok_or_else(|| Error::Internal("a statement without a table gave no row".to_owned()))?;
    let integrations = stored::INTEGRATIONS.read(account, &row.integrations)?;
    Ok(Panels {
        contacts: contacts::ROWS.read(account, &row.contacts)?.into_iter().map(Into::into).collect(),
        reports: reports::shown(
            reports::ROWS.read(account, &row.reports)?,
            reports::DELIVERIES.read(account, &row.deliveries)?,
        ),
        registrations: stored::registrations(account, &integrations)?,
        services: stored::services(account, integrations, stored::PRIVILEGES.read(account, &row.privileges)?)?,
        removed: removed::ROWS.read(account, &row.removed)?,
        activity: find::LATEST
            .read(account, &row.activity)?
            .into_iter()
            .map(find::LatestRecord::shown)
            .collect::<Result<_>>()?,
        subscriptions: subscriptions::ROWS.read(account, &row.subscriptions)?,
    })
}
