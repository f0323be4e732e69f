//! Values of people inside sentences: each stands by itself, whichever way its script is read, so
//! that neither it nor what is around it is turned.

use super::escaped;

/// First strong isolate (Unicode Standard Annex 9).
const BEGIN: char = '\u{2068}';
/// Pop directional isolate.
const END: char = '\u{2069}';

/// A value to be put into a sentence.
#[must_use]
pub fn isolated(value: &str) -> String {
    let plain: String = value.chars().filter(|character| ![BEGIN, END].contains(character)).collect();
    format!("{BEGIN}{plain}{END}")
}

/// A sentence as HTML, with its values in elements of their own.
#[must_use]
pub fn with_isolates(sentence: &str) -> String {
    escaped(sentence).replace(BEGIN, "<bdi>").replace(END, "</bdi>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_of_a_sentence_is_an_element() {
        let sentence = format!("Name: {} → {}", isolated("שירותי ענן (1999)!"), isolated("<b>Acme\u{2069}"));
        let html = "Name: <bdi>שירותי ענן (1999)!</bdi> → <bdi>&lt;b&gt;Acme</bdi>";
        assert_eq!(with_isolates(&sentence), html);
    }
}
