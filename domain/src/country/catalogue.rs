//! Every country, with its names in the console's locales. On the server only.
//!
//! The data are compiled in and read once, by whoever asks first. `domain/data/README.md` says
//! where they come from.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use serde::Deserialize;

use super::{CountryCode, CountryFormat, PostalCodeKind, PostalFormat, Subdivision, SubdivisionKind};
use crate::locale::{Language, Locale};

/// Names, each beside what it is the name of.
type Names<'a, T> = Vec<(T, &'a str)>;

struct Catalogue {
    countries: HashMap<CountryCode, Country>,
    /// The names of the countries by the tag of a locale, each list in its order.
    lists: BTreeMap<&'static str, Names<'static, CountryCode>>,
    /// The same names, to be looked up.
    names: HashMap<(CountryCode, &'static str), &'static str>,
    /// The names of the languages, which stand with their tags, by the tag of a locale.
    languages: BTreeMap<&'static str, Names<'static, &'static str>>,
}

struct Country {
    format: CountryFormat,
    layout: &'static str,
}

const DATA: &str = include_str!("../../data/countries.json");

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the data are compiled in, and the tests read them")]
    read(DATA).expect("the data of the countries can be read")
});

/// The form of a country's addresses.
#[must_use]
pub fn format(code: CountryCode) -> &'static CountryFormat {
    &country(code).format
}

/// The lines of a postal address in the country, in libaddressinput's notation: `%n` begins a
/// line, `%N` stands for the recipient, `%O` the organisation, `%A` the street, `%C` the city,
/// `%S` the subdivision, `%Z` the postal code, `%D` a part of the city and `%X` a sorting code;
/// all else stands for itself.
#[must_use]
pub fn layout(code: CountryCode) -> &'static str {
    country(code).layout
}

/// What a country is called in a locale.
#[must_use]
pub fn name(code: CountryCode, locale: Locale) -> &'static str {
    complete(CATALOGUE.names.get(&(code, locale.tag())).copied())
}

/// Every country with its name in a locale, in the order in which that locale lists names.
#[must_use]
pub fn countries(locale: Locale) -> &'static [(CountryCode, &'static str)] {
    complete(CATALOGUE.lists.get(locale.tag()).map(Vec::as_slice))
}

/// What a language is called in a locale, as a list shows it: with a capital letter.
#[must_use]
pub fn language_name(language: Language, locale: Locale) -> &'static str {
    let names = complete(CATALOGUE.languages.get(locale.tag()));
    complete(names.iter().find(|(tag, _)| *tag == language.tag())).1
}

/// Whether a country other than `country` lists a subdivision of this code of ISO 3166-2.
pub(super) fn is_listed_elsewhere(country: CountryCode, code: &str) -> bool {
    let code = code.to_ascii_uppercase();
    let Some((of, _)) = code.split_once('-') else { return false };
    let Ok(of) = CountryCode::parse(of) else { return false };
    of != country && format(of).subdivisions.iter().any(|subdivision| subdivision.code == code)
}

/// Whether there is such a country.
pub(super) fn contains(code: CountryCode) -> bool {
    CATALOGUE.countries.contains_key(&code)
}

fn country(code: CountryCode) -> &'static Country {
    complete(CATALOGUE.countries.get(&code))
}

/// What is looked up is there: a code is made only of what the catalogue contains, and the tests
/// look up every name in every locale.
fn complete<T>(found: Option<T>) -> T {
    #[expect(clippy::expect_used, reason = "no input reaches this: see above")]
    found.expect("the catalogue is complete")
}

/// The data file.
#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    countries: Vec<Line<'a>>,
    #[serde(borrow)]
    names: BTreeMap<&'a str, Names<'a, &'a str>>,
    #[serde(borrow)]
    languages: BTreeMap<&'a str, Names<'a, &'a str>>,
}

#[derive(Deserialize)]
struct Line<'a> {
    code: &'a str,
    layout: &'a str,
    subdivision: SubdivisionKind,
    #[serde(default, borrow)]
    subdivisions: Names<'a, &'a str>,
    #[serde(borrow)]
    postal: Option<PostalLine<'a>>,
}

#[derive(Deserialize)]
struct PostalLine<'a> {
    kind: PostalCodeKind,
    pattern: String,
    #[serde(borrow)]
    examples: Vec<&'a str>,
    #[serde(default, borrow)]
    prefixes: Vec<&'a str>,
}

fn read(text: &'static str) -> serde_json::Result<Catalogue> {
    let file: File<'static> = serde_json::from_str(text)?;
    let lists: BTreeMap<_, _> = file.names.into_iter().map(|(locale, names)| (locale, of_countries(names))).collect();
    let mut names = HashMap::new();
    for (locale, list) in &lists {
        names.extend(list.iter().map(|(code, name)| ((*code, *locale), *name)));
    }
    let countries = file.countries.into_iter().filter_map(Line::country).collect();
    Ok(Catalogue { countries, lists, names, languages: file.languages })
}

/// The names with codes of countries. As everywhere here, `CountryCode::parse` is not what reads
/// the codes: it asks the very catalogue that is being made.
fn of_countries(names: Names<'static, &'static str>) -> Names<'static, CountryCode> {
    names.into_iter().filter_map(|(code, name)| Some((CountryCode::of_letters(code)?, name))).collect()
}

impl Line<'static> {
    fn country(self) -> Option<(CountryCode, Country)> {
        let code = CountryCode::of_letters(self.code)?;
        let subdivision = |(code, name): (&str, &str)| Subdivision { code: code.to_owned(), name: name.to_owned() };
        let format = CountryFormat {
            code,
            subdivision: self.subdivision,
            subdivisions: self.subdivisions.into_iter().map(subdivision).collect(),
            postal: self.postal.map(PostalLine::format),
        };
        Some((code, Country { format, layout: self.layout }))
    }
}

impl PostalLine<'_> {
    fn format(self) -> PostalFormat {
        let example = self.examples.first().map(|example| (*example).to_owned());
        let prefixes = self.prefixes.into_iter().map(str::to_owned).collect();
        PostalFormat { kind: self.kind, pattern: self.pattern, example, prefixes }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::collections::BTreeSet;

    use super::*;
    use crate::country::PostalCode;

    fn code(text: &str) -> CountryCode {
        CountryCode::parse(text).unwrap()
    }

    fn all() -> impl Iterator<Item = &'static CountryFormat> {
        CATALOGUE.countries.values().map(|country| &country.format)
    }

    #[test]
    fn every_country_has_a_name_in_every_locale() {
        assert_eq!(CATALOGUE.countries.len(), 252);
        let codes: BTreeSet<CountryCode> = CATALOGUE.countries.keys().copied().collect();
        for locale in Locale::ALL {
            let listed: BTreeSet<CountryCode> = countries(locale).iter().map(|(code, _)| *code).collect();
            assert_eq!(listed, codes, "{locale:?}");
            assert_eq!(countries(locale).len(), codes.len(), "{locale:?}");
            for (code, name) in countries(locale) {
                assert_eq!(super::name(*code, locale), *name);
                assert!(!name.trim().is_empty(), "{code} {locale:?}");
                assert_eq!(format(*code).code, *code);
            }
        }
        assert_eq!(name(code("DE"), Locale::En), "Germany");
        assert_eq!(name(code("DE"), Locale::It), "Germania");
        assert_eq!(name(code("XK"), Locale::En), "Kosovo");
    }

    #[test]
    fn every_language_has_a_name_in_every_locale() {
        for locale in Locale::ALL {
            let names: BTreeSet<&str> =
                Language::ALL.into_iter().map(|language| language_name(language, locale)).collect();
            assert_eq!(names.len(), Language::ALL.len(), "{locale:?}");
        }
        assert_eq!(language_name(Language::De, Locale::En), "German");
        assert_eq!(language_name(Language::De, Locale::It), "Tedesco");
    }

    #[test]
    fn countries_stand_in_the_order_of_their_names() {
        let places = |locale, codes: &[&str]| -> Vec<usize> {
            let place = |text: &&str| countries(locale).iter().position(|(listed, _)| *listed == code(text));
            codes.iter().map(|text| place(text).unwrap()).collect()
        };
        assert_eq!(places(Locale::En, &["AF", "AX", "AL"]), [0, 1, 2]);
        assert!(places(Locale::En, &["CR", "CI", "HR", "RE", "RO", "ST", "SA", "TR", "TM", "ZW"]).is_sorted());
        assert!(places(Locale::It, &["AF", "CL", "CN", "CY", "VA", "CO", "HK", "IM", "AX", "KY", "ZW"]).is_sorted());
    }

    #[test]
    fn subdivisions_have_the_codes_of_their_country() {
        for format in all() {
            let mut codes = BTreeSet::new();
            for Subdivision { code, name } in &format.subdivisions {
                assert!(codes.insert(code), "{code} twice");
                assert!(!name.trim().is_empty(), "{code}");
                if let Some((country, part)) = code.split_once('-') {
                    assert_eq!(country, format.code.as_str(), "{code}");
                    let letters = part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
                    assert!(letters && (1..=3).contains(&part.len()), "{code}");
                }
            }
        }
        let subdivision = |country, part: &str| {
            let list = &format(code(country)).subdivisions;
            list.iter().find(|subdivision| subdivision.code == part).map(|subdivision| subdivision.name.as_str())
        };
        assert_eq!(format(code("IT")).subdivisions.len(), 107);
        assert_eq!(subdivision("IT", "IT-MO"), Some("Modena"));
        assert_eq!(subdivision("CN", "CN-BJ"), Some("Beijing Shi"));
        assert_eq!(subdivision("JP", "JP-13"), Some("Tokyo"));
        assert_eq!(subdivision("US", "AE"), Some("Armed Forces (AE)"));
        // Chosen as a country, so that there is one way to say it.
        assert_eq!(subdivision("US", "US-PR"), None);
    }

    #[test]
    fn subdivisions_are_called_what_the_country_calls_them() {
        let kind = |text| format(code(text)).subdivision;
        assert_eq!(kind("IT"), SubdivisionKind::Province);
        assert_eq!(kind("US"), SubdivisionKind::State);
        assert_eq!(kind("KR"), SubdivisionKind::DoSi);
    }

    #[test]
    fn postal_codes_are_called_what_the_country_calls_them() {
        let kind = |text| format(code(text)).postal.as_ref().map(|postal| postal.kind);
        assert_eq!(kind("IT"), Some(PostalCodeKind::Postal));
        assert_eq!(kind("US"), Some(PostalCodeKind::Zip));
        assert_eq!(kind("IE"), Some(PostalCodeKind::Eircode));
        assert_eq!(kind("IN"), Some(PostalCodeKind::Pin));
        assert_eq!(kind("HK"), None);
    }

    #[test]
    fn every_pattern_accepts_the_examples_of_its_country() {
        let file: File<'_> = serde_json::from_str(DATA).unwrap();
        let mut seen = 0;
        for line in file.countries {
            let Some(postal) = line.postal else { continue };
            assert!(!postal.examples.is_empty(), "{}", line.code);
            for example in postal.examples {
                let read = PostalCode::parse(format(code(line.code)), example).unwrap().map(String::from);
                assert_eq!(read.as_deref(), Some(example), "{}", line.code);
                seen += 1;
            }
        }
        assert!(seen > 249, "{seen} examples");
    }

    #[test]
    fn the_layout_has_a_place_for_what_is_asked_for() {
        for format in all() {
            let layout = layout(format.code);
            assert!(layout.contains("%A"), "{}", format.code);
            assert!(format.postal.is_none() || layout.contains("%Z"), "{}", format.code);
        }
        assert_eq!(layout(code("IT")), "%N%n%O%n%A%n%Z %C %S");
    }
}
