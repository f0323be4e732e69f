//! Countries (ISO 3166-1, and territories that have addresses of their own), their subdivisions
//! (ISO 3166-2) and the form of their postal codes.
//!
//! The server knows all of them ([`catalogue`]). The browser gets the [`CountryFormat`] of the one
//! country that is chosen, so that the tables weigh nothing there.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

#[cfg(not(target_arch = "wasm32"))]
pub mod catalogue;
mod postal;

pub use postal::{PostalCode, PostalCodeError, PostalCodeKind, PostalFormat};

/// A country by its two-letter code: that of ISO 3166-1, or the one that the CLDR uses where the
/// standard assigns none, such as `XK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CountryCode([u8; 2]);

/// The text is no country's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownCountry;

impl fmt::Display for UnknownCountry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not a country's code, such as IT")
    }
}

impl std::error::Error for UnknownCountry {}

impl CountryCode {
    /// Reads a code in either case. On the server it must be one of the catalogue's;
    /// the browser, which has no list of them, takes any two letters and leaves it to the server.
    ///
    /// # Errors
    /// [`UnknownCountry`] when it is none.
    pub fn parse(text: &str) -> Result<Self, UnknownCountry> {
        Self::of_letters(text).filter(|code| is_assigned(*code)).ok_or(UnknownCountry)
    }

    fn of_letters(text: &str) -> Option<Self> {
        let &[first, second] = text.trim().as_bytes() else { return None };
        let letters = [first, second];
        letters.iter().all(u8::is_ascii_alphabetic).then(|| Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    /// The code in upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Two ASCII letters are always valid UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn is_assigned(code: CountryCode) -> bool {
    catalogue::contains(code)
}

#[cfg(target_arch = "wasm32")]
const fn is_assigned(_: CountryCode) -> bool {
    true
}

impl fmt::Display for CountryCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for CountryCode {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for CountryCode {
    type Error = UnknownCountry;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CountryCode> for String {
    fn from(code: CountryCode) -> Self {
        code.to_string()
    }
}

/// What the form for an address needs to know of its country: all that the browser gets of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountryFormat {
    /// The country.
    pub code: CountryCode,
    /// What its subdivisions are called.
    pub subdivision: SubdivisionKind,
    /// The subdivisions to choose from, in the order of their names. Where there are none, the
    /// subdivision is free text.
    pub subdivisions: Vec<Subdivision>,
    /// The form of its postal codes; `None` where it has no postal codes.
    pub postal: Option<PostalFormat>,
}

/// What a country calls those of its subdivisions that an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubdivisionKind {
    /// An area, as in Hong Kong.
    Area,
    /// A county, as in Ireland.
    County,
    /// A department, as in Colombia.
    Department,
    /// A district, as in Nauru.
    District,
    /// A province or a city of that rank (도, 시), as in South Korea.
    DoSi,
    /// An emirate, as in the United Arab Emirates.
    Emirate,
    /// An island, as in the Bahamas.
    Island,
    /// An oblast, as in Ukraine.
    Oblast,
    /// A parish, as in Jamaica.
    Parish,
    /// A prefecture, as in Japan.
    Prefecture,
    /// A province, as in Italy; also where nothing more is known of a country.
    Province,
    /// A state, as in the United States.
    State,
}

/// A subdivision that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subdivision {
    /// The code of ISO 3166-2, such as `IT-MO`. The few that have none, such as the post offices
    /// of the United States' armed forces, have the key of the address data, without a country.
    pub code: String,
    /// The name in Latin letters.
    pub name: String,
}

/// The text is no code of a subdivision of the country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownSubdivision;

impl fmt::Display for UnknownSubdivision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not the code of a subdivision of this country")
    }
}

impl std::error::Error for UnknownSubdivision {}

/// Reads the code of one of the country's subdivisions, in either case, and answers with the code
/// as listed. Empty text is `None`: whether that is a fault is for the field to say.
///
/// Where the country lists none this accepts nothing: the subdivision is then free text, which
/// whoever asks for it checks as such.
///
/// # Errors
/// [`UnknownSubdivision`] when the text is not listed.
pub fn parse_subdivision(format: &CountryFormat, text: &str) -> Result<Option<String>, UnknownSubdivision> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let listed = format.subdivisions.iter().find(|subdivision| subdivision.code.eq_ignore_ascii_case(text));
    listed.map(|subdivision| Some(subdivision.code.clone())).ok_or(UnknownSubdivision)
}

/// Whether `text` is the code of another country's subdivision (ISO 3166-2), which no address in
/// the country of `format` can have.
#[must_use]
pub fn is_foreign_subdivision(format: &CountryFormat, text: &str) -> bool {
    has_foreign_form(format.code, text) || is_listed_elsewhere(format.code, text)
}

/// Whether `text` has the form of such a code: `IT-BZ`.
fn has_foreign_form(country: CountryCode, text: &str) -> bool {
    let Some((of, part)) = text.split_once('-') else { return false };
    let is_code = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    of != country.as_str()
        && of.len() == 2
        && of.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=3).contains(&part.len())
        && is_code(part)
}

#[cfg(not(target_arch = "wasm32"))]
fn is_listed_elsewhere(country: CountryCode, text: &str) -> bool {
    catalogue::is_listed_elsewhere(country, text)
}

#[cfg(target_arch = "wasm32")]
const fn is_listed_elsewhere(_: CountryCode, _: &str) -> bool {
    false
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn reads_the_codes_of_countries_and_territories() {
        assert_eq!(CountryCode::parse(" it ").unwrap().as_str(), "IT");
        assert_eq!("Sm".parse::<CountryCode>().unwrap().to_string(), "SM");
        for territory in ["XK", "AC", "TA"] {
            assert_eq!(CountryCode::parse(territory).unwrap().as_str(), territory);
        }
        for wrong in ["", "I", "ITA", "I T", "12", "É", "ǅ", "UK", "YU", "EU", "ZZ"] {
            assert_eq!(CountryCode::parse(wrong), Err(UnknownCountry), "{wrong}");
        }
    }

    #[test]
    fn a_code_travels_as_text_and_is_checked_on_arrival() {
        let code = CountryCode::parse("IT").unwrap();
        assert_eq!(serde_json::to_string(&code).unwrap(), "\"IT\"");
        assert_eq!(serde_json::from_str::<CountryCode>("\"it\"").unwrap(), code);
        for wrong in ["\"YU\"", "\"\"", "7", "null", "[73,84]"] {
            assert!(serde_json::from_str::<CountryCode>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_format_arrives_in_the_browser_as_it_was_sent() {
        let format = catalogue::format(CountryCode::parse("KR").unwrap());
        let text = serde_json::to_string(format).unwrap();
        assert!(text.contains("\"subdivision\":\"do_si\""), "{text}");
        assert_eq!(serde_json::from_str::<CountryFormat>(&text).unwrap(), *format);
    }

    #[test]
    fn a_subdivision_is_one_of_those_listed() {
        let italy = catalogue::format(CountryCode::parse("IT").unwrap());
        assert_eq!(parse_subdivision(italy, " it-mo ").unwrap().as_deref(), Some("IT-MO"));
        assert_eq!(parse_subdivision(italy, "  "), Ok(None));
        for wrong in ["MO", "Modena", "US-CA", "IT-XX", "IT-"] {
            assert_eq!(parse_subdivision(italy, wrong), Err(UnknownSubdivision), "{wrong}");
        }
    }

    #[test]
    fn a_code_of_another_country_is_foreign() {
        let germany = catalogue::format(CountryCode::parse("DE").unwrap());
        for foreign in ["IT-BZ", "CA-QC", "it-bz", "US-CA", "AT-9"] {
            assert!(is_foreign_subdivision(germany, foreign), "{foreign}");
        }
        for own in ["Bayern", "Baden-Württemberg", "DE-BY", "Al-Kut", "NRW", "Sachsen-Anhalt", ""] {
            assert!(!is_foreign_subdivision(germany, own), "{own}");
        }
    }

    #[test]
    fn a_country_without_a_list_accepts_no_code() {
        let germany = catalogue::format(CountryCode::parse("DE").unwrap());
        assert_eq!(germany.subdivisions, []);
        assert_eq!(parse_subdivision(germany, "Bayern"), Err(UnknownSubdivision));
        assert_eq!(parse_subdivision(germany, ""), Ok(None));
    }
}
