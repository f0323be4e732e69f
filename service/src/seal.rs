//! Encryption of secrets that must be read again, with the key of the configuration.

use std::fmt;

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};

use sea_orm::{ConnectionTrait, Statement};

use crate::{
    Backend,
    error::{Error, Result},
    random,
};

/// Bytes of the nonce that stands before what is sealed.
const NONCE: usize = 24;

/// Seals and opens secrets (XChaCha20-Poly1305, RFC 8439 with a nonce long enough to be drawn at random).
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// A sealer with the key of the configuration: 32 bytes that nobody else knows.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Draws a new key, as hexadecimal digits.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn draw_key() -> Result<String> {
        Ok(random::hex(&random::bytes::<32>()?))
    }

    /// Seals `secret` so that it opens for the same `place` only, such as a column and its row.
    pub(crate) fn seal(&self, place: &str, secret: &str) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE] = random::bytes()?;
        let payload = Payload { msg: secret.as_bytes(), aad: place.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::Internal(format!("{place} cannot be sealed")))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// [`Error::Internal`] when it was sealed with another key, for another place, or was changed.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Result<String> {
        let wrong = || Error::Internal(format!("{place} cannot be opened: is encryption_key another than it was?"));
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(wrong)?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let secret = self.0.decrypt(&XNonce::from(*nonce), payload).map_err(|_| wrong())?;
        String::from_utf8(secret).map_err(|_| wrong())
    }
}

/// Makes sure that the key is the one with which this database's secrets were sealed. The first start
/// decides which that is.
///
/// # Errors
/// [`Error::Internal`] when it is another.
pub async fn check_key(backend: &Backend) -> Result<()> {
    const PLACE: &str = "key_check";
    let database = backend.store.writer();
    let kind = backend.store.backend();
    let sealer = &backend.settings.sealer;
    let insert = "INSERT INTO key_check (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
    let text = sealer.seal(PLACE, PLACE)?;
    database.execute_raw(Statement::from_sql_and_values(kind, insert, [text.into()])).await?;
    let row = database.query_one_raw(Statement::from_string(kind, "SELECT sealed FROM key_check WHERE id = 1")).await?;
    let stored: Vec<u8> =
        row.ok_or_else(|| Error::Internal("the key's check is missing".to_owned()))?.try_get("", "sealed")?;
    sealer.open(PLACE, &stored).map(drop).map_err(|_| {
        Error::Internal("encryption_key is not the one with which the secrets in this database were sealed".to_owned())
    })
}

impl fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sealer")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    #[test]
    fn only_the_key_and_the_place_open_it() {
        let sealer = Sealer::new(&[7; 32]);
        let text = sealer.seal("gateway_code 1", "4F7K").unwrap();
        assert_eq!(sealer.open("gateway_code 1", &text).unwrap(), "4F7K");
        assert!(sealer.open("gateway_code 2", &text).is_err());
        assert!(Sealer::new(&[8; 32]).open("gateway_code 1", &text).is_err());
        let mut changed = text.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(sealer.open("gateway_code 1", &changed).is_err());
        assert!(sealer.open("gateway_code 1", &text[..5]).is_err());
        assert_ne!(text, sealer.seal("gateway_code 1", "4F7K").unwrap());
    }
}
