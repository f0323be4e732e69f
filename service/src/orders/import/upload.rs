//! The text of a file that was uploaded, whatever it is encoded in.

use domain::order_file::{FileFault, LegacyEncoding};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The most bytes of a file.
pub const FILE_MAX: usize = 8 * 1024 * 1024;

/// What files of workbooks begin with: ZIP (xlsx, ods, numbers) and the compound files of older Excels.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0"];

/// The lines that [`Decoded::sample`] shows.
const SAMPLE: usize = 12;

/// The text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// The encoding in which it was read, where it is not Unicode.
    pub legacy: Option<LegacyEncoding>,
}

impl Decoded {
    /// Some lines that another encoding would read otherwise.
    pub fn sample(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter(|line| !line.is_ascii()).take(SAMPLE)
    }
}

/// Reads a file as Unicode, or else as `legacy`; without a choice as Western European, which is to be shown
/// before anything is stored.
///
/// # Errors
/// [`FileFault`] for a file that is no text, or whose text nobody can be sure of.
pub fn decode(bytes: &[u8], legacy: Option<LegacyEncoding>) -> Result<Decoded, FileFault> {
    if bytes.len() > FILE_MAX {
        return Err(FileFault::TooLarge { bytes: bytes.len() as u64, max: FILE_MAX as u64 });
    }
    if WORKBOOKS.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(FileFault::Workbook);
    }
    if let Some((encoding, _)) = Encoding::for_bom(bytes)
        && [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding)
    {
        let (text, _) = encoding.decode_with_bom_removal(bytes);
        return plain(text.into_owned(), None);
    }
    if is_utf16(bytes) {
        return Err(FileFault::Utf16);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return plain(text.to_owned(), None);
    }
    let legacy = legacy.unwrap_or(LegacyEncoding::Western);
    let encoding = Encoding::for_label(legacy.key().as_bytes()).unwrap_or(WINDOWS_1252);
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    plain(text.into_owned(), Some(legacy))
}

/// Refuses what holds control characters that no table has.
fn plain(text: String, legacy: Option<LegacyEncoding>) -> Result<Decoded, FileFault> {
    let is_binary = |character: char| matches!(character, '\0'..='\u{8}' | '\u{E}'..='\u{1F}');
    if text.contains(is_binary) { Err(FileFault::Binary) } else { Ok(Decoded { text, legacy }) }
}

/// Whether every other byte is zero for the most part, as it is in UTF-16 of languages with an alphabet.
fn is_utf16(bytes: &[u8]) -> bool {
    let (pairs, _) = bytes.as_chunks::<2>();
    let zeros = |place: usize| pairs.iter().filter(|pair| pair[place] == 0 && pair[1 - place] != 0).count();
    !pairs.is_empty() && zeros(0).max(zeros(1)) * 2 > pairs.len()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use proptest::prelude::*;

    use super::*;

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn unicode_is_read_without_asking() {
        for bytes in [
            "plan\nÀ 日本".as_bytes().to_vec(),
            "\u{FEFF}plan\nÀ 日本".as_bytes().to_vec(),
            utf16("\u{FEFF}plan\nÀ 日本", u16::to_le_bytes),
            utf16("\u{FEFF}plan\nÀ 日本", u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes, None), Ok(Decoded { text: "plan\nÀ 日本".into(), legacy: None }));
        }
    }

    #[test]
    fn what_is_not_unicode_is_read_as_it_was_chosen() {
        let cyrillic = b"plan\n\xCF\xF0\xE5\xEC\xE8\xF3\xEC";
        let read = |legacy| decode(cyrillic, legacy).unwrap();
        assert_eq!(read(None).legacy, Some(LegacyEncoding::Western));
        assert_eq!(read(None).sample().collect::<Vec<_>>(), ["Ïðåìèóì"]);
        assert_eq!(read(Some(LegacyEncoding::Cyrillic)).text, "plan\nПремиум");
        let japanese = b"plan\n\x93\xFA\x96\x7B";
        assert_eq!(decode(japanese, Some(LegacyEncoding::Japanese)).unwrap().text, "plan\n日本");
        for &encoding in LegacyEncoding::ALL {
            assert!(Encoding::for_label(encoding.key().as_bytes()).is_some(), "{encoding:?}");
        }
    }

    #[test]
    fn what_is_no_text_says_what_it_is() {
        for (bytes, fault) in [
            (b"PK\x03\x04\x14\x00".to_vec(), FileFault::Workbook),
            (b"\xD0\xCF\x11\xE0\xA1\xB1".to_vec(), FileFault::Workbook),
            (utf16("tracking_number;città", u16::to_le_bytes), FileFault::Utf16),
            (utf16("tracking_number;città", u16::to_be_bytes), FileFault::Utf16),
            (b"%PDF-1.7\x00\xFF".to_vec(), FileFault::Binary),
            (b"plan\n\x00\xE0".to_vec(), FileFault::Binary),
            (vec![b'a'; FILE_MAX + 1], FileFault::TooLarge { bytes: FILE_MAX as u64 + 1, max: FILE_MAX as u64 }),
        ] {
            assert_eq!(decode(&bytes, None), Err(fault));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            for legacy in [None, Some(LegacyEncoding::Japanese), Some(LegacyEncoding::SimplifiedChinese)] {
                let _ = decode(&bytes, legacy);
            }
        }
    }
}
