//! The entries of a `<select>` as text, for long lists that only the server has.

/// `<option>` elements for (value, label) pairs, with the one of `selected` chosen.
#[must_use]
pub fn options<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>, selected: impl AsRef<str>) -> String {
    let mut html = String::new();
    for (value, label) in entries {
        html.push_str("<option value=\"");
        push_escaped(&mut html, value);
        html.push_str(if value == selected.as_ref() { "\" selected>" } else { "\">" });
        push_escaped(&mut html, label);
        html.push_str("</option>");
    }
    html
}

/// `text` as it stands in HTML.
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    push_escaped(&mut html, text);
    html
}

fn push_escaped(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            character => html.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escaped("</title><script>&\""), "&lt;/title&gt;&lt;script&gt;&amp;&quot;");
    }

    #[test]
    fn names_cannot_break_out_of_their_option() {
        assert_eq!(
            options([("a\"b", "<i>"), ("c", "d & e")], "c"),
            r#"<option value="a&quot;b">&lt;i&gt;</option><option value="c" selected>d &amp; e</option>"#
        );
    }
}
