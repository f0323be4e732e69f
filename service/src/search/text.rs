//! Text as it is compared when somebody searches or sorts.

use std::collections::HashSet;

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// The most characters of a word that are compared.
const WORD_MAX: usize = 40;

/// The most characters that are compared of what is written without spaces, of which every part is a word.
const UNSPACED_MAX: usize = 24;

/// The most characters of a sort key: an index of `PostgreSQL` takes no entry above 2,700 bytes.
const SORT_KEY_MAX: usize = 200;

/// The digit zero of each script whose digits stand for the European ones.
const ZEROS: [char; 9] =
    ['\u{660}', '\u{6F0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{BE6}', '\u{E50}', '\u{ED0}', '\u{1040}'];

/// The text without case, accents and differences that people do not type.
pub(crate) fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|&character| canonical_combining_class(character) == 0 && !is_ignorable(character))
        .flat_map(char::to_lowercase)
        .flat_map(plain)
        .collect()
}

/// Characters that show as nothing, of which no text of `PostgreSQL` can hold the first, and the Arabic tatweel, which only makes a word longer.
fn is_ignorable(character: char) -> bool {
    matches!(character,
        '\0' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{640}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// Letters and digits that no decomposition makes plain.
fn plain(character: char) -> impl Iterator<Item = char> {
    let letters = match character {
        'ß' => ['s', 's'],
        'æ' => ['a', 'e'],
        'œ' => ['o', 'e'],
        'þ' => ['t', 'h'],
        _ => [plain_letter(character), '\0'],
    };
    letters.into_iter().filter(|&letter| letter != '\0')
}

fn plain_letter(character: char) -> char {
    match character {
        'ø' => 'o',
        'đ' | 'ð' => 'd',
        'ł' => 'l',
        'ħ' => 'h',
        'ŧ' => 't',
        'ŋ' => 'n',
        'ı' => 'i',
        'ς' => 'σ',
        // The forms of Hebrew letters at the end of a word.
        'ך' => 'כ',
        'ם' => 'מ',
        'ן' => 'נ',
        'ף' => 'פ',
        'ץ' => 'צ',
        'ٱ' => 'ا',
        'ى' | 'ی' => 'ي',
        'ة' => 'ه',
        'ک' => 'ك',
        // Katakana are as far behind hiragana everywhere.
        'ァ'..='ヶ' => char::from_u32(u32::from(character) - 0x60).unwrap_or(character),
        _ => european_digit(character),
    }
}

fn european_digit(character: char) -> char {
    let value = |zero: &char| u32::from(character).checked_sub(u32::from(*zero)).filter(|value| *value < 10);
    ZEROS.iter().find_map(value).and_then(|value| char::from_digit(value, 10)).unwrap_or(character)
}

/// The text by which names are sorted: folded, with single spaces, numbers by their value, without what stands before the
/// first letter or digit.
pub(crate) fn sort_key(text: &str) -> String {
    let folded = fold(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let name = folded.trim_start_matches(|character: char| !character.is_alphanumeric());
    // A name of signs only keeps them.
    let mut rest = if name.is_empty() { folded.as_str() } else { name };
    let mut key = String::with_capacity(rest.len());
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest[..digits].trim_start_matches('0');
        if digits > 0 {
            key.push(length_mark(number.len()));
            key.push_str(number);
        }
        rest = &rest[digits..];
        let end = rest.find(|character: char| character.is_ascii_digit()).unwrap_or(rest.len());
        key.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    key.chars().take(SORT_KEY_MAX).collect()
}

/// A character that sorts a number of `length` digits after every shorter one and before letters.
fn length_mark(length: usize) -> char {
    let most = b'`' - b'0';
    char::from(b'0' + u8::try_from(length).unwrap_or(most).min(most))
}

/// The text of a name as people see it: whatever its case, spaces, quotes and dashes.
pub(crate) fn as_seen(name: &str) -> String {
    let same = |character| match character {
        '\u{2018}'..='\u{201B}' | '\u{2B9}' | '\u{2BC}' | '\u{2032}' | '`' | '\u{B4}' => '\'',
        '\u{201C}'..='\u{201F}' | '«' | '»' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        _ => character,
    };
    let visible = name.chars().filter(|&character| !is_ignorable(character)).map(same);
    let lower: String = visible.nfkc().flat_map(char::to_lowercase).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every word by which a text is found, each once: its words; what is written without a space as one word;
/// umlauts written as one letter and as two; every part of what is written without spaces.
pub(crate) fn index_words(text: &str) -> Vec<String> {
    let composed: String = text.nfc().collect();
    let folded = fold(&composed);
    let mut words = Words::default();
    words.add_text(&folded);
    words.add_text(&fold(&expand_umlauts(&composed)));
    words.add_text(&contract_umlauts(&folded));
    words.all
}

/// The words of a number such as `PO 4711-B`: its parts, and all of it as one.
pub(crate) fn number_words(number: &str) -> Vec<String> {
    let folded = fold(number);
    let mut words = Words::default();
    words.add_text(&folded);
    words.add(&letters(&folded));
    words.all
}

/// The words of a customer number of SAP, which people type with or without its leading zeros.
pub(crate) fn sap_words(number: &str) -> Vec<String> {
    let whole = letters(&fold(number));
    let mut words = Words::default();
    words.add_text(&fold(number));
    words.add(whole.trim_start_matches('0'));
    if !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit()) {
        words.add(&format!("{whole:0>10}"));
    }
    words.all
}

/// Every run of digits of an Account ID is the beginning of one of these.
pub(crate) fn account_number_words(number: i32) -> Vec<String> {
    let digits = number.to_string();
    (0..digits.len()).filter_map(|start| digits.get(start..).map(str::to_owned)).collect()
}

#[derive(Default)]
struct Words {
    all: Vec<String>,
    known: HashSet<String>,
}

impl Words {
    fn add_text(&mut self, folded: &str) {
        for token in tokens(folded) {
            for part in parts(token) {
                self.add(part);
            }
            self.add(&letters(token));
        }
    }

    /// Adds a word, and with it what else its script makes a word.
    fn add(&mut self, word: &str) {
        self.add_plainly(&cut(word));
        if let Some(bare) = without_article(word) {
            self.add_plainly(&cut(bare));
        }
        let mut after_unspaced = false;
        for (start, character) in word.char_indices() {
            let unspaced = is_unspaced(character);
            if start > 0 && (unspaced || after_unspaced) && !continues_syllable(character) {
                self.add_plainly(&cut(&word[start..]));
            }
            after_unspaced = unspaced;
        }
    }

    fn add_plainly(&mut self, word: &str) {
        if !word.is_empty() && self.known.insert(word.to_owned()) {
            self.all.push(word.to_owned());
        }
    }
}

/// What is written without a space; an `@` parts an address.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| character.is_whitespace() || character == '@').filter(|token| !token.is_empty())
}

/// The letters and digits of a token that stand together.
pub(crate) fn parts(token: &str) -> impl Iterator<Item = &str> {
    token.split(|character: char| !character.is_alphanumeric()).filter(|part| !part.is_empty())
}

/// The letters and digits of a text, as one word.
pub(crate) fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

/// A word as far as it is compared.
pub(crate) fn cut(word: &str) -> String {
    let most = if word.chars().any(is_unspaced) { UNSPACED_MAX } else { WORD_MAX };
    word.chars().take(most).collect()
}

/// The rest of a word that begins with the Arabic article.
pub(crate) fn without_article(word: &str) -> Option<&str> {
    word.strip_prefix("ال").filter(|rest| rest.chars().count() > 1)
}

/// Whether a letter is of a script whose words stand side by side without spaces, or, as in Korean, together.
fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Whether a letter of a decomposed Korean syllable is not its first.
fn continues_syllable(character: char) -> bool {
    matches!(character, '\u{1160}'..='\u{11FF}')
}

/// Whether a composed text has a letter that is also written as two.
pub(crate) fn has_umlauts(composed: &str) -> bool {
    composed.chars().any(|character| two_letters(character).is_some())
}

fn expand_umlauts(composed: &str) -> String {
    let mut expanded = String::with_capacity(composed.len());
    for character in composed.chars() {
        match two_letters(character) {
            Some(letters) => expanded.push_str(letters),
            None => expanded.push(character),
        }
    }
    expanded
}

fn two_letters(character: char) -> Option<&'static str> {
    match character {
        'ä' | 'Ä' => Some("ae"),
        'ö' | 'Ö' | 'ø' | 'Ø' => Some("oe"),
        'ü' | 'Ü' => Some("ue"),
        'å' | 'Å' => Some("aa"),
        _ => None,
    }
}

/// A folded text of which the two letters of an umlaut are one: `mueller` is `muller`.
pub(crate) fn contract_umlauts(folded: &str) -> String {
    folded.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_drops_case_accents_and_forms() {
        assert_eq!(fold("ÉCOLE Été"), "ecole ete");
        assert_eq!(fold("Straße Łódź Ægir İstanbul"), "strasse lodz aegir istanbul");
        assert_eq!(fold("ΠΑΠΑΔΟΠΟΥΛΟΣ"), fold("παπαδόπουλος"));
        assert_eq!(fold("ＡＢＣ１２３"), "abc123");
        assert_eq!(fold("أإآٱ"), "اااا");
        assert_eq!(fold("مكتـــبة"), fold("مكتبه"));
        assert_eq!(fold("علی"), fold("على"));
        assert_eq!(fold("שלום"), fold("שלומ"));
        assert_eq!(fold("٤٨٢۹"), "4829");
        assert_eq!(fold("カタカナ ガ"), fold("かたかな か"));
        assert_eq!(fold("Mül\u{AD}ler\u{200B}"), "muller");
    }

    #[test]
    fn a_text_is_found_by_its_words_and_by_what_stands_together() {
        assert_eq!(index_words("Nord-Est S.p.A."), ["nord", "est", "nordest", "s", "p", "a", "spa"]);
        assert_eq!(index_words("O’Connor"), ["o", "connor", "oconnor"]);
        assert_eq!(index_words("Roma Roma"), ["roma"]);
        assert_eq!(index_words("it@rossi.example"), ["it", "rossi", "example", "rossiexample"]);
    }

    #[test]
    fn an_umlaut_is_one_letter_or_two() {
        assert_eq!(index_words("Müller"), ["muller", "mueller"]);
        assert_eq!(index_words("Mueller"), ["mueller", "muller"]);
        assert!(index_words("Århus").contains(&"aarhus".to_owned()));
        assert!(index_words("Aarhus").contains(&"arhus".to_owned()));
    }

    #[test]
    fn every_part_of_what_has_no_spaces_is_a_word() {
        let words = index_words("株式会社日本電気ABC");
        for part in ["株式会社日本電気abc", "日本電気abc", "気abc", "abc"] {
            assert!(words.contains(&part.to_owned()), "{part}: {words:?}");
        }
    }

    #[test]
    fn korean_words_are_found_by_their_syllables() {
        let words = index_words("삼성전자");
        assert_eq!(words.len(), 4);
        assert!(words.contains(&fold("전자")));
    }

    #[test]
    fn the_arabic_article_may_be_left_out() {
        assert_eq!(index_words("الأمل"), ["الامل", "امل"]);
    }

    #[test]
    fn numbers_are_found_by_their_parts_and_as_a_whole() {
        assert_eq!(number_words("TN-1042"), ["tn", "1042", "tn1042"]);
        assert_eq!(number_words("PO 7"), ["po", "7", "po7"]);
        assert_eq!(sap_words("0001040000"), ["0001040000", "1040000"]);
        assert_eq!(sap_words("1040000"), ["1040000", "0001040000"]);
        assert!(account_number_words(301_418_208).contains(&"8208".to_owned()));
    }

    #[test]
    fn names_sort_as_people_look_for_them() {
        let sorted = ["«Alba»", "Negozio 2", "NEGOZIO 10", "Negozio 010 b", "Negozio Nord", "“Zeta”"];
        let keys: Vec<String> = sorted.iter().map(|name| sort_key(name)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(sort_key("★"), "★");
        assert_eq!(sort_key("\u{FDFA}".repeat(120).as_str()).chars().count(), SORT_KEY_MAX);
    }

    #[test]
    fn a_name_is_the_same_as_it_is_seen() {
        assert_eq!(as_seen(" L’Oréal  – «Sud»"), as_seen("l'oréal - \"sud\""));
        assert_ne!(as_seen("Muller"), as_seen("Müller"));
    }
}
