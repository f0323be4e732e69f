//! Idempotency keys: a request that is sent again under the same key leads to the first one's result.
//!
//! A form carries a random key. Its use case claims the key in the transaction of its change, so that
//! of two requests at once the second waits for the first to commit, and then finds its result. The
//! same key with other content is another request: somebody went back and changed what they had typed.

use std::fmt;

use domain::{role::Caller, time::Timestamp};
use sea_orm::{ConnectionTrait, Statement};
use sha2::{Digest, Sha256};

use crate::{Backend, error::Result, random, store::Transaction};

/// Seconds for which a key is known again.
const KNOWN_SECONDS: i64 = 7 * 24 * 3600;

/// The most characters of a key.
const KEY_MAX: usize = 64;

/// A key under which a request is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A key that no other request has.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn random() -> Result<Self> {
        Ok(Self(hex::encode(random::bytes::<16>()?)))
    }

    /// Reads a key: 16 to 64 letters, digits, `-` and `_`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        ((16..=KEY_MAX).contains(&text.len()) && text.bytes().all(is_part)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a request is the first of its key.
pub(crate) enum Claim {
    /// It is, and is to be done.
    First(Claimed),
    /// It was done already, with this result.
    Repeat(String),
}

/// A request that is about to be done.
pub(crate) struct Claimed(Option<Request>);

/// A request, as it is known again.
struct Request {
    person: i64,
    operation: &'static str,
    key: String,
    hash: Vec<u8>,
}

impl Request {
    /// The request of `caller` to do `operation` with `content`; `None` when it was sent without a key.
    fn of(backend: &Backend, caller: &Caller, operation: &'static str, content: &[impl AsRef<str>]) -> Option<Self> {
        let key = backend.idempotency_key.as_ref()?.to_string();
        let mut hash = Sha256::new();
        // The same person may send the same from another membership.
        hash.update(caller.seat.partner().0.to_be_bytes());
        for part in content {
            let part = part.as_ref();
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Some(Self { person: caller.person.0, operation, key, hash: hash.finalize().to_vec() })
    }

    /// A statement whose first four places are the key of the row.
    fn statement(
        &self,
        database: &impl ConnectionTrait,
        sql: &str,
        more: impl IntoIterator<Item = sea_orm::Value>,
    ) -> Statement {
        let key = [self.person.into(), self.operation.into(), self.key.as_str().into(), self.hash.clone().into()];
        Statement::from_sql_and_values(database.get_database_backend(), sql, key.into_iter().chain(more))
    }

    async fn result(&self, database: &impl ConnectionTrait) -> Result<Option<String>> {
        let sql = "SELECT result FROM idempotency_key \
            WHERE person_id = $1 AND operation = $2 AND key = $3 AND request_hash = $4";
        let row = database.query_one_raw(self.statement(database, sql, [])).await?;
        Ok(row.map(|row| row.try_get("", "result")).transpose()?)
    }

    /// Whether no other request has claimed the key; waits for one that is about to commit.
    async fn insert(&self, transaction: &Transaction, now: Timestamp) -> Result<bool> {
        let sql = "INSERT INTO idempotency_key (person_id, operation, key, request_hash, result, created_at) \
            VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT DO NOTHING";
        let inserted = transaction.execute_raw(self.statement(transaction, sql, [now.0.into()])).await?;
        Ok(inserted.rows_affected() == 1)
    }
}

/// Claims the key of the present request for `transaction`. `content` is what the request asks for.
pub(crate) async fn claim(
    backend: &Backend,
    transaction: &Transaction,
    caller: &Caller,
    operation: &'static str,
    content: &[impl AsRef<str>],
) -> Result<Claim> {
    let Some(request) = Request::of(backend, caller, operation, content) else {
        return Ok(Claim::First(Claimed(None)));
    };
    if !request.insert(transaction, backend.clock.now()).await?
        && let Some(result) = request.result(transaction).await?
    {
        return Ok(Claim::Repeat(result));
    }
    Ok(Claim::First(Claimed(Some(request))))
}

/// The result of an earlier request with the key and the content of the present one.
pub(crate) async fn earlier(
    backend: &Backend,
    caller: &Caller,
    operation: &'static str,
    content: &[impl AsRef<str>],
) -> Result<Option<String>> {
    match Request::of(backend, caller, operation, content) {
        Some(request) => request.result(backend.store.reader()).await,
        None => Ok(None),
    }
}

impl Claimed {
    /// Stores what the request led to.
    pub(crate) async fn complete(self, transaction: &Transaction, result: &str) -> Result<()> {
        let Some(request) = self.0 else { return Ok(()) };
        let sql = "UPDATE idempotency_key SET result = $5 \
            WHERE person_id = $1 AND operation = $2 AND key = $3 AND request_hash = $4";
        transaction.execute_raw(request.statement(transaction, sql, [result.into()])).await?;
        Ok(())
    }
}

/// Removes keys that are too old to be sent again.
///
/// # Errors
/// When the database fails.
pub async fn sweep(backend: &Backend) -> Result<()> {
    let sql = "DELETE FROM idempotency_key WHERE created_at < $1";
    let before = backend.clock.now().plus_seconds(-KNOWN_SECONDS);
    let statement = Statement::from_sql_and_values(backend.store.backend(), sql, [before.0.into()]);
    backend.store.writer().execute_raw(statement).await?;
    Ok(())
}
