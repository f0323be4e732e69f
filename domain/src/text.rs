//! Text that people type: one form for what looks the same, and what is refused.
//!
//! Everything typed goes through here before it is compared or stored. [`parse_line`] and
//! [`parse_text`] are for names and sentences, [`fold_code`] is for what consists of digits, and
//! [`first_difference`] compares what was typed with what is shown.

mod characters;
mod platform;

use serde::{Deserialize, Serialize};

use characters::{Joiner, is_dash, is_space, is_unsafe, joiner, plain_digit, plain_quote};

/// Why a text is refused. The page words it; see `app`'s locale files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextError {
    /// Longer than `max` characters as people count them (grapheme clusters).
    TooLong {
        /// The greatest number of characters allowed.
        max: u16,
    },
    /// Holds a control character or an override of the reading direction, with which one text can
    /// be made to look like another.
    Control,
}

/// Bytes that a character may have on average: a family is one character of 25 bytes, a letter
/// under a hundred accents is one too.
const BYTES_PER_CHARACTER: usize = 32;

/// Normalises a line of text and accepts it if it has at most `max` characters.
///
/// An empty line, or one of which nothing can be seen, is `None`: whether that is a fault is for
/// the field to say.
///
/// # Errors
/// [`TextError`], the first fault found.
pub fn parse_line(text: &str, max: u16) -> Result<Option<String>, TextError> {
    let line = normalize_line(text);
    if line.chars().any(is_unsafe) {
        return Err(TextError::Control);
    }
    check_length(&line, max)?;
    Ok((!line.is_empty()).then_some(line))
}

/// Normalises text of any number of lines and accepts it if it has at most `max` characters.
///
/// # Errors
/// [`TextError`], the first fault found.
pub fn parse_text(text: &str, max: u16) -> Result<Option<String>, TextError> {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
    let text = without_invisible(&text);
    let text = text.trim_matches(is_space);
    if text.chars().any(|character| is_unsafe(character) && !matches!(character, '\n' | '\t')) {
        return Err(TextError::Control);
    }
    check_length(text, max)?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A line in the one form in which it is compared and stored: composed (NFC), without marks that
/// show as nothing, and with one space where there were spaces or breaks of any kind.
#[must_use]
pub fn normalize_line(text: &str) -> String {
    let visible = without_invisible(text);
    visible.split(is_space).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Text of digits as a machine expects it: ASCII digits whatever the script, one kind of hyphen,
/// one space between parts, and no full-width forms.
#[must_use]
pub fn fold_code(text: &str) -> String {
    fold_width(&normalize_line(text))
        .chars()
        .map(|character| if is_dash(character) { '-' } else { plain_digit(character).unwrap_or(character) })
        .collect()
}

/// ASCII characters in place of their full-width forms, which East Asian keyboards type.
#[must_use]
pub(crate) fn fold_width(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\u{FF01}'..='\u{FF5E}' => {
                char::from_u32(u32::from(character) - u32::from('\u{FF01}') + u32::from('!')).unwrap_or(character)
            }
            _ => character,
        })
        .collect()
}

fn check_length(text: &str, max: u16) -> Result<(), TextError> {
    let max_characters = usize::from(max);
    // No character is less than a byte.
    let fits = text.len() <= max_characters
        || text.len() <= max_characters * BYTES_PER_CHARACTER && platform::graphemes(text).len() <= max_characters;
    if fits { Ok(()) } else { Err(TextError::TooLong { max }) }
}

/// The text composed (NFC), less what shows as nothing. Joiners stay where they shape a letter or
/// an emoji.
fn without_invisible(text: &str) -> String {
    let composed = platform::nfc(text);
    if composed.is_ascii() {
        return composed;
    }
    let mut kept = String::with_capacity(composed.len());
    let mut characters = composed.chars().peekable();
    let mut last = None;
    while let Some(character) = characters.next() {
        let keep = match joiner(character) {
            Joiner::No => !characters::is_invisible(character),
            kind => kind.shapes(last, characters.peek().copied()),
        };
        if keep {
            kept.push(character);
            last = Some(character);
        }
    }
    // A dropped mark may have kept a letter from its accent.
    platform::nfc(&kept)
}

/// Where what was typed first differs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The end of what agrees; empty at the beginning.
    pub after: String,
    /// The character that was expected; `None` at the end of the text.
    pub expected: Option<String>,
    /// The character that was typed instead; `None` where nothing more was typed.
    pub typed: Option<String>,
}

/// The characters of what agrees that a [`Difference`] shows.
const SHOWN_AFTER: usize = 12;

/// Where `typed` first differs from `expected` to the eye. Case, spaces, compatibility forms, and
/// which quotation marks and dashes were used do not count.
#[must_use]
pub fn first_difference(expected: &str, typed: &str) -> Option<Difference> {
    let (expected, typed) = (Seen::new(expected), Seen::new(typed));
    let same = expected.characters.iter().zip(&typed.characters).take_while(|(one, other)| one.0 == other.0).count();
    if same == expected.characters.len() && same == typed.characters.len() {
        return None;
    }
    let end = same.checked_sub(1).map_or(0, |last| expected.characters[last].1 + 1);
    let after = &expected.graphemes[end.saturating_sub(SHOWN_AFTER)..end];
    Some(Difference { after: after.concat(), expected: expected.grapheme(same), typed: typed.grapheme(same) })
}

/// Text as the eye takes it.
struct Seen {
    graphemes: Vec<String>,
    /// Each folded character, with the place of the grapheme that it comes from.
    characters: Vec<(char, usize)>,
}

impl Seen {
    fn new(text: &str) -> Self {
        let graphemes = platform::graphemes(&normalize_line(text));
        let folded = |(place, grapheme): (usize, &String)| {
            fold_seen(grapheme).chars().map(move |character| (character, place)).collect::<Vec<_>>()
        };
        let characters = graphemes.iter().enumerate().flat_map(folded).collect();
        Self { graphemes, characters }
    }

    fn grapheme(&self, character: usize) -> Option<String> {
        let (_, place) = self.characters.get(character)?;
        self.graphemes.get(*place).cloned()
    }
}

fn fold_seen(text: &str) -> String {
    // Quotation marks first: compatibility forms take some of them apart.
    let quotes: String = text.chars().map(plain_quote).collect();
    platform::nfkc(&quotes)
        .chars()
        // By way of the upper case, which has one form for ß and ss, and for both small sigmas.
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .map(|character| if is_dash(character) { '-' } else { plain_quote(character) })
        .filter(|character| !is_space(*character) && !characters::is_invisible(*character))
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    fn line(text: &str) -> Option<String> {
        parse_line(text, 120).unwrap()
    }

    #[test]
    fn what_people_write_is_kept() {
        for text in [
            "Müller & Söhne «Città» 日本",
            "می‌خواهم",
            "क्‍ष",
            "👨‍👩‍👧‍👦 Family",
            "❤️‍🔥",
            "1️⃣",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "葛󠄀城",
            "L’Oréal “X”",
            "שירותי ענן (1999)!",
        ] {
            assert_eq!(line(text).as_deref(), Some(text), "{text:?}");
        }
    }

    #[test]
    fn spaces_of_any_kind_are_one_space() {
        assert_eq!(
            line("\u{3000} Rossi\u{A0}\u{2009} &\tFigli\u{2028}\u{2800}Srl\u{3164}").as_deref(),
            Some("Rossi & Figli Srl")
        );
        assert_eq!(line("one\ntwo\r\nthree").as_deref(), Some("one two three"));
    }

    #[test]
    fn marks_that_show_as_nothing_are_dropped() {
        assert_eq!(
            line("\u{200F}Ro\u{AD}s\u{200B}si\u{200D}\u{FEFF} \u{2066}Srl\u{2069}\u{FE0F}").as_deref(),
            Some("Rossi Srl")
        );
        assert_eq!(line("cafe\u{34F}\u{301}").as_deref(), Some("café"));
    }

    #[test]
    fn a_text_of_which_nothing_can_be_seen_is_empty() {
        for text in [
            "",
            " \t ",
            "\u{3164}",
            "\u{2800}",
            "\u{AD}",
            "\u{200D}",
            "\u{FFA0}",
            "\u{115F}\u{1160}",
            "\u{180E}",
            "\u{2063}\u{2064}",
            "\u{E0041}",
            "\u{FE0F}",
            "\u{1D159}",
            "\u{17B4}",
            "\u{206A}",
            "\u{61C}",
            "\u{FFFC}",
        ] {
            assert_eq!(line(text), None, "{text:?}");
            assert_eq!(parse_text(text, 120), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn text_is_stored_composed() {
        assert_eq!(line("Cafe\u{301} Mu\u{308}ller").as_deref(), Some("Café Müller"));
    }

    #[test]
    fn what_deceives_the_eye_is_refused() {
        for text in ["a\u{0}b", "a\u{7}b", "a\u{202E}b", "a\u{202D}b", "a\u{9B}b"] {
            assert_eq!(parse_line(text, 60), Err(TextError::Control), "{text:?}");
            assert_eq!(parse_text(text, 60), Err(TextError::Control), "{text:?}");
        }
    }

    #[test]
    fn text_may_have_lines() {
        assert_eq!(parse_text(" one\r\n\ttwo\n", 60), Ok(Some("one\n\ttwo".to_owned())));
        assert_eq!(parse_text("one\rtwo\u{2028}three", 60), Ok(Some("one\ntwo\nthree".to_owned())));
        assert_eq!(parse_text("one\ntwo", 6), Err(TextError::TooLong { max: 6 }));
    }

    #[test]
    fn characters_are_counted_as_people_count_them() {
        for character in ["é", "e\u{301}\u{323}", "👨‍👩‍👧‍👦", "🇮🇹", "नि"] {
            assert!(parse_line(&character.repeat(18), 18).is_ok(), "{character}");
            assert_eq!(parse_line(&character.repeat(19), 18), Err(TextError::TooLong { max: 18 }), "{character}");
        }
    }

    #[test]
    fn a_character_without_end_is_too_long() {
        let tower = format!("a{}", "\u{301}".repeat(5_000));
        assert_eq!(parse_line(&tower, 120), Err(TextError::TooLong { max: 120 }));
    }

    #[test]
    fn digits_and_hyphens_of_any_kind_make_a_code() {
        for code in ["１５４－００２３", "١٥٤−٠٠٢٣", "१५४–००२३", " 154‐0023\u{200F}", "154ー0023"]
        {
            assert_eq!(fold_code(code), "154-0023", "{code}");
        }
        assert_eq!(fold_code("ｓｗ１ａ\u{A0}１ａａ"), "sw1a 1aa");
    }

    #[test]
    fn every_digit_folds_to_its_value() {
        for value in 0..10_u32 {
            for zero in ['0', '٠', '۰', '०', '০', '๐', '０', '𝟎', '𞥐'] {
                let digit = char::from_u32(u32::from(zero) + value).unwrap();
                assert_eq!(fold_code(&digit.to_string()), value.to_string(), "{digit}");
            }
        }
    }

    #[track_caller]
    fn assert_same(expected: &str, typed: &str) {
        assert_eq!(first_difference(expected, typed), None, "{expected} {typed}");
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        assert_same("L’Oréal", "l'ore\u{301}al");
        assert_same("Nord – Sud", "Nord - Sud");
        assert_same("Nord – Sud", "nord\u{2011}sud");
        assert_same("ROSSI", " rossi ");
        assert_same("«Città» \"B\"", "“città” „B‟");
        assert_same("Ｔｏｋｙｏ １", "Tokyo 1");
        assert_same("Straße", "STRASSE");
        assert_same("ΠΑΠΑΔΟΠΟΥΛΟΣ", "παπαδοπουλος");
        assert_same("ﬁnanz…", "Finanz...");
        assert_same("D´Angelo", "D`Angelo");
        assert_same("A\u{AD}cme", "Acme");
    }

    #[test]
    fn the_first_character_that_differs_is_shown() {
        let difference = |expected, typed| first_difference(expected, typed).unwrap();
        let shown = |after: &str, expected: Option<&str>, typed: Option<&str>| Difference {
            after: after.to_owned(),
            expected: expected.map(str::to_owned),
            typed: typed.map(str::to_owned),
        };
        assert_eq!(difference("Caffè Roma", "caffe roma"), shown("Caff", Some("è"), Some("e")));
        assert_eq!(difference("Rossi Srl", "Rossi"), shown("Rossi", Some("S"), None));
        assert_eq!(difference("Rossi", "Rossi!"), shown("Rossi", None, Some("!")));
        assert_eq!(difference("Анна", "Aнна"), shown("", Some("А"), Some("A")));
        assert_eq!(difference("A very long name, Ltd", "A very long name; Ltd").after, "ry long name");
    }

    proptest! {
        #[test]
        fn what_is_normalised_stays_as_it_is(text in "\\PC{0,40}") {
            let once = normalize_line(&text);
            prop_assert_eq!(normalize_line(&once), once);
        }

        #[test]
        fn any_text_is_the_same_as_itself(text in "\\PC{0,40}") {
            prop_assert_eq!(first_difference(&text, &text), None);
            prop_assert_eq!(first_difference(&text, &normalize_line(&text)), None);
        }
    }
}
