//! Tables as spreadsheets open them: UTF-8 with a byte order mark, and the separator of the language.
//!
//! Nothing in a table is a formula: an apostrophe stands before what a spreadsheet would take for the
//! beginning of one, at the start of a value and after whatever may be taken for a separator.

use domain::locale::Locale;

use crate::error::{Error, Result};

/// What spreadsheets know UTF-8 by.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// What begins a formula, in the forms of half and of full width.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// After what a cell may begin, whatever separator a spreadsheet was told.
const SEPARATORS: [char; 7] = [',', ';', '|', '\t', '\n', '\r', '"'];

/// The separator that spreadsheets expect in the language of `locale`: where numbers have a decimal comma,
/// a semicolon.
#[must_use]
pub const fn separator(locale: Locale) -> u8 {
    match locale {
        Locale::En => b',',
        Locale::It => b';',
    }
}

/// A whole table.
///
/// # Errors
/// [`Error::Internal`] when it cannot be written.
pub fn table<R: AsRef<[u8]>>(
    locale: Locale,
    rows: impl IntoIterator<Item = impl IntoIterator<Item = R>>,
) -> Result<String> {
    Ok(format!("{BYTE_ORDER_MARK}{}", self::rows(locale, rows)?))
}

/// Further rows of a table.
pub(crate) fn rows<R: AsRef<[u8]>>(
    locale: Locale,
    rows: impl IntoIterator<Item = impl IntoIterator<Item = R>>,
) -> Result<String> {
    let wrong = |error: &dyn std::fmt::Display| Error::Internal(format!("a table cannot be written: {error}"));
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator(locale))
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|error| wrong(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| wrong(&error))?;
    String::from_utf8(bytes).map_err(|error| wrong(&error))
}

/// `text` without anything that a spreadsheet would take for a formula.
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    let mut begins = true;
    for (index, character) in text.chars().enumerate() {
        if begins && (FORMULA.contains(&character) || index == 0 && matches!(character, '\t' | '\r' | '\n')) {
            harmless.push('\'');
        }
        harmless.push(character);
        begins = SEPARATORS.contains(&character) || begins && character == ' ';
    }
    harmless
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_a_formula_is_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(harmless(text).chars().next(), Some('\''), "{text:?}");
        }
        assert_eq!(harmless("x;=1+1;y"), "x;'=1+1;y");
        assert_eq!(harmless("x, =1+1"), "x, '=1+1");
        for text in ["Rossi", "PO-1", "a=b", "Al Porto - Nord", ""] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn a_table_is_what_spreadsheets_of_the_language_open() {
        let rows = [["città", "a;b"], ["1,5", "x"]];
        assert_eq!(table(Locale::It, rows).unwrap(), "\u{FEFF}città;\"a;b\"\r\n1,5;x\r\n");
        assert_eq!(table(Locale::En, rows).unwrap(), "\u{FEFF}città,a;b\r\n\"1,5\",x\r\n");
    }

    proptest! {
        #[test]
        fn no_cell_is_a_formula_whatever_separator_it_is_read_with(text in "[-=+@;,\t|\" a\n]{0,12}") {
            for locale in [Locale::En, Locale::It] {
                let table = rows(locale, [[harmless(&text), "end".to_owned()]]).unwrap();
                for separator in b",;\t|" {
                    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(*separator)
                        .from_reader(table.as_bytes());
                    for record in reader.into_records() {
                        let record = record.unwrap();
                        prop_assert!(record.iter().all(|cell| !cell.trim_start().starts_with(FORMULA)), "{table:?}");
                    }
                }
            }
        }
    }
}
