//! The outbox: mail is written in the transaction of what it tells of, and sent afterwards.
//!
//! Whoever sends takes a lease of a mail ([`take`]) and says what became of it ([`sent`], [`failed`]).
//! A mail whose sender crashed is taken again when its lease is over: nothing is lost, and a mail goes
//! out twice only if the crash fell between the mail server's 250 and the note of it. Its Message-ID is
//! the same then, by which mail systems know it. A sender whose lease has passed to another cannot mark
//! the mail as failed any more.

use domain::mail::Delivery;
use domain::{
    foreign_text,
    id::{AccountId, PersonId},
    mail::MailFailure,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    Set, Statement, UpdateMany, sea_query::Expr,
};

use crate::{
    Backend,
    entity::{account, mail, membership, person},
    error::Result,
    live::Changed,
    rate_limit::{self, Limit},
    sql::is_among,
    store::{Event, Transaction},
};

/// Seconds for which a mail is left to who took it.
pub const LEASE: i64 = 120;

/// Seconds to wait after the first, second, … time that the recipient's mail server refused a mail for
/// the time being; after the last of them it has failed.
const RECIPIENT_BACK_OFF: [i64; 8] = [30, 120, 600, 1800, 3600, 4 * 3600, 8 * 3600, 24 * 3600];

/// Seconds to wait after the first, second, … attempt that failed by the operator's fault; the last of
/// them again and again, until that is put right.
const OPERATOR_BACK_OFF: [i64; 5] = [30, 60, 120, 300, 900];

/// The most characters that are kept of what a mail server says.
const DETAIL_MAX: usize = 300;

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailText {
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// A mail that is leased to be sent.
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
    /// How often it was taken, this time included; by it the lease is known again.
    pub attempts: i32,
}

/// Why an attempt to send a mail failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    /// The reason.
    pub failure: MailFailure,
    /// Whether trying again would change nothing.
    pub permanent: bool,
    /// The mail server's words; empty if there are none.
    pub detail: String,
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
        // One partner's messages do not keep another's from the same address.
        let key = [account.partner_id.to_string(), recipient.to_owned()];
        limits
            .push(Limit::new("mail to recipient", &key.each_ref().map(String::as_str), MAX_TO_RECIPIENT).within(HOUR));
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
        .filter(is_among(transaction, person::Column::Email, recipients.iter().map(String::as_str)))
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
        refusals: Set(0),
        next_at: Set(now.0),
        failure: Set(None),
        last_error: Set(None),
        created_at: Set(now.0),
        done_at: Set(None),
    });
    mail::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    transaction.after_commit(Event::MailWaits);
    Ok(())
}

/// Takes up to `limit` mails that are due, for [`LEASE`] seconds.
///
/// # Errors
/// Those of the database.
pub async fn take(backend: &Backend, limit: u64) -> Result<Vec<Mail>> {
    let kind = backend.store.backend();
    // Rows that another process is taking at this moment are left to it.
    let lock = if kind == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE mail SET next_at = $1, attempts = attempts + 1, failure = NULL, last_error = NULL WHERE id IN \
         (SELECT id FROM mail WHERE state = 'waiting' AND next_at <= $2 ORDER BY next_at LIMIT {limit} {lock}) \
         RETURNING id, recipient, subject, body, created_at, attempts"
    );
    let now = backend.clock.now();
    let values = [now.plus_seconds(LEASE).0.into(), now.0.into()];
    let statement = Statement::from_sql_and_values(kind, sql, values);
    Ok(Mail::find_by_statement(statement).all(backend.store.writer()).await?)
}

/// Notes that a mail server has taken `mail`. That is a fact, whoever has its lease by now.
///
/// # Errors
/// Those of the database.
pub async fn sent(backend: &Backend, mail: &Mail) -> Result<()> {
    let change = mail::ActiveModel {
        state: Set(Delivery::Sent.key().to_owned()),
        failure: Set(None),
        last_error: Set(None),
        done_at: Set(Some(backend.clock.now().0)),
        ..Default::default()
    };
    update(backend, mail::Entity::update_many().set(change).filter(mail::Column::Id.eq(mail.id))).await
}

/// Notes that an attempt to send `mail` failed. It is tried again, later each time, unless it is for
/// the recipient to put right and trying again is of no use. Whoever has lost the lease notes nothing.
///
/// # Errors
/// Those of the database.
pub async fn failed(backend: &Backend, mail: &Mail, error: &SendError) -> Result<()> {
    let Some(row) = mail::Entity::find_by_id(mail.id).one(backend.store.writer()).await? else { return Ok(()) };
    let now = backend.clock.now();
    let detail = foreign_text::one_line(&error.detail, DETAIL_MAX);
    let mut change = mail::ActiveModel {
        failure: Set(Some(error.failure.key().to_owned())),
        last_error: Set(Some(detail).filter(|detail| !detail.is_empty())),
        ..Default::default()
    };
    if error.failure.is_operators() {
        change.next_at = Set(now.plus_seconds(operator_back_off(row.attempts - row.refusals)).0);
    } else {
        change.refusals = Set(row.refusals + 1);
        let refusals = usize::try_from(row.refusals).unwrap_or_default();
        if let Some(wait) = RECIPIENT_BACK_OFF.get(refusals).filter(|_| !error.permanent) {
            change.next_at = Set(now.plus_seconds(*wait).0);
        } else {
            change.state = Set(Delivery::Failed.key().to_owned());
            change.done_at = Set(Some(now.0));
        }
    }
    let leased = mail::Entity::update_many()
        .set(change)
        .filter(mail::Column::Id.eq(mail.id))
        .filter(mail::Column::State.eq(Delivery::Waiting.key()))
        .filter(mail::Column::Attempts.eq(mail.attempts));
    update(backend, leased).await
}

/// Seconds to wait after so many attempts that failed by the operator's fault.
fn operator_back_off(attempts: i32) -> i64 {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or_default();
    OPERATOR_BACK_OFF[index.min(OPERATOR_BACK_OFF.len() - 1)]
}

/// Makes mail due that waits because of the operator's fault, which may have been put right.
///
/// # Errors
/// Those of the database.
pub async fn retry_after_repair(backend: &Backend) -> Result<()> {
    let now = backend.clock.now();
    let operators = MailFailure::ALL.iter().filter(|failure| failure.is_operators()).map(|failure| failure.key());
    mail::Entity::update_many()
        .col_expr(mail::Column::NextAt, Expr::value(now.0))
        .filter(mail::Column::State.eq(Delivery::Waiting.key()))
        // What is leased has no failure yet.
        .filter(mail::Column::Failure.is_in(operators))
        .exec(backend.store.writer())
        .await?;
    Ok(())
}

/// Lets a mail of `account` that finally failed be sent again; whether there is such a mail.
pub(crate) async fn send_again(
    transaction: &Transaction,
    account: i64,
    id: i64,
    now: Timestamp,
) -> Result<Option<mail::Model>> {
    let change = mail::ActiveModel {
        state: Set(Delivery::Waiting.key().to_owned()),
        refusals: Set(0),
        next_at: Set(now.0),
        failure: Set(None),
        last_error: Set(None),
        done_at: Set(None),
        ..Default::default()
    };
    let failed = mail::Entity::update_many()
        .set(change)
        .filter(mail::Column::Id.eq(id))
        .filter(mail::Column::AccountId.eq(account))
        .filter(mail::Column::State.eq(Delivery::Failed.key()));
    transaction.after_commit(Event::MailWaits);
    Ok(failed.exec_with_returning(transaction).await?.pop())
}

/// How many mails are not yet sent.
///
/// # Errors
/// Those of the database.
pub async fn count_waiting(backend: &Backend) -> Result<i64> {
    let waiting = mail::Entity::find()
        .select_only()
        .column_as(mail::Column::Id.count(), "count")
        .filter(mail::Column::State.eq(Delivery::Waiting.key()));
    Ok(waiting.into_tuple().one(backend.store.reader()).await?.unwrap_or_default())
}

async fn update(backend: &Backend, update: UpdateMany<mail::Entity>) -> Result<()> {
    let transaction = backend.store.begin().await?;
    transaction.unrecorded("a delivery is shown beside its contact and its report");
    for row in update.exec_with_returning(&transaction).await? {
        let account = Some(AccountId(row.account_id));
        transaction.after_commit(Event::Changed(Changed { partner: None, account, record: None }));
    }
    transaction.commit().await
}

/// Days for which mail is kept that was sent and belongs to no report.
const RETENTION: i64 = 30;

/// Removes mail that was sent long ago and belongs to no report.
///
/// # Errors
/// Those of the database.
pub async fn sweep(backend: &Backend) -> Result<()> {
    let before = backend.clock.now().plus_seconds(-RETENTION * 24 * 3600).0;
    mail::Entity::delete_many()
        .filter(mail::Column::State.eq(Delivery::Sent.key()))
        .filter(mail::Column::ReportId.is_null())
        .filter(mail::Column::DoneAt.lte(before))
        .exec(backend.store.writer())
        .await?;
    Ok(())
}
