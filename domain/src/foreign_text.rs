//! Text that other systems send, such as a mail server's reply, made fit to be stored and shown.

/// `text` as one line of at most `max` characters: controls and separators become spaces, marks that
/// show as nothing or turn the reading direction are dropped.
#[must_use]
pub fn one_line(text: &str, max: usize) -> String {
    let visible: String = text
        .chars()
        .filter(|&character| !is_invisible(character))
        .map(|character| if is_separator(character) { ' ' } else { character })
        .collect();
    let line = visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(max).collect();
    line.trim_end().to_owned()
}

/// Controls (Unicode category Cc) and every kind of space or line end.
fn is_separator(character: char) -> bool {
    character.is_control() || character.is_whitespace()
}

/// Bidirectional controls (Unicode Standard Annex 9), format characters without a glyph, tags, and
/// code points that are no characters.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
        || u32::from(character) & 0xFFFE == 0xFFFE
        || matches!(character, '\u{FDD0}'..='\u{FDEF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn controls_and_marks_that_deceive_are_gone() {
        for (foreign, clean) in [
            ("550 5.1.1 no such mailbox", "550 5.1.1 no such mailbox"),
            ("a\u{1b}[31mb\u{0}c", "a [31mb c"),
            ("evil\u{202E}txt\u{2066}.exe", "eviltxt.exe"),
            (" one\r\n\ttwo\u{2028}three\u{85}four ", "one two three four"),
            ("zero\u{200B}width\u{FEFF}\u{E0041}", "zerowidth"),
            ("«Città» 日本 Ünï", "«Città» 日本 Ünï"),
            ("\u{1b}\u{202E}", ""),
        ] {
            assert_eq!(one_line(foreign, 300), clean, "{foreign:?}");
        }
    }

    #[test]
    fn it_ends_after_so_many_characters() {
        assert_eq!(one_line("éé éé", 3), "éé");
        assert_eq!(one_line(&"x".repeat(300_000), 300).len(), 300);
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_plain_line(text in any::<String>(), max in 0_usize..50) {
            let line = one_line(&text, max);
            prop_assert!(line.chars().count() <= max);
            prop_assert!(!line.chars().any(|character| character.is_control() || is_invisible(character)));
            prop_assert_eq!(one_line(&line, max), line.clone());
        }
    }
}
