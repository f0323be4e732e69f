//! Why a mail has not been sent, and whose fault that is.

use crate::choices::choices;

choices! {
    /// Why a mail has not been sent. The key is stored; the page words it.
    MailFailure {
        /// The console's mail server cannot be reached.
        Unreachable = "unreachable",
        /// No secure connection to the console's mail server can be made.
        Tls = "tls",
        /// The console's mail server refuses its sign-in.
        SignIn = "sign_in",
        /// The console's mail server takes no mail from it at the moment.
        MailServer = "mail_server",
        /// The console's mail server refuses its sender address.
        Sender = "sender",
        /// The recipient's address is none that mail can be sent to.
        Address = "address",
        /// The recipient's domain takes no mail, or does not exist.
        Domain = "domain",
        /// The recipient's mailbox does not exist, or is closed.
        Mailbox = "mailbox",
        /// The recipient's mailbox is full.
        MailboxFull = "mailbox_full",
        /// The message is larger than the recipient's mail server takes.
        TooLarge = "too_large",
        /// The recipient's mail server takes it for unwanted mail.
        Policy = "policy",
        /// The recipient's mail server asks to try again later.
        Busy = "busy",
        /// The recipient's mail server refuses it for another reason.
        Refused = "refused",
    }
}

impl MailFailure {
    /// Whether it is for the operator of the console to put right, and says nothing of the recipient.
    #[must_use]
    pub const fn is_operators(self) -> bool {
        matches!(self, Self::Unreachable | Self::Tls | Self::SignIn | Self::MailServer | Self::Sender)
    }

    /// What the reply to a recipient or to a message means (RFC 5321 section 4.2.3, RFC 3463).
    #[must_use]
    pub fn of_reply(code: u16, text: &str) -> Self {
        if matches!(code, 530 | 534 | 535 | 538) {
            return Self::SignIn;
        }
        if code == 421 || text.to_ascii_lowercase().contains("relay") {
            return Self::MailServer;
        }
        if let Some(failure) = enhanced_status(text).and_then(|(subject, detail)| Self::of_status(subject, detail)) {
            return if code < 500 && !failure.is_operators() { Self::Busy } else { failure };
        }
        match code {
            ..500 => Self::Busy,
            550 | 551 | 553 => Self::Mailbox,
            552 => Self::MailboxFull,
            _ => Self::Refused,
        }
    }

    /// The meaning of an enhanced status code by its subject and detail.
    const fn of_status(subject: u16, detail: u16) -> Option<Self> {
        Some(match (subject, detail) {
            (1, 2 | 10) | (4, 4) => Self::Domain,
            (1, 3) => Self::Address,
            (1, 7 | 8) => Self::Sender,
            (1, _) | (2, 0 | 1) => Self::Mailbox,
            (2, 2) => Self::MailboxFull,
            (2, 3) | (3, 4) => Self::TooLarge,
            (7, 8 | 9 | 11 | 12) => Self::SignIn,
            (7, _) => Self::Policy,
            _ => return None,
        })
    }
}

/// Subject and detail of the enhanced status code with which `text` begins.
fn enhanced_status(text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.split_whitespace().next()?.split('.').map(|number| number.parse::<u16>().ok());
    let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
    (matches!(class, 4 | 5) && numbers.next().is_none()).then_some((subject, detail))
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It is not yet sent.
    Waiting,
    /// A mail server has taken it (250).
    Sent,
    /// It finally could not be sent.
    Failed,
}

impl Delivery {
    /// The key under which it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    /// The one stored as `key`; an unknown one is waiting still.
    #[must_use]
    pub fn from_key(key: &str) -> Self {
        [Self::Sent, Self::Failed].into_iter().find(|delivery| delivery.key() == key).unwrap_or(Self::Waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_says_what_is_wrong_and_whose_fault_it_is() {
        for (code, text, expected) in [
            (550, "5.1.1 no such user", MailFailure::Mailbox),
            (550, "unknown user", MailFailure::Mailbox),
            (550, "5.1.2 host not found", MailFailure::Domain),
            (556, "5.1.10 recipient address has null MX", MailFailure::Domain),
            (552, "5.2.2 over quota", MailFailure::MailboxFull),
            (552, "5.3.4 message too big", MailFailure::TooLarge),
            (554, "5.7.1 rejected as spam", MailFailure::Policy),
            (554, "transaction failed", MailFailure::Refused),
            (450, "4.2.0 greylisted", MailFailure::Busy),
            (451, "4.7.1 try again in five minutes", MailFailure::Busy),
            (452, "4.2.2 over quota", MailFailure::Busy),
            (421, "4.3.2 shutting down", MailFailure::MailServer),
            (554, "5.7.1 Relay access denied", MailFailure::MailServer),
            (530, "5.7.0 authentication required", MailFailure::SignIn),
            (535, "5.7.8 bad credentials", MailFailure::SignIn),
            (553, "5.1.8 sender domain does not exist", MailFailure::Sender),
            (500, "", MailFailure::Refused),
        ] {
            assert_eq!(MailFailure::of_reply(code, text), expected, "{code} {text}");
        }
    }

    #[test]
    fn what_is_the_operators_is_never_the_recipients() {
        let operators = MailFailure::ALL.iter().filter(|failure| failure.is_operators()).count();
        assert_eq!(operators, 5);
        assert!(!MailFailure::Mailbox.is_operators() && !MailFailure::Busy.is_operators());
    }
}
