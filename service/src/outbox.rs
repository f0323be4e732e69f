//! The outbox: mail is written in the transaction of what it tells of, and sent afterwards.
//!
//! Whoever sends takes a mail in hand for a while ([`take`]) and says what became of it ([`sent`],
//! [`failed`]). One that was taken by a process that then crashed is taken again when the while is
//! over: nothing is lost, and a mail goes out twice only if the crash fell between the other side's
//! yes and the note of it. Its Message-ID is the same then, by which mail systems know it.

use domain::{id::AccountId, time::Timestamp};
use sea_orm::{ActiveValue::NotSet, ColumnTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, Set, Statement};

use crate::{
    Backend,
    entity::mail,
    error::Result,
    live::Changed,
    store::{Event, Transaction},
};

/// Seconds for which a mail is in the hand of who took it.
pub const IN_HAND: i64 = 120;

/// Seconds to wait after the first, second, … attempt that failed; after the last of them it is final.
const BACK_OFF: [i64; 8] = [30, 120, 600, 1800, 3600, 4 * 3600, 8 * 3600, 24 * 3600];

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It is still to be sent.
    Waiting,
    /// The other side's mail server has taken it.
    Sent,
    /// It finally could not be sent.
    Failed,
}

impl Delivery {
    /// The key under which it is stored.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    pub(crate) fn from_key(key: &str) -> Self {
        [Self::Sent, Self::Failed].into_iter().find(|delivery| delivery.key() == key).unwrap_or(Self::Waiting)
    }
}

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailText {
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// A mail in hand.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Mail {
    /// The key of its row.
    pub id: i64,
    /// To whom.
    pub recipient: String,
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When it was written, in milliseconds since 1970.
    pub created_at: i64,
}

/// Writes a mail into the outbox.
pub(crate) async fn write(
    transaction: &Transaction,
    account: i64,
    report: Option<i64>,
    recipients: impl IntoIterator<Item = String>,
    text: &MailText,
    now: Timestamp,
) -> Result<()> {
    let rows = recipients.into_iter().map(|recipient| mail::ActiveModel {
        id: NotSet,
        account_id: Set(account),
        report_id: Set(report),
        recipient: Set(recipient),
        subject: Set(text.subject.clone()),
        body: Set(text.body.clone()),
        state: Set(Delivery::Waiting.key().to_owned()),
        attempts: Set(0),
        next_at: Set(now.0),
        last_error: Set(None),
        created_at: Set(now.0),
        done_at: Set(None),
    });
    mail::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    transaction.after_commit(Event::MailWaits);
    Ok(())
}

/// Takes up to `limit` mails that are due in hand, for [`IN_HAND`] seconds.
///
/// # Errors
/// Those of the database.
pub async fn take(backend: &Backend, limit: u64) -> Result<Vec<Mail>> {
    let kind = backend.store.backend();
    // Rows that another process is taking at this moment are left to it.
    let lock = if kind == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE mail SET next_at = $1, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM mail WHERE state = 'waiting' AND next_at <= $2 ORDER BY next_at LIMIT {limit} {lock}) \
         RETURNING id, recipient, subject, body, created_at"
    );
    let now = backend.clock.now();
    let values = [now.plus_seconds(IN_HAND).0.into(), now.0.into()];
    let statement = Statement::from_sql_and_values(kind, sql, values);
    Ok(Mail::find_by_statement(statement).all(backend.store.writer()).await?)
}

/// The mail `id` was taken by the other side.
///
/// # Errors
/// Those of the database.
pub async fn sent(backend: &Backend, id: i64) -> Result<()> {
    finish(backend, id, Delivery::Sent, None).await
}

/// The mail `id` could not be sent. Unless that is `for_good` it is tried again, later each time.
///
/// # Errors
/// Those of the database.
pub async fn failed(backend: &Backend, id: i64, error: &str, for_good: bool) -> Result<()> {
    let Some(row) = mail::Entity::find_by_id(id).one(backend.store.writer()).await? else { return Ok(()) };
    let attempt = usize::try_from(row.attempts).unwrap_or_default().saturating_sub(1);
    let Some(wait) = BACK_OFF.get(attempt).filter(|_| !for_good) else {
        return finish(backend, id, Delivery::Failed, Some(error)).await;
    };
    let change = mail::ActiveModel {
        next_at: Set(backend.clock.now().plus_seconds(*wait).0),
        last_error: Set(Some(error.to_owned())),
        ..Default::default()
    };
    update(backend, id, change).await
}

async fn finish(backend: &Backend, id: i64, delivery: Delivery, error: Option<&str>) -> Result<()> {
    let change = mail::ActiveModel {
        state: Set(delivery.key().to_owned()),
        last_error: Set(error.map(str::to_owned)),
        done_at: Set(Some(backend.clock.now().0)),
        ..Default::default()
    };
    update(backend, id, change).await
}

async fn update(backend: &Backend, id: i64, change: mail::ActiveModel) -> Result<()> {
    let update = mail::Entity::update_many().set(change).filter(mail::Column::Id.eq(id));
    let transaction = backend.store.begin().await?;
    transaction.unrecorded("a delivery is shown beside its contact and its report");
    for row in update.exec_with_returning(&transaction).await? {
        let account = Some(AccountId(row.account_id));
        transaction.after_commit(Event::Changed(Changed { partner: None, account, record: None }));
    }
    transaction.commit().await
}

/// Days for which mail is kept that arrived and belongs to no report.
const KEPT: i64 = 30;

/// Removes mail that arrived long ago and belongs to no report.
///
/// # Errors
/// Those of the database.
pub async fn sweep(backend: &Backend) -> Result<()> {
    let before = backend.clock.now().plus_seconds(-KEPT * 24 * 3600).0;
    mail::Entity::delete_many()
        .filter(mail::Column::State.eq(Delivery::Sent.key()))
        .filter(mail::Column::ReportId.is_null())
        .filter(mail::Column::DoneAt.lte(before))
        .exec(backend.store.writer())
        .await?;
    Ok(())
}
