//! Which passwords may be chosen.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A password long enough to be chosen, as NIST SP 800-63B asks; of its characters nothing is asked. Whether it is
/// easily guessed, `service` says, which has the lists.
#[derive(Clone)]
pub struct NewPassword(SecretString);

/// The text may not be chosen as a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewPasswordError {
    /// Shorter than [`NewPassword::MIN`] characters.
    TooShort,
    /// Longer than [`NewPassword::MAX`] bytes, which would only slow down the hashing.
    TooLong,
}

impl NewPassword {
    /// The fewest characters of a password.
    pub const MIN: u16 = 12;
    /// The most bytes of a password.
    pub const MAX: u16 = 1024;

    /// Accepts a password for use.
    ///
    /// # Errors
    /// [`NewPasswordError`] when it is too short or too long.
    pub fn parse(text: &str) -> Result<Self, NewPasswordError> {
        if text.chars().count() < usize::from(Self::MIN) {
            return Err(NewPasswordError::TooShort);
        }
        if text.len() > usize::from(Self::MAX) {
            return Err(NewPasswordError::TooLong);
        }
        Ok(Self(text.into()))
    }

    /// The password itself, for the hash function only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NewPassword")
    }
}
