//! Postal codes: what they look like in a country, and whether a text looks so.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::CountryFormat;

/// More characters than the codes of any country have.
const LONGEST: usize = 16;

/// The form of a country's postal codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalFormat {
    /// What the country calls them.
    pub kind: PostalCodeKind,
    /// A regular expression that the whole of a code matches, within what browsers and
    /// `regex-lite` both understand.
    pub pattern: String,
    /// A code of that form, to show people what is meant.
    pub example: Option<String>,
}

/// What a country calls its postal codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostalCodeKind {
    /// Eircode, in Ireland.
    Eircode,
    /// PIN, in India.
    Pin,
    /// Postal code.
    Postal,
    /// ZIP code, in the United States and where their post delivers.
    Zip,
}

/// A postal code in the form that its country uses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct PostalCode(String);

/// Why a postal code is refused. The page words it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostalCodeError {
    /// The country has no postal codes.
    NotUsed,
    /// The text has not the form of the country's postal codes.
    Format {
        /// A code of the right form.
        example: Option<String>,
    },
}

impl fmt::Display for PostalCodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUsed => formatter.write_str("this country has no postal codes"),
            Self::Format { example: Some(example) } => {
                write!(formatter, "not a postal code of this country, such as {example}")
            }
            Self::Format { example: None } => formatter.write_str("not a postal code of this country"),
        }
    }
}

impl std::error::Error for PostalCodeError {}

impl PostalCode {
    /// Reads a postal code of the country that `format` is of; empty text is `None`.
    ///
    /// Letters become upper case and a gap becomes one space. Where the text is no code as it was
    /// typed, it is tried without its gaps and then with a space where the country demands one. A
    /// space that a country merely permits is neither added nor taken away.
    ///
    /// # Errors
    /// [`PostalCodeError`] when the country has no postal codes, or none of this form.
    pub fn parse(format: &CountryFormat, text: &str) -> Result<Option<Self>, PostalCodeError> {
        let parts: Vec<String> = text.split_whitespace().map(str::to_ascii_uppercase).collect();
        if parts.is_empty() {
            return Ok(None);
        }
        let postal = format.postal.as_ref().ok_or(PostalCodeError::NotUsed)?;
        spellings(&parts)
            .find(matcher(&postal.pattern))
            .map(|code| Some(Self(code)))
            .ok_or_else(|| PostalCodeError::Format { example: postal.example.clone() })
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PostalCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl From<PostalCode> for String {
    fn from(code: PostalCode) -> Self {
        code.0
    }
}

/// The ways to space a code that was typed in `parts`: as typed, closed up, with one space.
fn spellings(parts: &[String]) -> impl Iterator<Item = String> + use<> {
    let closed = parts.concat();
    // What is longer than any country's codes is not worth many attempts.
    let places = if closed.len() <= LONGEST { 1..closed.len() } else { 0..0 };
    let text = closed.clone();
    let spaced = places.filter_map(move |place| Some(format!("{} {}", text.get(..place)?, text.get(place..)?)));
    [parts.join(" "), closed].into_iter().chain(spaced)
}

/// Tells whether the whole of a text matches `pattern`. One that is no regular expression is
/// matched by nothing.
#[cfg(not(target_arch = "wasm32"))]
fn matcher(pattern: &str) -> impl FnMut(&String) -> bool + use<> {
    let expression = regex_lite::RegexBuilder::new(&format!("^(?:{pattern})$")).case_insensitive(true).build();
    move |text| expression.as_ref().is_ok_and(|expression| expression.is_match(text))
}

/// Tells whether the whole of a text matches `pattern`, by the browser's own engine, which weighs
/// nothing. The pattern is one of the server's catalogue, all of which are regular expressions.
#[cfg(target_arch = "wasm32")]
fn matcher(pattern: &str) -> impl FnMut(&String) -> bool + use<> {
    let expression = js_sys::RegExp::new(&format!("^(?:{pattern})$"), "i");
    move |text| expression.test(text)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::{
        country::{CountryCode, catalogue},
        locale::Locale,
    };

    fn parse(country: &str, text: &str) -> Result<Option<String>, PostalCodeError> {
        let format = catalogue::format(CountryCode::parse(country).unwrap());
        Ok(PostalCode::parse(format, text)?.map(String::from))
    }

    #[track_caller]
    fn assert_read(country: &str, text: &str, code: &str) {
        assert_eq!(parse(country, text), Ok(Some(code.to_owned())), "{text}");
    }

    #[test]
    fn reads_what_people_write() {
        assert_read("IT", " 41121 ", "41121");
        assert_read("IT", "41 121", "41121");
        assert_read("CA", "k1a0b1", "K1A0B1");
        assert_read("CA", "K1A 0B1", "K1A 0B1");
        assert_read("CA", "k1a \u{A0} 0b1", "K1A 0B1");
        assert_read("US", "22162-1010", "22162-1010");
        assert_read("GB", "sw1a 1aa", "SW1A 1AA");
        assert_eq!(parse("IT", " \t\u{A0}"), Ok(None));
    }

    #[test]
    fn refuses_another_form_and_shows_the_right_one() {
        let refused = Err(PostalCodeError::Format { example: Some("00144".to_owned()) });
        for wrong in ["4112", "411211", "4112a", "41121\u{0}", "٤١١٢١", "４１１２１", "41-121"] {
            assert_eq!(parse("IT", wrong), refused, "{wrong}");
        }
        let refusal = PostalCodeError::Format { example: Some("00144".to_owned()) };
        assert_eq!(refusal.to_string(), "not a postal code of this country, such as 00144");
    }

    #[test]
    fn the_whole_text_counts_whichever_way_the_pattern_forks() {
        // Bahrain's pattern has anchors of its own, Liechtenstein's is two alternatives.
        assert_read("BH", "1216", "1216");
        for (country, wrong) in [("BH", "317 1216"), ("BH", "99"), ("LI", "94850"), ("LI", "09490")] {
            assert!(parse(country, wrong).is_err(), "{country} {wrong}");
        }
    }

    #[test]
    fn a_country_without_postal_codes_has_none() {
        assert_eq!(parse("HK", "999077"), Err(PostalCodeError::NotUsed));
        assert_eq!(parse("HK", ""), Ok(None));
    }

    #[test]
    fn a_space_is_added_only_where_the_country_demands_one() {
        assert_read("GI", "gx111aa", "GX11 1AA");
        assert_read("PE", "CALLAO 2", "CALLAO 2");
        assert_read("PE", "Lima23", "LIMA 23");
        assert_read("GB", "sw1a1aa", "SW1A1AA");
    }

    #[test]
    fn a_long_text_is_refused_at_once() {
        let parts = ["é1".repeat(50_000)];
        assert_eq!(spellings(&parts).count(), 2);
        assert!(parse("GI", &parts[0]).is_err());
    }

    #[test]
    fn a_pattern_that_is_none_matches_nothing() {
        assert!(!matcher("(")(&"(".to_owned()));
    }

    fn formats() -> impl Strategy<Value = &'static CountryFormat> {
        let formats = catalogue::countries(Locale::En).iter().map(|(code, _)| catalogue::format(*code));
        prop::sample::select(formats.filter(|format| format.postal.is_some()).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn neither_case_nor_an_added_gap_matters(
            format in formats(),
            place: prop::sample::Index,
            gap in "[ \u{A0}]{1,2}",
        ) {
            let example = format.postal.as_ref().and_then(|postal| postal.example.as_deref()).unwrap();
            let mut typed = example.to_ascii_lowercase();
            typed.insert_str(place.index(typed.len() + 1), &gap);
            let read = PostalCode::parse(format, &typed).unwrap().unwrap();
            prop_assert_eq!(read.as_str().replace(' ', ""), example.replace(' ', ""));
            prop_assert_eq!(PostalCode::parse(format, read.as_str()).unwrap(), Some(read));
        }

        #[test]
        fn no_text_is_too_strange_to_be_refused(format in formats(), text in "\\PC{0,40}") {
            if let Ok(Some(read)) = PostalCode::parse(format, &text) {
                prop_assert!(read.as_str().is_ascii() && read.as_str().len() <= LONGEST, "{}", read);
            }
        }
    }
}
