//! What mail says, in the language of who causes it.

use domain::{account_number::AccountNumber, locale::Locale};
use service::outbox::MailText;

use crate::wording::Wording;

/// The text of a test message that `person` sends, made of the account's name.
pub(crate) fn test_message(locale: Locale, person: &str) -> impl FnOnce(&str) -> MailText {
    let wording = Wording(locale);
    move |account| MailText {
        subject: wording.test_mail_subject(account),
        body: wording.test_mail_body(account, person),
    }
}

/// The text of a report by `person`, made of the account's name, the subject and the description.
pub(crate) fn report(locale: Locale, person: &str, number: AccountNumber) -> impl FnOnce(&str, &str, &str) -> MailText {
    let wording = Wording(locale);
    move |account, subject, description| MailText {
        subject: wording.report_mail_subject(account, subject),
        body: wording.report_mail_body(account, description, &number.grouped(), person),
    }
}
