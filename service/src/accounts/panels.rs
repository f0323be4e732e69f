//! What the panels of the account page show, read in one go: a page waits for one answer of the
//! database, not for eight.

use std::{collections::BTreeMap, sync::LazyLock};

use domain::{
    activity::ActivityKind,
    id::PersonId,
    integrations::{Failure, Integration, IntegrationKey, Privilege, PrivilegeSetting, Services},
    mail::MailFailure,
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
    subscriptions::StoredSubscription,
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
    /// Subscriptions, in the order in which they were assigned.
    pub(crate) subscriptions: Vec<StoredSubscription>,
}

/// The columns that the parts share, and what stands in them where a part leaves them out.
const COLUMNS: [(&str, &str); 17] = [
    ("id", "0"),
    ("a", NO_TEXT),
    ("b", NO_TEXT),
    ("c", NO_TEXT),
    ("d", NO_TEXT),
    ("e", NO_TEXT),
    ("f", NO_TEXT),
    ("g", NO_TEXT),
    ("h", NO_TEXT),
    ("i", NO_TEXT),
    ("number", NO_NUMBER),
    ("second", NO_NUMBER),
    ("third", NO_NUMBER),
    ("x", "FALSE"),
    ("y", "FALSE"),
    ("z", "FALSE"),
    ("bytes", "NULL"),
];

const NO_TEXT: &str = "CAST(NULL AS TEXT)";
const NO_NUMBER: &str = "CAST(NULL AS BIGINT)";

/// The parts, counted from one: what each puts into which of [`COLUMNS`], and from where. `$1` is the
/// account, `$2` its partner.
type Part = (&'static [(&'static str, &'static str)], &'static str);

const PARTS: [Part; 8] = [
    // The first one's types are everyone's, and it alone knows that of bytes.
    (&[("number", "expires_at"), ("bytes", "sealed_code")], "gateway_code WHERE account_id = $1 AND used_at IS NULL"),
    (
        &[
            ("id", "c.id"),
            ("a", "c.email"),
            ("b", NAME_OF_CONTACT),
            ("c", "l.state"),
            ("d", "l.last_error"),
            ("e", "l.failure"),
        ],
        "support_contact c LEFT JOIN mail l ON l.id = \
            (SELECT MAX(id) FROM mail WHERE account_id = $1 AND recipient = c.email) WHERE c.account_id = $1",
    ),
    (
        &[("id", "id"), ("a", "person_name"), ("b", "subject"), ("c", "description"), ("number", "created_at")],
        "(SELECT * FROM problem_report WHERE account_id = $1 ORDER BY id DESC LIMIT 5) r",
    ),
    (
        &[
            ("id", "m.id"),
            ("a", "m.recipient"),
            ("b", "m.state"),
            ("c", "m.last_error"),
            ("d", "m.failure"),
            ("number", "m.report_id"),
        ],
        "(SELECT id FROM problem_report WHERE account_id = $1 ORDER BY id DESC LIMIT 5) r \
            JOIN mail m ON m.report_id = r.id",
    ),
    (
        &[
            ("a", "key"),
            ("b", "failure"),
            ("c", "settings"),
            ("number", "failing_since"),
            ("x", "is_on"),
            ("y", "is_set_up"),
            ("z", "presence_both_ways"),
        ],
        "account_integration WHERE account_id = $1",
    ),
    (&[("a", "key"), ("b", "set_by"), ("x", "is_on")], "account_privilege WHERE account_id = $1"),
    (
        &[
            ("id", "r.id"),
            ("a", "r.person_name"),
            ("b", "r.kind"),
            ("c", "r.changes"),
            ("d", "p.email"),
            ("number", "r.at"),
            ("second", "r.person_id"),
        ],
        "(SELECT id, person_name, person_id, kind, changes, at FROM activity WHERE account_id = $1 \
            ORDER BY at DESC, id DESC LIMIT 5) r LEFT JOIN person p ON p.id = r.person_id",
    ),
    (
        &[
            ("id", "s.id"),
            ("a", "s.number"),
            ("b", "o.application"),
            ("c", "o.plan"),
            ("d", "o.starts_on"),
            ("e", "o.ends_on"),
            ("f", "o.tracking_number"),
            ("g", "o.sap_order"),
            ("h", "o.purchase_orders"),
            ("i", "o.purchased_on"),
            ("number", "s.quantity"),
            ("second", "o.quantity"),
            ("third", "o.remaining"),
        ],
        "subscription s JOIN partner_order o ON o.id = s.order_id WHERE s.account_id = $1",
    ),
];

/// The name of the person of the partner who has a contact's address.
const NAME_OF_CONTACT: &str = "(SELECT p.name FROM person p JOIN membership m ON m.person_id = p.id \
    WHERE p.email = c.email AND m.partner_id = $2 AND m.account_id IS NULL)";

/// The parts one below the other.
static LOAD: LazyLock<String> = LazyLock::new(|| {
    let part = |(index, (filled, from)): (usize, &Part)| {
        let columns = COLUMNS.iter().map(|(name, otherwise)| {
            let value = filled.iter().find(|(column, _)| column == name).map_or(otherwise, |(_, value)| value);
            format!("{value} AS {name}")
        });
        format!("SELECT {} AS part, {} FROM {from}", index + 1, columns.collect::<Vec<_>>().join(", "))
    };
    let parts: Vec<String> = PARTS.iter().enumerate().map(part).collect();
    format!("{} ORDER BY part, id", parts.join(" UNION ALL "))
});

#[derive(FromQueryResult)]
struct Row {
    part: i32,
    id: i64,
    a: Option<String>,
    b: Option<String>,
    c: Option<String>,
    d: Option<String>,
    e: Option<String>,
    f: Option<String>,
    g: Option<String>,
    h: Option<String>,
    i: Option<String>,
    number: Option<i64>,
    second: Option<i64>,
    third: Option<i64>,
    x: bool,
    y: bool,
    z: bool,
    bytes: Option<Vec<u8>>,
}

/// Reads what is stored of the panels of `account`.
pub(crate) async fn load(database: &impl ConnectionTrait, account: &account::Model) -> Result<Panels> {
    let values = [account.id.into(), account.partner_id.into()];
    let statement = Statement::from_sql_and_values(database.get_database_backend(), LOAD.as_str(), values);
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
            7 => panels.activity.extend(record(row)?),
            _ => panels.subscriptions.push(subscription(row)),
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
        person: row.second.map(PersonId),
        person_email: row.d,
        kind,
        changes: activity::from_json(&row.c.unwrap_or_default())?,
        account: None,
    }))
}

fn subscription(row: Row) -> StoredSubscription {
    StoredSubscription {
        number: row.a.unwrap_or_default(),
        assigned: row.number.unwrap_or_default(),
        application: row.b.unwrap_or_default(),
        plan: row.c.unwrap_or_default(),
        quantity: row.second.unwrap_or_default(),
        remaining: row.third.unwrap_or_default(),
        starts_on: row.d.unwrap_or_default(),
        ends_on: row.e,
        tracking_number: row.f.unwrap_or_default(),
        sap_order: row.g,
        purchase_orders: row.h.unwrap_or_default(),
        purchased_on: row.i.unwrap_or_default(),
    }
}

fn contact(row: Row) -> ShownContact {
    ShownContact {
        id: row.id,
        email: row.a.unwrap_or_default(),
        name: row.b,
        last_mail: row.c.map(|state| LastMail {
            delivery: Delivery::from_key(&state),
            failure: row.e.as_deref().and_then(MailFailure::from_key),
            detail: row.d,
        }),
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
        id: row.id,
        recipient: row.a.unwrap_or_default(),
        delivery: Delivery::from_key(&row.b.unwrap_or_default()),
        failure: row.d.as_deref().and_then(MailFailure::from_key),
        detail: row.c,
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
