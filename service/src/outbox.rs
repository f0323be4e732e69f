//! The outbox: mail is written in the transaction of what it tells of, and sent afterwards.
//!
//! Whoever sends takes a mail in hand for a while ([`take`]) and says what became of it ([`sent`],
//! [`failed`]). One that was taken by a process that then crashed is taken again when the while is
//! over: nothing is lost, and a mail goes out twice only if the crash fell between the other side's
//! yes and the note of it. Its Message-ID is the same then, by which mail systems know it.

use domain::{
    id::{AccountId, PersonId},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    Set, Statement,
};

use crate::{
    Backend,
    entity::{account, mail, membership, person},
    error::Result,
    live::Changed,
    rate_limit::{self, Limit},
    store::Transaction,
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

/// Messages whose text people choose, within an hour: by one person, for one account, and to one address outside of
/// its partner.
const MAX_OF_PERSON: i32 = 10;
const MAX_OF_ACCOUNT: i32 = 20;
const MAX_TO_RECIPIENT: i32 = 5;

/// Counts a message of `person` to `recipients` against the limits of mail.
///
/// Addresses of the partner's own people have no limit of their own: they are no strangers, and a colleague who
/// reports very much does not keep the others' reports from them.
///
/// # Errors
/// [`Error::RateLimited`](crate::Error::RateLimited) when one is reached.
pub(crate) async fn count(
    transaction: &Transaction,
    person: PersonId,
    account: &account::Model,
    recipients: &[String],
    now: Timestamp,
) -> Result<()> {
    const HOUR: i64 = 3600;
    let mut limits = vec![
        Limit::new("mail of person", &[&person.0.to_string()], MAX_OF_PERSON).within(HOUR),
        Limit::new("mail of account", &[&account.id.to_string()], MAX_OF_ACCOUNT).within(HOUR),
    ];
    for recipient in outside(transaction, account.partner_id, recipients).await? {
        limits.push(Limit::new("mail to recipient", &[recipient], MAX_TO_RECIPIENT).within(HOUR));
    }
    rate_limit::count(transaction, now, &limits).await
}

/// Those of `recipients` who are no people of the partner.
async fn outside<'a>(transaction: &Transaction, partner: i64, recipients: &'a [String]) -> Result<Vec<&'a str>> {
    let within = membership::Entity::find()
        .select_only()
        .column(membership::Column::PersonId)
        .filter(membership::Column::PartnerId.eq(partner))
        .filter(membership::Column::AccountId.is_null())
        .into_query();
    let own: Vec<String> = person::Entity::find()
        .select_only()
        .column(person::Column::Email)
        .filter(person::Column::Email.is_in(recipients))
        .filter(person::Column::Id.in_subquery(within))
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(recipients.iter().filter(|recipient| !own.contains(recipient)).map(String::as_str).collect())
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
    for row in update.exec_with_returning(backend.store.writer()).await? {
        let account = Some(AccountId(row.account_id));
        backend.store.live().tell(Changed { partner: None, account, record: None });
    }
    Ok(())
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
