//! The Account ID: nine digits that people read to each other over the telephone.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::text::fold_code;

/// An Account ID: eight digits drawn at random and a check digit by ISO 7064 MOD 11,10, which
/// finds every single wrong digit and nearly every pair of neighbours that changed places.
///
/// Written in groups of three (`482 913 576`) where people read it, without spaces elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountNumber(u32);

/// The text is no Account ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountNumberError {
    /// Not nine digits, what parts them aside, or the first of them is a zero.
    Form,
    /// The last digit does not fit the others: one was mistyped.
    CheckDigit,
}

impl fmt::Display for AccountNumberError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Form => "an Account ID has nine digits",
            Self::CheckDigit => "a digit of the Account ID is wrong",
        })
    }
}

impl std::error::Error for AccountNumberError {}

impl AccountNumber {
    /// How many different numbers there are: eight digits of which the first is not zero.
    pub const COUNT: u32 = 90_000_000;

    /// The number for the `index`-th payload, counted from zero and wrapped at [`Self::COUNT`].
    /// Whoever draws `index` at random has drawn an Account ID.
    #[must_use]
    pub fn from_index(index: u32) -> Self {
        let payload = 10_000_000 + index % Self::COUNT;
        Self(payload * 10 + check_digit(payload))
    }

    /// Reads an Account ID as people write and paste it: digits of any script, with spaces, dashes
    /// or other marks between them, after a label such as `Account ID`.
    ///
    /// # Errors
    /// [`AccountNumberError`] when it is none.
    pub fn parse(text: &str) -> Result<Self, AccountNumberError> {
        let text = fold_code(text);
        let is_digit = |character: char| character.is_ascii_digit();
        let (label, number) = text.split_at(text.find(is_digit).ok_or(AccountNumberError::Form)?);
        if !is_label(label) || number.chars().any(char::is_alphabetic) {
            return Err(AccountNumberError::Form);
        }
        let digits: String = number.chars().filter(|character| is_digit(*character)).collect();
        let value = match digits.parse::<u32>() {
            Ok(value) if digits.len() == 9 && value >= 100_000_000 => value,
            _ => return Err(AccountNumberError::Form),
        };
        if check_digit(value / 10) != value % 10 {
            return Err(AccountNumberError::CheckDigit);
        }
        Ok(Self(value))
    }

    /// The nine digits as one number, the form in which it is stored.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// The digits in groups of three, with no-break spaces so that a line never parts them.
    #[must_use]
    pub fn grouped(self) -> String {
        let value = self.0;
        format!("{}\u{A0}{:03}\u{A0}{:03}", value / 1_000_000, value / 1000 % 1000, value % 1000)
    }
}

/// Words of the labels under which pages show an Account ID, in the languages of the console.
const LABEL: [&str; 6] = ["account", "id", "n", "no", "number", "numero"];

/// Whether what stands before the digits is a label of theirs, and not a name, say.
fn is_label(text: &str) -> bool {
    let mut words = text.split(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty());
    words.all(|word| LABEL.iter().any(|label| label.eq_ignore_ascii_case(word)))
}

/// The check digit of ISO 7064 MOD 11,10 over the eight digits of `payload`.
fn check_digit(payload: u32) -> u32 {
    let mut product = 10;
    let mut divisor = 10_000_000;
    while divisor > 0 {
        let sum = (payload / divisor % 10 + product) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
        divisor /= 10;
    }
    (11 - product) % 10
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl FromStr for AccountNumber {
    type Err = AccountNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for AccountNumber {
    type Error = AccountNumberError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<AccountNumber> for String {
    fn from(number: AccountNumber) -> Self {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_check_digit_is_that_of_the_standard() {
        // Worked out by hand from the definition: over ten million the remainder before the last step is 3.
        assert_eq!(AccountNumber::from_index(0).get() / 10, 10_000_000);
        assert_eq!(AccountNumber::parse("100000008").map(AccountNumber::get), Ok(100_000_008));
    }

    #[test]
    fn reads_what_people_write() {
        let number = AccountNumber::from_index(38_291_357);
        let grouped = number.grouped();
        assert_eq!(AccountNumber::parse(&grouped), Ok(number));
        assert_eq!(AccountNumber::parse(&format!(" {} ", grouped.replace('\u{A0}', "-"))), Ok(number));
        for wrong in [
            "",
            "12345678",
            "1234567890",
            "48291357a",
            "012345678",
            "-",
            "Account ID",
            "4829 or 13576",
            "Rossi 301418208",
        ] {
            assert_eq!(AccountNumber::parse(wrong), Err(AccountNumberError::Form), "{wrong}");
        }
    }

    #[test]
    fn reads_what_people_paste() {
        let number = AccountNumber::parse("301418208").unwrap();
        for pasted in [
            "Account ID 301\u{A0}418\u{A0}208",
            "ID account: 301 418 208",
            "\u{200E}301–418−208\n",
            "301.418.208,",
            "（３０１）４１８２０８",
            "٣٠١٤١٨٢٠٨",
            "#301/418/208",
        ] {
            assert_eq!(AccountNumber::parse(pasted), Ok(number), "{pasted}");
        }
    }

    proptest! {
        #[test]
        fn every_drawn_number_is_valid(index in any::<u32>()) {
            let number = AccountNumber::from_index(index);
            prop_assert_eq!(AccountNumber::parse(&number.to_string()), Ok(number));
        }

        #[test]
        fn a_single_wrong_digit_is_found(index in any::<u32>(), place in 0_u32..9, shift in 1_u32..10) {
            let number = AccountNumber::from_index(index).get();
            let unit = 10_u32.pow(place);
            let digit = number / unit % 10;
            let wrong = number - digit * unit + (digit + shift) % 10 * unit;
            prop_assert!(AccountNumber::parse(&wrong.to_string()).is_err());
        }
    }
}
