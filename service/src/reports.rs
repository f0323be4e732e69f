//! Reports of problems with an account. Every support contact gets the mail.

use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::{FieldCheck, FieldError},
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
    json_rows::JsonRows,
    outbox::{self, Delivery, MailText},
};

/// The most characters of a subject.
pub const SUBJECT_MAX: u16 = 120;
/// The most characters of a description.
pub const DESCRIPTION_MAX: u16 = 4000;

/// A report as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownReport {
    /// Who reported it.
    pub person_name: String,
    /// In one line.
    pub subject: String,
    /// What happens.
    pub description: String,
    /// When it was reported.
    pub at: Timestamp,
    /// What became of the mail to each contact.
    pub deliveries: Vec<ReportDelivery>,
}

/// What became of the mail to one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportDelivery {
    /// The contact's address.
    pub recipient: String,
    /// Whether it arrived.
    pub delivery: Delivery,
    /// Why it did not, in the words of the other side's mail server.
    pub error: Option<String>,
}

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
    &["report_id", "recipient", "state", "last_error"],
    "SELECT m.report_id, m.recipient, m.state, m.last_error FROM \
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
    report_id: i64,
    recipient: String,
    state: String,
    last_error: Option<String>,
}

/// Each report with its deliveries.
pub(crate) fn shown(reports: Vec<ReportRow>, mut deliveries: Vec<DeliveryRow>) -> Vec<ShownReport> {
    let with_deliveries = |report: ReportRow| ShownReport {
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
        Self { recipient: row.recipient, delivery: Delivery::from_key(&row.state), error: row.last_error }
    }
}

/// Reports a problem. `text` makes the mail of the account's name, the subject and the description.
///
/// # Errors
/// [`Error::Invalid`] for a subject or a description that is refused; [`Error::NotFound`] and
/// [`Error::Forbidden`] by rights.
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
    let recipients = contacts::present(&transaction, row.id).await?.into_iter().map(|contact| contact.email);
    outbox::write(&transaction, row.id, Some(report), recipients, &text, now).await?;
    let change = Change { field: "subject".to_owned(), old: String::new(), new: subject };
    Record::of(backend, &row, Actor::Person(caller), ActivityKind::ProblemReported, &[change])
        .write(&transaction)
        .await?;
    transaction.commit().await
}
