//! A mail as the message that is sent (RFC 5322, MIME).

use std::fmt;

use domain::mail::MailFailure;
use email_encoding::headers::{rfc2047, writer::EmailWriter};
use lettre::{
    Message,
    message::{
        Mailbox, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use service::outbox::{Mail, SendError};

const SUBJECT: HeaderName = HeaderName::new_from_ascii_str("Subject");

/// The message of `mail`, from `from`.
pub(super) fn message(from: &Mailbox, mail: &Mail) -> Result<Message, SendError> {
    let domain = from.email.domain();
    let recipient = mail.recipient.parse().map_err(|error| unusable(&error))?;
    let mut message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, recipient))
        .subject(&mail.subject)
        // The same however often it is sent, so that mail systems know it again.
        .message_id(Some(format!("<{}.{}@{domain}>", mail.id, mail.created_at)))
        .singlepart(SinglePart::plain(mail.body.clone()))
        .map_err(|error| unusable(&error))?;
    // A subject that looks like an encoded word would be shown decoded.
    if mail.subject.contains("=?") {
        let encoded = encoded_words(&mail.subject).map_err(|error| unusable(&error))?;
        message.headers_mut().insert_raw(HeaderValue::dangerous_new_pre_encoded(
            SUBJECT,
            mail.subject.clone(),
            encoded,
        ));
    }
    Ok(message)
}

/// `text` as encoded words (RFC 2047), folded behind the header's name.
fn encoded_words(text: &str) -> Result<String, fmt::Error> {
    let mut encoded = String::new();
    rfc2047::encode(text, &mut EmailWriter::new(&mut encoded, "Subject: ".len(), 0, false))?;
    Ok(encoded)
}

/// A mail that nothing can make a message of.
fn unusable(error: &dyn fmt::Display) -> SendError {
    SendError { failure: MailFailure::Address, permanent: true, detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    fn raw(subject: &str, body: &str) -> String {
        let mail = Mail {
            id: 7,
            recipient: "help@example.com".to_owned(),
            subject: subject.to_owned(),
            body: body.to_owned(),
            created_at: 1,
            attempts: 1,
        };
        let from = "Tenantry <console@partner.example>".parse().unwrap();
        String::from_utf8(message(&from, &mail).unwrap().formatted()).unwrap()
    }

    #[test]
    fn a_message_is_complete_mime() {
        for body in ["Since noon.", "Dalle 12: città è muta 日本", &"long ".repeat(400)] {
            let raw = raw("Perché?", body);
            for header in [
                "MIME-Version: 1.0\r\n",
                "Content-Type: text/plain; charset=utf-8\r\n",
                "Content-Transfer-Encoding: ",
                "Message-ID: <7.1@partner.example>\r\n",
                "Date: ",
            ] {
                assert_eq!(raw.matches(header).count(), 1, "{header} in\n{raw}");
            }
            assert!(raw.is_ascii() && raw.lines().all(|line| line.len() <= 998), "{raw}");
        }
    }

    #[test]
    fn a_subject_that_looks_encoded_is_encoded() {
        let subject = "Rossi: =?utf-8?q?=41dmin?= ".repeat(6);
        let raw = raw(subject.trim(), "Body");
        let header: String = raw.split("\r\n").skip_while(|line| !line.starts_with("Subject: ")).take(9).collect();
        assert!(raw.contains("Subject: =?utf-8?b?") && !raw.contains("=?utf-8?q?"), "{header}");
        assert!(raw.lines().all(|line| line.len() <= 78), "{header}");
    }

    #[test]
    fn an_address_that_is_none_fails_for_good() {
        let from: Mailbox = "console@partner.example".parse().unwrap();
        let mail = Mail {
            id: 1,
            recipient: "nobody".to_owned(),
            subject: String::new(),
            body: String::new(),
            created_at: 1,
            attempts: 1,
        };
        let error = message(&from, &mail).unwrap_err();
        assert_eq!((error.failure, error.permanent), (MailFailure::Address, true));
    }
}
