//! Hashing of passwords by argon2id, with the parameters that OWASP recommends
//! (19 MiB, two passes, one lane), off the threads that serve requests.

use std::sync::LazyLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// How many passwords are hashed at once: more would use more memory and end no sooner.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// What a password is compared with when there is none, so that this takes just as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

/// Hashes `password` for storing.
pub(crate) async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    off_thread(move || hash_now(&password)).await?
}

/// Whether `password` is that of `hash`. Without a hash the answer is no, after the same time.
pub(crate) async fn verify(password: &str, hash: Option<String>) -> Result<bool> {
    let password = password.to_owned();
    off_thread(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let matches = PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        matches && known
    })
    .await
}

fn hash_now(password: &str) -> Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Error::Internal(format!("a password cannot be hashed: {error}")))
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _permit = AT_ONCE.acquire().await;
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(format!("hashing stopped: {error}")))
}
