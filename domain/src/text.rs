//! Text that people type on one line: what is refused before anything is stored or shown.

use serde::{Deserialize, Serialize};

/// Why a line of text is refused. The page words it; see `app`'s locale files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextError {
    /// Longer than `max` characters (Unicode scalar values).
    TooLong {
        /// The greatest number of characters allowed.
        max: u16,
    },
    /// Holds a control character, a line separator or a mark that turns the reading direction,
    /// with which one text can be made to look like another.
    Control,
}

/// Trims `text` and accepts it if it is at most `max` characters of plain text.
///
/// An empty line is `None`: whether that is a fault is for the field to say.
///
/// # Errors
/// [`TextError`], the first fault found.
pub fn parse_line(text: &str, max: u16) -> Result<Option<String>, TextError> {
    let text = text.trim();
    if text.chars().any(is_unsafe) {
        return Err(TextError::Control);
    }
    if text.chars().count() > usize::from(max) {
        return Err(TextError::TooLong { max });
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Trims `text` and accepts it if it is at most `max` characters of plain text, on any number of lines.
///
/// # Errors
/// [`TextError`], the first fault found.
pub fn parse_text(text: &str, max: u16) -> Result<Option<String>, TextError> {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().any(|character| is_unsafe(character) && !matches!(character, '\n' | '\t')) {
        return Err(TextError::Control);
    }
    if text.chars().count() > usize::from(max) {
        return Err(TextError::TooLong { max });
    }
    Ok((!text.is_empty()).then_some(text))
}

/// Controls (Unicode category Cc), line and paragraph separators, bidirectional embeddings,
/// overrides and isolates (Unicode Standard Annex 9), and characters that show as nothing.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{061C}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_and_keeps_what_people_write() {
        assert_eq!(
            parse_line("  Müller & Söhne «Città» 日本 ", 60),
            Ok(Some("Müller & Söhne «Città» 日本".to_owned()))
        );
        assert_eq!(parse_line(" \t ", 60), Ok(None));
    }

    #[test]
    fn text_may_have_lines() {
        assert_eq!(parse_text(" one\r\n\ttwo\n", 60), Ok(Some("one\n\ttwo".to_owned())));
        assert_eq!(parse_text("one\u{202E}two", 60), Err(TextError::Control));
        assert_eq!(parse_text("one\ntwo", 6), Err(TextError::TooLong { max: 6 }));
    }

    #[test]
    fn counts_characters_not_bytes() {
        assert!(parse_line("éééé", 4).is_ok());
        assert_eq!(parse_line("ééééé", 4), Err(TextError::TooLong { max: 4 }));
    }

    #[test]
    fn refuses_what_deceives_the_eye() {
        for text in ["a\u{0}b", "a\nb", "a\u{202E}b", "a\u{2066}b", "a\u{200B}b", "a\u{2028}b"] {
            assert_eq!(parse_line(text, 60), Err(TextError::Control), "{text:?}");
        }
    }
}
