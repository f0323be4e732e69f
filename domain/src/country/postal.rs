//! Postal codes: what they look like in a country, and whether a text looks so.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::CountryFormat;
use crate::text::fold_code;

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
    /// What people write before a code besides the country's own code, such as `D` in Germany.
    #[serde(default)]
    pub prefixes: Vec<String>,
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
    /// Each code has one form, the country's own: in upper case, with the hyphen or space that the
    /// country's pattern has room for, and with the country's prefix where the pattern demands it.
    ///
    /// # Errors
    /// [`PostalCodeError`] when the country has no postal codes, or none of this form.
    pub fn parse(format: &CountryFormat, text: &str) -> Result<Option<Self>, PostalCodeError> {
        let text = fold_code(text);
        if text.is_empty() {
            return Ok(None);
        }
        let postal = format.postal.as_ref().ok_or(PostalCodeError::NotUsed)?;
        let refused = || PostalCodeError::Format { example: postal.example.clone() };
        let closed = closed_up(&text).ok_or_else(refused)?;
        let mut matches = matcher(&postal.pattern);
        let codes = with_prefixes(&closed, format.code.as_str(), &postal.prefixes);
        let spelling = codes.iter().flat_map(|code| spaced(code)).find(|spelling| matches(spelling));
        spelling.map(|code| Some(Self(code))).ok_or_else(refused)
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

/// The letters and digits of a code, in upper case, without what people write between them; `None`
/// when there is something else in it.
fn closed_up(text: &str) -> Option<String> {
    let closed: String = text.chars().filter(|character| !" -.〒".contains(*character)).collect();
    let is_code = closed.len() <= LONGEST && closed.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| closed.to_ascii_uppercase())
}

/// The code as it is, without the country's prefix, and with it.
fn with_prefixes(closed: &str, country: &str, others: &[String]) -> Vec<String> {
    let prefixes = || std::iter::once(country).chain(others.iter().map(String::as_str));
    let without = prefixes().filter_map(|prefix| closed.strip_prefix(prefix)).map(str::to_owned);
    let with = prefixes().map(|prefix| format!("{prefix}{closed}"));
    std::iter::once(closed.to_owned()).chain(without).chain(with).collect()
}

/// The ways to part a code: by a hyphen, by a space, not at all, by two hyphens. A country whose
/// pattern has room for a hyphen or a space writes it.
fn spaced(closed: &str) -> Vec<String> {
    let twice = parted(closed, "-").into_iter().flat_map(|code| {
        let last = code.rfind('-').map_or(0, |hyphen| hyphen + 1);
        let (first, rest) = code.split_at(last);
        parted(rest, "-").into_iter().map(|rest| format!("{first}{rest}")).collect::<Vec<_>>()
    });
    let once = parted(closed, "-").into_iter().chain(parted(closed, " "));
    once.chain([closed.to_owned()]).chain(twice).collect()
}

/// The code, in ASCII, with a separator at each of its places.
fn parted(code: &str, separator: &str) -> Vec<String> {
    (1..code.len()).map(|place| format!("{}{separator}{}", &code[..place], &code[place..])).collect()
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
    fn each_code_has_the_form_of_its_country() {
        for (country, code, typed) in [
            ("IT", "41121", " 41 121 "),
            ("CA", "K1A 0B1", "k1a0b1"),
            ("CA", "K1A 0B1", "k1a \u{A0} 0b1"),
            ("CA", "K1A 0B1", "K1A-0B1"),
            ("US", "22162-1010", "221621010"),
            ("US", "22162-1010", "22162 1010"),
            ("US", "95014", "95014"),
            ("NL", "3852 GC", "3852gc"),
            ("GB", "SW1A 1AA", "sw1a1aa"),
            ("GB", "GIR 0AA", "gir0aa"),
            ("GB", "BFPO 61", "bfpo61"),
            ("GI", "GX11 1AA", "gx111aa"),
            ("SE", "114 55", "11455"),
            ("CZ", "110 00", "11000"),
            ("FR", "75001", "75 001"),
            ("BN", "BT2328", "bt 2328"),
            ("IE", "D02 X285", "d02x285"),
            ("IE", "D6W XY00", "D6WXY00"),
            ("PL", "42-200", "42200"),
            ("PL", "42-200", "42–200"),
            ("PL", "42-200", "42 - 200"),
            ("PT", "1000-205", "1000 205"),
            ("BR", "40301-110", "40301110"),
            ("LV", "LV-1050", "1050"),
            ("LV", "LV-1050", "lv 1050"),
            ("KY", "KY1-1100", "1-1100"),
            ("SV", "CP 1101", "1101"),
            ("AD", "AD500", "500"),
            ("AI", "AI-2640", "2640"),
            ("PE", "LIMA 23", "Lima23"),
            ("XK", "10000", "10 000"),
        ] {
            assert_read(country, typed, code);
            assert_read(country, code, code);
        }
        assert_eq!(parse("IT", " \t\u{A0}\u{200B}"), Ok(None));
    }

    #[test]
    fn a_countrys_own_prefix_is_dropped_and_anothers_is_not() {
        for (country, code, typed) in [
            ("DE", "10115", "D-10115"),
            ("DE", "10115", "DE 10115"),
            ("CH", "8001", "CH-8001"),
            ("AT", "1010", "A-1010"),
            ("IT", "41121", "I – 41121"),
            ("SE", "114 55", "S-114 55"),
            ("LI", "9490", "FL-9490"),
            ("FI", "00550", "FIN-00550"),
            ("OM", "133", "PC 133"),
            ("PL", "00-950", "PL 00-950"),
        ] {
            assert_read(country, typed, code);
        }
        for (country, wrong) in [("DE", "F-75001"), ("FR", "D-10115"), ("CH", "A-1010"), ("PL", "LV-42200")] {
            assert!(parse(country, wrong).is_err(), "{country} {wrong}");
        }
    }

    #[test]
    fn digits_and_dashes_of_any_kind_are_read() {
        for typed in ["１５４－００２３", "〒154-0023", "154−0023", "1540023", "154ー0023", "١٥٤-٠٠٢٣", "154\u{AD}0023"]
        {
            assert_read("JP", typed, "154-0023");
        }
        assert_read("IT", "４１１２１", "41121");
        assert_read("GB", "ｓｗ１ａ　１ａａ", "SW1A 1AA");
    }

    #[test]
    fn refuses_another_form_and_shows_the_right_one() {
        let refused = Err(PostalCodeError::Format { example: Some("00144".to_owned()) });
        for wrong in ["4112", "411211", "4112a", "41121\u{0}", "41121?", "4112½", "Modena"] {
            assert_eq!(parse("IT", wrong), refused, "{wrong}");
        }
        let refusal = PostalCodeError::Format { example: Some("00144".to_owned()) };
        assert_eq!(refusal.to_string(), "not a postal code of this country, such as 00144");
    }

    #[test]
    fn a_postal_district_is_no_eircode() {
        for wrong in ["Dublin 2", "Dublin", "BALLINA", "D2 X285"] {
            assert!(parse("IE", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn codes_may_be_given_where_they_exist_without_being_asked_for() {
        for (country, code, typed) in [
            ("GH", "GA-183-8164", "ga1838164"),
            ("GH", "GA-183-8164", "GA-183-8164"),
            ("PA", "0801", "0801"),
            ("JM", "10", "10"),
            ("JM", "JMAAW15", "jmaaw15"),
            ("LC", "LC01 101", "LC01101"),
            ("TT", "500234", "500234"),
        ] {
            assert_read(country, typed, code);
            assert_eq!(parse(country, ""), Ok(None));
        }
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
    fn a_long_text_is_refused_at_once() {
        assert_eq!(closed_up(&"1".repeat(LONGEST + 1)), None);
        assert!(parse("GI", &"é1".repeat(50_000)).is_err());
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
        fn neither_case_nor_what_parts_a_code_matters(
            format in formats(),
            place: prop::sample::Index,
            gap in "[ \u{A0}–-]{1,2}",
        ) {
            let example = format.postal.as_ref().and_then(|postal| postal.example.as_deref()).unwrap();
            let mut typed = example.to_ascii_lowercase().replace([' ', '-'], "");
            typed.insert_str(place.index(typed.len() + 1), &gap);
            let read = PostalCode::parse(format, &typed).unwrap().unwrap();
            prop_assert_eq!(read.as_str(), example);
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
