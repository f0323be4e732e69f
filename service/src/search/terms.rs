//! What was typed into a search field, as the terms that have to match.

use std::sync::LazyLock;

use domain::{
    account_number::AccountNumber,
    country::{CountryCode, catalogue},
    locale::Locale,
};
use unicode_normalization::UnicodeNormalization;

use super::text::{self, contract_umlauts, cut, fold, has_umlauts, letters, parts, tokens, without_article};

/// The most terms of a search; more would only narrow it further.
const TERMS_MAX: usize = 6;

/// The fewest letters by which the name of a country is recognised.
const COUNTRY_MIN: usize = 3;

/// One term of a search: some word of what is found begins with one of its prefixes, or it is an account in
/// one of its countries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// Folded; letters and digits only. There is at least one.
    pub(crate) prefixes: Vec<String>,
    /// The countries whose names have a word that begins so.
    pub(crate) countries: Vec<CountryCode>,
}

impl Term {
    fn new(prefixes: Vec<String>) -> Self {
        let countries = match prefixes.as_slice() {
            [prefix, ..] if prefix.chars().count() >= COUNTRY_MIN => countries(prefix),
            _ => Vec::new(),
        };
        Self { prefixes, countries }
    }

    /// Whether one of `words` begins as the term does.
    pub(crate) fn matches(&self, words: &[String]) -> bool {
        self.prefixes.iter().any(|prefix| words.iter().any(|word| word.starts_with(prefix.as_str())))
    }
}

/// The terms of what was typed; none when it holds no letter and no digit.
pub(crate) fn terms(typed: &str) -> Vec<Term> {
    if let Some(number) = number(typed) {
        return vec![Term::new(vec![number])];
    }
    let composed: String = typed.nfc().collect();
    let mut all = Vec::new();
    for token in tokens(&composed) {
        let folded = fold(token);
        let folded = if has_umlauts(token) { contract_umlauts(&folded) } else { folded };
        for token in tokens(&folded) {
            all.extend(terms_of(token));
        }
    }
    all.truncate(TERMS_MAX);
    all
}

/// An Account ID or another number, whole or in part, in groups or not.
fn number(typed: &str) -> Option<String> {
    if let Ok(number) = AccountNumber::parse(typed) {
        return Some(number.to_string());
    }
    let digits = letters(&fold(typed));
    let most = AccountNumber::from_index(0).to_string().len();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && digits.len() <= most).then_some(digits)
}

/// What was typed without a space may stand together or apart in what is found, and the other way round. A
/// number with a hyphen is one word; so are initials.
fn terms_of(token: &str) -> Vec<Term> {
    let whole = letters(token);
    let parts: Vec<&str> = parts(token).collect();
    let has_digit = whole.contains(|character: char| character.is_ascii_digit());
    let initials = parts.iter().all(|part| part.chars().count() == 1);
    if whole.is_empty() {
        return Vec::new();
    }
    if parts.len() == 1 || has_digit || initials {
        return vec![Term::new(vec![prefix(&whole)])];
    }
    let first = Term::new(vec![prefix(parts[0])]);
    let others = parts[1..].iter().map(|part| Term::new(vec![prefix(part), prefix(&whole)]));
    std::iter::once(first).chain(others).collect()
}

fn prefix(word: &str) -> String {
    cut(without_article(word).unwrap_or(word))
}

/// Each word of a country's name in each language of the console, with its code; in order.
static COUNTRY_WORDS: LazyLock<Vec<(String, CountryCode)>> = LazyLock::new(|| {
    let of_locale = |locale: &Locale| catalogue::countries(*locale).iter();
    let words = |(code, name): &'static (CountryCode, &'static str)| {
        text::index_words(name).into_iter().map(move |word| (word, *code))
    };
    let mut all: Vec<_> = Locale::ALL.iter().flat_map(of_locale).flat_map(words).collect();
    all.sort_unstable();
    all.dedup();
    all
});

fn countries(prefix: &str) -> Vec<CountryCode> {
    let start = COUNTRY_WORDS.partition_point(|(word, _)| word.as_str() < prefix);
    let mut codes: Vec<_> =
        COUNTRY_WORDS[start..].iter().take_while(|(word, _)| word.starts_with(prefix)).map(|(_, code)| *code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Vec<Vec<String>> {
        terms(text).into_iter().map(|term| term.prefixes).collect()
    }

    #[test]
    fn what_stands_together_may_stand_apart() {
        assert_eq!(typed("Nord-Est rossi"), [vec!["nord"], vec!["est", "nordest"], vec!["rossi"]]);
        assert_eq!(typed("S.p.A."), [["spa"]]);
        assert_eq!(typed("tn-1042 Rossi"), [["tn1042"], ["rossi"]]);
        assert_eq!(typed("Müller"), [["muller"]]);
        assert_eq!(typed("الأمل"), [["امل"]]);
    }

    #[test]
    fn a_number_may_be_typed_in_groups() {
        assert_eq!(typed("482 913-576"), [["482913576"]]);
        assert_eq!(typed("482 91"), [["48291"]]);
        assert_eq!(typed("٤٨٢"), [["482"]]);
        assert_eq!(typed("rossi 482"), [["rossi"], ["482"]]);
        assert_eq!(typed(" -%_ \0"), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_country_is_known_by_its_name_in_each_language_of_the_console() {
        let countries = |typed| terms(typed).remove(0).countries;
        assert_eq!(countries("german"), countries("Germania"));
        assert_eq!(Ok(countries("Svizzera")[0]), CountryCode::parse("CH"));
        assert!(countries("it").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn every_text_is_found_by_itself(text in "\\PC{0,60}") {
            let words = text::index_words(&text);
            for term in terms(&text) {
                let number = term.prefixes[0].bytes().all(|byte| byte.is_ascii_digit());
                proptest::prop_assert!(number || term.matches(&words), "{:?} in {:?}", term, words);
            }
        }

        #[test]
        fn every_beginning_of_a_word_finds_it(word in "[a-zA-ZäöüÄÖÜßéøåæ]{1,12}", letters in 1_usize..12) {
            let words = text::index_words(&word);
            let begun: String = word.chars().take(letters).collect();
            for term in terms(&begun) {
                proptest::prop_assert!(term.matches(&words), "{:?} in {:?}", term, words);
            }
        }
    }
}
