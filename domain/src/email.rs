//! E-mail addresses, as people sign in with them and as mail is sent to them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An address of the form `local@domain` in ASCII, in lower case.
///
/// The whole is folded to lower case, so that one person cannot be there twice by the way in
/// which the address was typed; no mail provider of note tells the cases apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// The text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailAddressError;

impl fmt::Display for EmailAddressError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not an e-mail address such as name@example.com")
    }
}

impl std::error::Error for EmailAddressError {}

impl EmailAddress {
    /// The longest address that SMTP carries, in characters (RFC 5321, section 4.5.3.1).
    pub const MAX: u16 = 254;

    /// Reads an address by the rule of HTML's `input type=email`, narrowed to domains with a dot.
    ///
    /// # Errors
    /// [`EmailAddressError`] when it is none.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(EmailAddressError)?;
        let fits = text.len() <= usize::from(Self::MAX)
            && is_local_part(local)
            && domain.contains('.')
            && domain.split('.').all(is_label);
        if fits { Ok(Self(text.to_ascii_lowercase())) } else { Err(EmailAddressError) }
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_local_part(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with('.')
        && !text.ends_with('.')
        && !text.contains("..")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte))
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailAddressError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_and_space() {
        assert_eq!(
            EmailAddress::parse(" Lucia.Neri@Northwind.Example ").map(String::from),
            Ok("lucia.neri@northwind.example".to_owned())
        );
    }

    #[test]
    fn refuses_what_no_server_would_take() {
        let long = format!("{}@example.com", "a".repeat(65));
        for wrong in [
            "",
            "@",
            "a@",
            "@b.example",
            "a@b",
            "a b@c.example",
            "a@-b.example",
            "a@b..example",
            ".a@b.example",
            "a..b@c.example",
            "a@b.example\nBcc: x@y.example",
            "ü@b.example",
            &long,
        ] {
            assert_eq!(EmailAddress::parse(wrong), Err(EmailAddressError), "{wrong}");
        }
    }
}
