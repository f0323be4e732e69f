//! The one place from which randomness comes: the operating system's generator.

use std::fmt::Write;

use crate::error::{Error, Result};

/// `N` bytes that nobody can guess.
#[expect(clippy::disallowed_methods, reason = "the one place that may ask the system for randomness")]
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(bytes)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A number below `bound`, each as likely as the other to within 2⁻³².
pub(crate) fn below(bound: u32) -> Result<u32> {
    let wide = u128::from(u64::from_le_bytes(bytes()?));
    Ok(u32::try_from((wide * u128::from(bound)) >> 64).unwrap_or_default())
}
