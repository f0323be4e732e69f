//! Kinds of characters: spaces, dashes, digits, quotation marks, and what shows as nothing.

/// Whether a character shows as a space: Unicode's white space, and fillers that are as wide as one.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{2800}' | '\u{3164}' | '\u{FFA0}')
}

/// Control characters (Unicode category Cc), and overrides of the reading direction (Unicode
/// Standard Annex 9), under which letters stand in another order than they are read.
pub(super) fn is_unsafe(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202D}' | '\u{202E}')
}

/// Characters that show as nothing wherever they stand: most of Unicode's `Default_Ignorable_Code_Point`
/// and some that are drawn as blanks. What may shape its neighbours is told by [`joiner`].
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202C}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFC}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// How an invisible character may shape what stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joiner {
    /// It is no such character.
    No,
    /// Joins two letters or two emoji, or parts two letters (ZWJ, ZWNJ).
    Between,
    /// Chooses a form of the character before it.
    Variation,
    /// Chooses a form of the Mongolian letter before it.
    Mongolian,
    /// Spells the flag of a region after a black flag.
    Tag,
}

/// How `character` may shape what stands beside it.
pub(super) fn joiner(character: char) -> Joiner {
    match character {
        '\u{200C}' | '\u{200D}' => Joiner::Between,
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => Joiner::Variation,
        '\u{180B}'..='\u{180F}' => Joiner::Mongolian,
        '\u{E0020}'..='\u{E007F}' => Joiner::Tag,
        _ => Joiner::No,
    }
}

impl Joiner {
    /// Whether it shapes anything between `before` and `after`.
    pub(super) fn shapes(self, before: Option<char>, after: Option<char>) -> bool {
        let Some(before) = before else { return false };
        let is_followed = |by: fn(char) -> bool| after.is_some_and(by);
        match self {
            Self::No => false,
            Self::Between => {
                is_joined_script(before) && is_followed(is_joined_script)
                    || is_emoji_part(before) && is_followed(is_emoji)
            }
            Self::Variation => is_emoji(before) || is_ideograph(before) || is_followed(|after| after == '\u{20E3}'),
            Self::Mongolian => matches!(before, '\u{1820}'..='\u{18AA}'),
            Self::Tag => before == '\u{1F3F4}' || matches!(before, '\u{E0020}'..='\u{E007E}'),
        }
    }
}

/// Scripts whose letters take other forms beside a joiner: from Arabic to Sinhala, Tibetan,
/// Myanmar, Khmer and Mongolian, and Arabic's presentation forms.
fn is_joined_script(character: char) -> bool {
    matches!(character,
        '\u{600}'..='\u{DFF}' | '\u{F00}'..='\u{109F}' | '\u{1780}'..='\u{18AF}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

/// Pictographs, and characters that have a form as one.
fn is_emoji(character: char) -> bool {
    matches!(character,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{2BFF}'
        | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

fn is_emoji_part(character: char) -> bool {
    is_emoji(character) || character == '\u{FE0F}'
}

fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}')
}

/// Dashes (Unicode category Pd) and signs that people take for one: minus signs, the hyphen
/// bullet, and the mark of a long vowel, which stands on the same key in Japanese.
pub(super) fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{2D7}' | '\u{58A}' | '\u{5BE}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{207B}'
                | '\u{208B}'
                | '\u{2212}'
                | '\u{2E17}'
                | '\u{2E1A}'
                | '\u{2E3A}'
                | '\u{2E3B}'
                | '\u{2E40}'
                | '\u{2E5D}'
                | '\u{301C}'
                | '\u{3030}'
                | '\u{30A0}'
                | '\u{30FC}'
                | '\u{FE31}'
                | '\u{FE32}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF0D}'
                | '\u{FF70}'
                | '\u{10EAD}'
    )
}

/// An ASCII quotation mark or apostrophe in place of one of another form.
pub(super) fn plain_quote(character: char) -> char {
    match character {
        '\u{2018}'..='\u{201B}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{2039}'
        | '\u{203A}'
        | '\u{B4}'
        | '`'
        | '\u{2B9}'
        | '\u{2BB}'..='\u{2BD}'
        | '\u{2CA}'
        | '\u{2CB}'
        | '\u{5F3}'
        | '\u{A78C}'
        | '\u{FF07}' => '\'',
        '\u{201C}'..='\u{201F}'
        | '\u{2033}'
        | '\u{2036}'
        | '\u{AB}'
        | '\u{BB}'
        | '\u{2BA}'
        | '\u{5F4}'
        | '\u{300C}'..='\u{300F}'
        | '\u{301D}'..='\u{301F}'
        | '\u{FF02}' => '"',
        _ => character,
    }
}

/// The ASCII digit of the value that a decimal digit of any script has.
pub(super) fn plain_digit(character: char) -> Option<char> {
    let place = ZEROS.partition_point(|zero| *zero <= character).checked_sub(1)?;
    char::from_digit(u32::from(character) - u32::from(ZEROS[place]), 10)
}

/// The zero of each script's decimal digits (Unicode 16, category Nd), in order.
const ZEROS: [char; 75] = [
    '\u{0030}',
    '\u{0660}',
    '\u{06F0}',
    '\u{07C0}',
    '\u{0966}',
    '\u{09E6}',
    '\u{0A66}',
    '\u{0AE6}',
    '\u{0B66}',
    '\u{0BE6}',
    '\u{0C66}',
    '\u{0CE6}',
    '\u{0D66}',
    '\u{0DE6}',
    '\u{0E50}',
    '\u{0ED0}',
    '\u{0F20}',
    '\u{1040}',
    '\u{1090}',
    '\u{17E0}',
    '\u{1810}',
    '\u{1946}',
    '\u{19D0}',
    '\u{1A80}',
    '\u{1A90}',
    '\u{1B50}',
    '\u{1BB0}',
    '\u{1C40}',
    '\u{1C50}',
    '\u{A620}',
    '\u{A8D0}',
    '\u{A900}',
    '\u{A9D0}',
    '\u{A9F0}',
    '\u{AA50}',
    '\u{ABF0}',
    '\u{FF10}',
    '\u{104A0}',
    '\u{10D30}',
    '\u{10D40}',
    '\u{11066}',
    '\u{110F0}',
    '\u{11136}',
    '\u{111D0}',
    '\u{112F0}',
    '\u{11450}',
    '\u{114D0}',
    '\u{11650}',
    '\u{116C0}',
    '\u{116D0}',
    '\u{116DA}',
    '\u{11730}',
    '\u{118E0}',
    '\u{11950}',
    '\u{11BF0}',
    '\u{11C50}',
    '\u{11D50}',
    '\u{11DA0}',
    '\u{11F50}',
    '\u{16A60}',
    '\u{16AC0}',
    '\u{16B50}',
    '\u{16D70}',
    '\u{1CCF0}',
    '\u{1D7CE}',
    '\u{1D7D8}',
    '\u{1D7E2}',
    '\u{1D7EC}',
    '\u{1D7F6}',
    '\u{1E140}',
    '\u{1E2F0}',
    '\u{1E4F0}',
    '\u{1E5F1}',
    '\u{1E950}',
    '\u{1FBF0}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zeros_stand_in_order() {
        assert!(ZEROS.is_sorted());
    }

    #[test]
    fn a_character_that_is_no_digit_has_no_value() {
        for character in ['/', ':', 'a', '½', '三', 'Ⅳ', '²', '\u{10FFFF}', '\u{0}'] {
            assert_eq!(plain_digit(character), None, "{character}");
        }
    }
}
