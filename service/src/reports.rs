//! Reports of problems with an account. Every support contact gets the mail.

use domain::mail::Delivery;
use domain::view::reports::{ProblemReport, ReportDelivery};
use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::{FieldCheck, FieldError},
    mail::MailFailure,
    rights::Action,
    role::Caller,
    text::parse_text,
    time::Timestamp,
};
use sea_orm::{ActiveValue::NotSet, EntityTrait, Set};
use serde::Deserialize;

use crate::{
    Backend, accounts,
    activity::{Actor, Record},
    contacts,
    entity::problem_report,
    error::{Error, Result},
    idempotency::{self, Claim},
    json_rows::JsonRows,
    outbox::{self, MailText},
};

/// The most characters of a subject.
pub const SUBJECT_MAX: u16 = 120;
/// The most characters of a description.
pub const DESCRIPTION_MAX: u16 = 4000;

/// An account's last reports, newest first.
pub(crate) const ROWS: JsonRows<ReportRow> = JsonRows::new(
    "problem_report",
    &["id", "person_name", "subject", "description", "created_at"],
    "SELECT id, person_name, subject, description, created_at FROM problem_report \
        WHERE account_id = $1 ORDER BY id DESC LIMIT 5",
);

/// The mail of these reports.
pub(crate) const DELIVERIES: JsonRows<DeliveryRow> = JsonRows::new(
    "mail",
    &["id", "report_id", "recipient", "state", "failure", "last_error"],
    "SELECT m.id, m.report_id, m.recipient, m.state, m.failure, m.last_error FROM \
        (SELECT id FROM problem_report WHERE account_id = $1 ORDER BY id DESC LIMIT 5) p \
        JOIN mail m ON m.report_id = p.id ORDER BY m.id",
);

/// A row of [`ROWS`].
#[derive(Debug, Deserialize)]
pub(crate) struct ReportRow {
    id: i64,
    person_name: String,
    subject: String,
    description: String,
    created_at: i64,
}

/// A row of [`DELIVERIES`].
#[derive(Debug, Deserialize)]
pub(crate) struct DeliveryRow {
    id: i64,
    report_id: i64,
    recipient: String,
    state: String,
    failure: Option<String>,
    last_error: Option<String>,
}

/// Each report with its deliveries.
pub(crate) fn shown(reports: Vec<ReportRow>, mut deliveries: Vec<DeliveryRow>) -> Vec<ProblemReport> {
    let with_deliveries = |report: ReportRow| ProblemReport {
        person_name: report.person_name,
        subject: report.subject,
        description: report.description,
        at: Timestamp(report.created_at),
        deliveries: deliveries.extract_if(.., |row| row.report_id == report.id).map(Into::into).collect(),
    };
    reports.into_iter().map(with_deliveries).collect()
}

impl From<DeliveryRow> for ReportDelivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            recipient: row.recipient,
            delivery: Delivery::from_key(&row.state),
            failure: row.failure.as_deref().and_then(MailFailure::from_key),
            detail: row.last_error,
        }
    }
}

/// Reports a problem. `text` makes the mail of the account's name, the subject and the description.
///
/// # Errors
/// [`Error::Invalid`] for a subject or a description that is refused; [`Error::RateLimited`] after too many of the
/// person, of the account, or to one of the contacts; [`Error::NotFound`] and
/// [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "reports::report", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn report(
    backend: &Backend,
    caller: &Caller,
    number: AccountNumber,
    subject: &str,
    description: &str,
    text: impl FnOnce(&str, &str, &str) -> MailText,
) -> Result<()> {
    let mut check = FieldCheck::default();
    let subject = check.take("subject", domain::customer::required_line(subject, SUBJECT_MAX));
    let description = parse_text(description, DESCRIPTION_MAX).map_err(FieldError::Text);
    let description = check.take("description", description.and_then(|text| text.ok_or(FieldError::Required)));
    let (Some(subject), Some(description)) = (subject, description) else {
        return Err(Error::Invalid(check.into_errors()));
    };
    let now = backend.clock.now();
    let (transaction, row) = accounts::begin(backend, caller, Action::ReportProblem, number).await?;
    let content = [number.to_string(), subject.clone(), description.clone()];
    let claimed = match idempotency::claim(backend, &transaction, caller, "report_problem", &content).await? {
        Claim::Repeat(_) => return Ok(()),
        Claim::First(claimed) => claimed,
    };
    let recipients = contacts::present(&transaction, row.id).await?.into_iter().map(|contact| contact.email);
    let recipients: Vec<String> = recipients.collect();
    outbox::count(&transaction, caller.person, &row, &recipients, now).await?;
    let text = text(&row.name, &subject, &description);
    let report = problem_report::ActiveModel {
        id: NotSet,
        account_id: Set(row.id),
        person_name: Set(caller.name.clone()),
        subject: Set(subject.clone()),
        description: Set(description),
        created_at: Set(now.0),
    };
    let report = problem_report::Entity::insert(report).exec_with_returning(&transaction).await?.id;
    outbox::write(&transaction, row.id, Some(report), recipients, &text, now).await?;
    let change = Change { field: "subject".to_owned(), old: String::new(), new: subject };
    Record::of(backend, &row, Actor::Person(caller), ActivityKind::ProblemReported, &[change])
        .write(&transaction)
        .await?;
    claimed.complete(&transaction, &report.to_string()).await?;
    transaction.commit().await
}

/// Sends the mail of a report again that finally failed; gives its recipient.
///
/// # Errors
/// [`Error::NotFound`] when no such mail has failed; [`Error::RateLimited`] after too many; also, and
/// [`Error::Forbidden`], by rights.
#[tracing::instrument(name = "reports::send_again", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn send_again(backend: &Backend, caller: &Caller, number: AccountNumber, mail: i64) -> Result<String> {
    let (transaction, row) = accounts::begin(backend, caller, Action::ReportProblem, number).await?;
    let now = backend.clock.now();
    let mail = outbox::send_again(&transaction, row.id, mail, now).await?.ok_or(Error::NotFound)?;
    outbox::count(&transaction, caller.person, &row, std::slice::from_ref(&mail.recipient), now).await?;
    let change = Change { field: "support_contact".to_owned(), old: String::new(), new: mail.recipient.clone() };
    Record::of(backend, &row, Actor::Person(caller), ActivityKind::ReportSentAgain, &[change])
        .write(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(mail.recipient)
}
