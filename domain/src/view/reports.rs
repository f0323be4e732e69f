//! Reports of problems.

use serde::{Deserialize, Serialize};

use crate::{
    mail::{Delivery, MailFailure},
    time::Timestamp,
};

/// A report as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemReport {
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportDelivery {
    /// The key of the mail.
    pub id: i64,
    /// The contact's address.
    pub recipient: String,
    /// Whether it was sent.
    pub delivery: Delivery,
    /// Why it was not, so far.
    pub failure: Option<MailFailure>,
    /// The mail server's words for that.
    pub detail: Option<String>,
}
