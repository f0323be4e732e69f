//! Limits on attempts: to guess a secret, in signing in and in onboarding a gateway, and to do what one may not.
//!
//! Attempts are counted for a quarter of an hour. Those to sign in are counted by address, by source,
//! and by both together. The last has the smallest limit, so that whoever guesses at somebody's password is stopped without
//! that person, who comes from elsewhere, being locked out; and no limit lasts longer than that.

use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, Statement};
use sha2::{Digest, Sha256};

use crate::{
    Backend,
    error::{Error, Result},
};

/// Seconds for which attempts are counted.
pub(crate) const WINDOW: i64 = 15 * 60;

const COUNT: &str = "INSERT INTO sign_in_attempt (key_hash, failures, since) VALUES ($1, 1, $2) \
    ON CONFLICT (key_hash) DO UPDATE SET \
    failures = CASE WHEN sign_in_attempt.since <= $3 THEN 1 ELSE sign_in_attempt.failures + 1 END, \
    since = CASE WHEN sign_in_attempt.since <= $3 THEN $2 ELSE sign_in_attempt.since END \
    RETURNING failures, since";

/// Counts an attempt before it is made; gives the key under which it is counted.
///
/// # Errors
/// [`Error::RateLimited`] when there were more than `limit`.
pub(crate) async fn count(backend: &Backend, what: &[&str], limit: i32) -> Result<Vec<u8>> {
    let key = key(what);
    let now = backend.clock.now();
    let (failures, since) = count_one(backend, &key, now).await?;
    if failures > limit {
        return Err(Error::RateLimited { retry_after: (WINDOW - now.seconds_since(since)).max(1) });
    }
    Ok(key)
}

/// Takes an attempt back that was no guess.
pub(crate) async fn forget(backend: &Backend, key: &[u8]) -> Result<()> {
    let sql = "UPDATE sign_in_attempt SET failures = failures - 1 WHERE key_hash = $1 AND failures > 0";
    let statement = Statement::from_sql_and_values(backend.store.backend(), sql, [key.to_vec().into()]);
    backend.store.writer().execute_raw(statement).await?;
    Ok(())
}

/// One attempt to sign in, already counted against each of its limits.
pub(crate) struct Attempt {
    keys: [Vec<u8>; 3],
}

impl Attempt {
    /// Counts an attempt before it is made, so that many at once cannot slip through.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when a limit is reached.
    pub(crate) async fn begin(backend: &Backend, address: &str, source: &str) -> Result<Self> {
        Ok(Self {
            keys: [
                count(backend, &["both", address, source], 5).await?,
                count(backend, &["address", address], 30).await?,
                count(backend, &["source", source], 100).await?,
            ],
        })
    }

    /// Takes the attempt back: it succeeded.
    pub(crate) async fn succeeded(self, backend: &Backend) -> Result<()> {
        let database = backend.store.writer();
        let [both, address, source] = self.keys;
        let kind = backend.store.backend();
        let forget = "DELETE FROM sign_in_attempt WHERE key_hash = $1";
        database.execute_raw(Statement::from_sql_and_values(kind, forget, [both.into()])).await?;
        let uncount = "UPDATE sign_in_attempt SET failures = failures - 1 WHERE key_hash IN ($1, $2) AND failures > 0";
        database.execute_raw(Statement::from_sql_and_values(kind, uncount, [address.into(), source.into()])).await?;
        Ok(())
    }
}

async fn count_one(backend: &Backend, key: &[u8], now: Timestamp) -> Result<(i32, Timestamp)> {
    let values = [key.to_vec().into(), now.0.into(), now.plus_seconds(-WINDOW).0.into()];
    let statement = Statement::from_sql_and_values(backend.store.backend(), COUNT, values);
    let row = backend.store.writer().query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Error::Internal("an attempt was not counted".to_owned()))?;
    Ok((row.try_get("", "failures")?, Timestamp(row.try_get("", "since")?)))
}

fn key(parts: &[&str]) -> Vec<u8> {
    Sha256::digest(parts.join("\n")).to_vec()
}
