//! Support contacts.

use serde::{Deserialize, Serialize};

use crate::mail::{Delivery, MailFailure};

/// A support contact as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportContact {
    /// The key of its row.
    pub id: i64,
    /// Address.
    pub email: String,
    /// The name, of a person of the partner.
    pub name: Option<String>,
    /// What became of the last mail to it.
    pub last_mail: Option<LastMail>,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMail {
    /// Whether it was sent.
    pub delivery: Delivery,
    /// Why it was not, so far.
    pub failure: Option<MailFailure>,
    /// The mail server's words for that.
    pub detail: Option<String>,
}

/// A person of the partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPerson {
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
}
