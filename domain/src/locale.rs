//! Languages: those that the console speaks, and those that an account can have.

use serde::{Deserialize, Serialize};

/// A language in which the console itself is complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Italian.
    It,
}

impl Locale {
    /// Every locale, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::En, Self::It];

    /// The language tag (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::It => "it",
        }
    }

    /// The language's own name for itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::It => "Italiano",
        }
    }

    /// The locale of a language tag, by its primary subtag: `it-CH` is Italian.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(primary))
    }

    /// The locale that a browser's `Accept-Language` likes best (RFC 9110, section 12.5.4).
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let mut best = None;
        for range in accept_language.split(',').take(20) {
            let mut parts = range.split(';');
            let Some(locale) = parts.next().and_then(Self::from_tag) else { continue };
            let quality = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |quality| quality.parse::<f32>().unwrap_or(0.0));
            if quality > best.map_or(0.0, |(quality, _)| quality) {
                best = Some((quality, locale));
            }
        }
        best.map(|(_, locale)| locale)
    }
}

/// A language that an account can have by default: that of its invitations and mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Italian.
    It,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Portuguese.
    Pt,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 6] = [Self::En, Self::It, Self::De, Self::Fr, Self::Es, Self::Pt];

    /// The language tag (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::It => "it",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Pt => "pt",
        }
    }

    /// The language of a tag, if it is one of those offered.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_best_of_what_it_asks_for() {
        assert_eq!(Locale::negotiate("it-IT,it;q=0.9,en;q=0.8"), Some(Locale::It));
        assert_eq!(Locale::negotiate("de, en-GB;q=0.7, it;q=0.3"), Some(Locale::En));
        assert_eq!(Locale::negotiate("en;q=0, it;q=0.1"), Some(Locale::It));
        assert_eq!(Locale::negotiate("fr, *;q=0.5"), None);
        assert_eq!(Locale::negotiate(";;,,q=;"), None);
    }
}
