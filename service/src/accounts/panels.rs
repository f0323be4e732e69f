//! What the panels of the account page show, read in one go: a page waits for one answer of the
//! database, not for seven.

use std::collections::BTreeMap;

use domain::{
    activity::ActivityKind,
    integrations::{Failure, Integration, IntegrationKey, Privilege, PrivilegeSetting, Services},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::{
    activity::{self, find::ShownRecord},
    contacts::{LastMail, ShownContact},
    entity::account,
    error::Result,
    integrations::{gateway::StoredCode, microsoft::Registration},
    outbox::Delivery,
    reports::{ReportDelivery, ShownReport},
};

/// What is stored of an account's panels.
#[derive(Debug, Default)]
pub(crate) struct Panels {
    /// Support contacts, in the order in which they were added.
    pub(crate) contacts: Vec<ShownContact>,
    /// The last reports of problems, newest first.
    pub(crate) reports: Vec<ShownReport>,
    /// Integrations and privileges.
    pub(crate) services: Services,
    /// What was filled in at the set-up of app registrations.
    pub(crate) registrations: BTreeMap<IntegrationKey, Registration>,
    /// The gateway's code, unless it was used.
    pub(crate) code: Option<StoredCode>,
    /// The latest records of activity, the latest first.
    pub(crate) activity: Vec<ShownRecord>,
}

/// The parts one below the other, each in its own meaning of the columns; see [`Row`].
const LOAD: &str = "\
    SELECT 1 AS part, 0 AS id, CAST(NULL AS TEXT) AS a, CAST(NULL AS TEXT) AS b, CAST(NULL AS TEXT) AS c, \
        CAST(NULL AS TEXT) AS d, expires_at AS number, FALSE AS x, FALSE AS y, FALSE AS z, sealed_code AS bytes \
        FROM gateway_code WHERE account_id = $1 AND used_at IS NULL \
    UNION ALL SELECT 2, c.id, c.email, (SELECT p.name FROM person p JOIN membership m ON m.person_id = p.id \
        WHERE p.email = c.email AND m.partner_id = $2 AND m.account_id IS NULL), l.state, l.last_error, \
        NULL, FALSE, FALSE, FALSE, NULL FROM support_contact c LEFT JOIN mail l ON l.id = \
        (SELECT MAX(id) FROM mail WHERE account_id = $1 AND recipient = c.email) WHERE c.account_id = $1 \
    UNION ALL SELECT 3, r.id, r.person_name, r.subject, r.description, NULL, r.created_at, FALSE, FALSE, FALSE, NULL \
        FROM (SELECT * FROM problem_report WHERE account_id = $1 ORDER BY id DESC LIMIT 5) r \
    UNION ALL SELECT 4, m.id, m.recipient, m.state, m.last_error, NULL, m.report_id, FALSE, FALSE, FALSE, NULL \
        FROM (SELECT id FROM problem_report WHERE account_id = $1 ORDER BY id DESC LIMIT 5) r \
        JOIN mail m ON m.report_id = r.id \
    UNION ALL SELECT 5, 0, key, failure, settings, NULL, failing_since, is_on, is_set_up, presence_both_ways, NULL \
        FROM account_integration WHERE account_id = $1 \
    UNION ALL SELECT 6, 0, key, set_by, NULL, NULL, NULL, is_on, FALSE, FALSE, NULL \
        FROM account_privilege WHERE account_id = $1 \
    UNION ALL SELECT 7, r.id, r.person_name, r.kind, r.changes, NULL, r.at, FALSE, FALSE, FALSE, NULL \
        FROM (SELECT * FROM activity WHERE account_id = $1 ORDER BY at DESC, id DESC LIMIT 5) r \
    ORDER BY part, id";

#[derive(FromQueryResult)]
struct Row {
    part: i32,
    id: i64,
    a: Option<String>,
    b: Option<String>,
    c: Option<String>,
    d: Option<String>,
    number: Option<i64>,
    x: bool,
    y: bool,
    z: bool,
    bytes: Option<Vec<u8>>,
}

/// Reads what is stored of the panels of `account`.
pub(crate) async fn load(database: &impl ConnectionTrait, account: &account::Model) -> Result<Panels> {
    let values = [account.id.into(), account.partner_id.into()];
    let statement = Statement::from_sql_and_values(database.get_database_backend(), LOAD, values);
    let mut panels = Panels::default();
    let mut reports = BTreeMap::new();
    for row in Row::find_by_statement(statement).all(database).await? {
        match row.part {
            1 => panels.code = code(row),
            2 => panels.contacts.push(contact(row)),
            3 => drop(reports.insert(row.id, report(row))),
            4 => {
                if let Some(report) = row.number.and_then(|report| reports.get_mut(&report)) {
                    report.deliveries.push(delivery(row));
                }
            }
            5 => integration(&mut panels, row),
            6 => panels.services.privileges.extend(privilege(row)),
            _ => panels.activity.extend(record(row)?),
        }
    }
    panels.activity.sort_by_key(|record| std::cmp::Reverse((record.at, record.id)));
    panels.reports = reports.into_values().rev().collect();
    Ok(panels)
}

fn code(row: Row) -> Option<StoredCode> {
    Some(StoredCode { sealed: row.bytes?, expires_at: Timestamp(row.number?) })
}

fn privilege(row: Row) -> Option<(Privilege, PrivilegeSetting)> {
    Some((Privilege::from_key(&row.a?)?, PrivilegeSetting { on: row.x, set_by: row.b }))
}

fn record(row: Row) -> Result<Option<ShownRecord>> {
    let Some(kind) = row.b.as_deref().and_then(ActivityKind::from_key) else { return Ok(None) };
    Ok(Some(ShownRecord {
        id: row.id,
        at: Timestamp(row.number.unwrap_or_default()),
        person_name: row.a.unwrap_or_default(),
        kind,
        changes: activity::from_json(&row.c.unwrap_or_default())?,
        account: None,
    }))
}

fn contact(row: Row) -> ShownContact {
    ShownContact {
        id: row.id,
        email: row.a.unwrap_or_default(),
        name: row.b,
        last_mail: row.c.map(|state| LastMail { delivery: Delivery::from_key(&state), error: row.d }),
    }
}

fn report(row: Row) -> ShownReport {
    ShownReport {
        person_name: row.a.unwrap_or_default(),
        subject: row.b.unwrap_or_default(),
        description: row.c.unwrap_or_default(),
        at: Timestamp(row.number.unwrap_or_default()),
        deliveries: Vec::new(),
    }
}

fn delivery(row: Row) -> ReportDelivery {
    ReportDelivery {
        recipient: row.a.unwrap_or_default(),
        delivery: Delivery::from_key(&row.b.unwrap_or_default()),
        error: row.c,
    }
}

fn integration(panels: &mut Panels, row: Row) {
    let Some(key) = row.a.and_then(|key| IntegrationKey::parse(&key).ok()) else { return };
    let failure = row.b.map(|reason| Failure { reason, since: Timestamp(row.number.unwrap_or_default()) });
    let kept = Integration { on: row.x, set_up: row.y, failure, presence_both_ways: row.z };
    if let Some(registration) = row.c.and_then(|settings| serde_json::from_str(&settings).ok()) {
        panels.registrations.insert(key.clone(), registration);
    }
    panels.services.integrations.insert(key, kept);
}
