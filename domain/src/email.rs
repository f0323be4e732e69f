//! E-mail addresses, as people sign in with them and as mail is sent to them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{fold_width, normalize_line};

/// An address of the form `local@domain` in ASCII, in lower case. The domain of another script is
/// held as servers write it (punycode); [`EmailAddress::readable`] is for people.
///
/// The whole is folded to lower case, so that one person cannot be there twice by the way in
/// which the address was typed; no mail provider of note tells the cases apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// Why a text is no e-mail address. The page words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailAddressError {
    /// Not of the form `local@domain`, or too long.
    Form,
    /// A space inside.
    Space,
    /// A character before the `@` that no address has there.
    Character(char),
    /// What follows the `@` is no domain.
    Domain,
}

impl fmt::Display for EmailAddressError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => formatter.write_str("not an e-mail address such as name@example.com"),
            Self::Space => formatter.write_str("an e-mail address has no spaces"),
            Self::Character(character) => write!(formatter, "an e-mail address has no {character:?} before the @"),
            Self::Domain => formatter.write_str("what follows the @ is no domain such as example.com"),
        }
    }
}

impl std::error::Error for EmailAddressError {}

impl EmailAddress {
    /// The longest address that SMTP carries, in characters (RFC 5321, section 4.5.3.1).
    pub const MAX: u16 = 254;

    /// Reads an address by the rule of HTML's `input type=email`, narrowed to domains with a dot
    /// and widened to domains of every script (UTS 46). Spaces around it and invisible marks do
    /// not count.
    ///
    /// # Errors
    /// [`EmailAddressError`] when it is none.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let text = fold_width(&normalize_line(text));
        let (local, domain) = text.rsplit_once('@').ok_or(EmailAddressError::Form)?;
        if text.contains(' ') {
            return Err(EmailAddressError::Space);
        }
        check_local_part(local)?;
        let domain = ascii_domain(domain).filter(|domain| is_domain(domain)).ok_or(EmailAddressError::Domain)?;
        let address = format!("{local}@{domain}").to_ascii_lowercase();
        if address.len() > usize::from(Self::MAX) {
            return Err(EmailAddressError::Form);
        }
        Ok(Self(address))
    }

    /// Whether somebody who typed `text` meant an address and not a name.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        fold_width(text).contains('@')
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with its domain in the script of those who own it.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn readable(&self) -> String {
        let Some((local, domain)) = self.0.rsplit_once('@') else { return self.0.clone() };
        match idna::domain_to_unicode(domain) {
            (readable, Ok(())) => format!("{local}@{readable}"),
            (_, Err(_)) => self.0.clone(),
        }
    }
}

/// Makes a stored or recorded address readable; other text stays as it is.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn readable(text: &str) -> String {
    EmailAddress::parse(text).map_or_else(|_| text.to_owned(), |address| address.readable())
}

fn check_local_part(text: &str) -> Result<(), EmailAddressError> {
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(character);
    if let Some(character) = text.chars().find(|character| !is_allowed(*character)) {
        return Err(EmailAddressError::Character(character));
    }
    let fits = (1..=64).contains(&text.len()) && !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    if fits { Ok(()) } else { Err(EmailAddressError::Form) }
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The domain as servers write it; `None` when no domain is written so.
fn ascii_domain(domain: &str) -> Option<String> {
    let is_plain = domain.is_ascii() && !domain.to_ascii_lowercase().contains("xn--");
    // What ends a domain in an address of the web is none of a domain's characters.
    let is_possible =
        |character: char| !character.is_ascii() || character.is_ascii_alphanumeric() || ".-".contains(character);
    if is_plain {
        return Some(domain.to_owned());
    }
    domain.chars().all(is_possible).then(|| platform_domain(domain)).flatten()
}

#[cfg(not(target_arch = "wasm32"))]
fn platform_domain(domain: &str) -> Option<String> {
    idna::domain_to_ascii(domain).ok()
}

#[cfg(target_arch = "wasm32")]
fn platform_domain(domain: &str) -> Option<String> {
    web_sys::Url::new(&format!("https://{domain}")).ok().map(|address| address.hostname())
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
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folds_case_and_space() {
        for typed in [
            " Lucia.Neri@Northwind.Example ",
            "lucia.neri@northwind.example\u{A0}",
            "\u{3000}lucia.neri@northwind.example\u{2003}\n",
            "\u{200F}lucia.neri@northwind.example",
            "\u{202A}lucia.neri@north\u{AD}wind.example\u{202C}",
            "ｌｕｃｉａ．ｎｅｒｉ＠ｎｏｒｔｈｗｉｎｄ．ｅｘａｍｐｌｅ",
        ] {
            let read = EmailAddress::parse(typed).map(String::from);
            assert_eq!(read, Ok("lucia.neri@northwind.example".to_owned()), "{typed:?}");
        }
    }

    #[test]
    fn a_domain_of_any_script_is_held_as_servers_write_it() {
        for (typed, held, readable) in [
            ("info@müller.example", "info@xn--mller-kva.example", "info@müller.example"),
            ("info@MU\u{308}LLER.Example", "info@xn--mller-kva.example", "info@müller.example"),
            ("info@xn--mller-kva.example", "info@xn--mller-kva.example", "info@müller.example"),
            ("a@例え。テスト", "a@xn--r8jz45g.xn--zckzah", "a@例え.テスト"),
            ("a@straße.example", "a@xn--strae-oqa.example", "a@straße.example"),
            ("a@example.com", "a@example.com", "a@example.com"),
        ] {
            let address = EmailAddress::parse(typed).unwrap();
            assert_eq!((address.as_str(), address.readable().as_str()), (held, readable));
            assert_eq!(EmailAddress::parse(&address.readable()), Ok(address));
        }
        assert_eq!(readable("a@xn--mller-kva.example"), "a@müller.example");
        assert_eq!(readable("not an address"), "not an address");
    }

    #[test]
    fn refuses_what_no_server_would_take_and_says_why() {
        use EmailAddressError::{Character, Domain, Form, Space};
        let long = format!("{}@example.com", "a".repeat(65));
        let longest = format!("a@{}com", "example.".repeat(40));
        for (wrong, reason) in [
            ("", Form),
            ("name", Form),
            ("@", Form),
            ("a@", Domain),
            ("@b.example", Form),
            ("a@b", Domain),
            ("a b@c.example", Space),
            ("lu@example com", Space),
            ("a@b.example\nBcc: x@y.example", Space),
            ("a@-b.example", Domain),
            ("a@b..example", Domain),
            ("a@xn--a.example", Domain),
            ("a@b_c.example", Domain),
            ("a@ü/b.example", Domain),
            (".a@b.example", Form),
            ("a..b@c.example", Form),
            ("Zoë@example.com", Character('ë')),
            ("Zoe\u{308}@example.com", Character('ë')),
            ("a,b@c.example", Character(',')),
            ("a@b@c.example", Character('@')),
            (&long, Form),
            (&longest, Form),
        ] {
            assert_eq!(EmailAddress::parse(wrong), Err(reason), "{wrong}");
        }
    }

    #[test]
    fn what_has_an_at_sign_is_meant_as_an_address() {
        assert!(EmailAddress::is_meant("lu@example com") && EmailAddress::is_meant("lu＠example"));
        assert!(!EmailAddress::is_meant("Lucia Neri"));
    }

    proptest! {
        #[test]
        fn what_is_read_reads_back_the_same(text in "\\PC{0,12}@\\PC{0,12}\\.\\PC{1,4}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(address.as_str().is_ascii());
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address));
            }
        }
    }
}
