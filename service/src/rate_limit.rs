//! Rate limits: how often a secret may be guessed, a right be tried, or a mail be sent.
//!
//! An attempt is counted before it is made, so that many at once cannot slip through, and against all of
//! its limits in one statement. Once one of them is reached nothing is written any more until its window
//! ends.

use std::collections::HashMap;

use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use sha2::{Digest, Sha256};

use crate::{
    Backend,
    error::{Error, Result},
    sql::Sql,
};

/// Seconds of a window, unless a limit says otherwise.
pub(crate) const WINDOW: i64 = 15 * 60;

/// The most attempts of one subject within a window.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    name: &'static str,
    key: Vec<u8>,
    max: i32,
    window: i64,
}

impl Limit {
    /// At most `max` attempts of the kind `name` by, or against, what `subject` identifies.
    pub(crate) fn new(name: &'static str, subject: &[&str], max: i32) -> Self {
        let key = Sha256::digest([&[name], subject].concat().join("\n")).to_vec();
        Self { name, key, max, window: WINDOW }
    }

    /// The same limit over a window of so many seconds.
    pub(crate) fn within(self, window: i64) -> Self {
        Self { window, ..self }
    }
}

#[derive(FromQueryResult)]
struct Counted {
    key_hash: Vec<u8>,
    count: i32,
    expires_at: i64,
}

/// Counts an attempt against each of `limits`, unless one of them is reached.
///
/// # Errors
/// [`Error::RateLimited`] if one is.
pub(crate) async fn count(database: &impl ConnectionTrait, now: Timestamp, limits: &[Limit]) -> Result<()> {
    let mut sql = Sql::new(database.get_database_backend());
    sql.push("WITH wanted (key_hash, max_count, expires_at) AS (VALUES ");
    for (index, limit) in limits.iter().enumerate() {
        sql.push(if index == 0 { "(" } else { ", (" }).bind(limit.key.clone()).push(", ").bind(limit.max);
        sql.push(", ").bind(now.plus_seconds(limit.window).0).push(")");
    }
    sql.push(") INSERT INTO rate_limit (key_hash, count, expires_at) SELECT key_hash, 1, expires_at FROM wanted ");
    sql.push("WHERE NOT EXISTS (SELECT 1 FROM wanted w JOIN rate_limit r ON r.key_hash = w.key_hash ");
    sql.push("WHERE r.count >= w.max_count AND r.expires_at > ").bind(now.0);
    // In one order, so that two that count the same keys at once do not wait for each other in a circle.
    sql.push(") ORDER BY key_hash ON CONFLICT (key_hash) DO UPDATE SET ");
    sql.push("count = CASE WHEN rate_limit.expires_at <= ").bind(now.0);
    sql.push(" THEN 1 ELSE rate_limit.count + 1 END, expires_at = CASE WHEN rate_limit.expires_at <= ").bind(now.0);
    sql.push(" THEN excluded.expires_at ELSE rate_limit.expires_at END RETURNING key_hash, count, expires_at");
    let statement = sql.statement();
    let counted = Counted::find_by_statement(statement).all(database).await?;
    // `PostgreSQL` may count several at once before one of them sees that the limit is reached.
    let max: HashMap<&[u8], i32> = limits.iter().map(|limit| (limit.key.as_slice(), limit.max)).collect();
    let is_within = |row: &Counted| max.get(row.key_hash.as_slice()).is_some_and(|max| row.count <= *max);
    if !counted.is_empty() && counted.iter().all(is_within) {
        return Ok(());
    }
    Err(refusal(database, now, limits).await?)
}

/// The error of a limit that is reached, which is logged.
async fn refusal(database: &impl ConnectionTrait, now: Timestamp, limits: &[Limit]) -> Result<Error> {
    let mut sql = Sql::new(database.get_database_backend());
    sql.push("SELECT key_hash, count, expires_at FROM rate_limit WHERE expires_at > ").bind(now.0);
    for (index, limit) in limits.iter().enumerate() {
        sql.push(if index == 0 { " AND key_hash IN (" } else { ", " }).bind(limit.key.clone());
    }
    sql.push(")");
    let statement = sql.statement();
    let rows = Counted::find_by_statement(statement).all(database).await?;
    let reached = rows.iter().filter_map(|row| {
        let limit = limits.iter().find(|limit| limit.key == row.key_hash && limit.max <= row.count)?;
        Some((limit.name, row.expires_at))
    });
    let (name, expires_at) = reached.max_by_key(|(_, expires_at)| *expires_at).unwrap_or(("", now.0));
    tracing::warn!(limit = name, "a rate limit was reached");
    Ok(Error::RateLimited { retry_after: Timestamp(expires_at).seconds_since(now).max(1) })
}

/// Takes back an attempt that does not count after all, and forgets every attempt counted against `forgiven`.
pub(crate) async fn release(database: &impl ConnectionTrait, limits: &[Limit], forgiven: Option<&Limit>) -> Result<()> {
    let mut limits: Vec<&Limit> = limits.iter().chain(forgiven).collect();
    // In the order in which they are counted, so that nobody waits in a circle.
    limits.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    for limit in limits {
        if forgiven.is_some_and(|forgiven| forgiven.key == limit.key) {
            reset(database, limit).await?;
            continue;
        }
        let sql = "UPDATE rate_limit SET count = count - 1 WHERE key_hash = $1 AND count > 0";
        let values = [limit.key.clone().into()];
        database.execute_raw(Statement::from_sql_and_values(database.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

/// Forgets every attempt counted against `limit`.
pub(crate) async fn reset(database: &impl ConnectionTrait, limit: &Limit) -> Result<()> {
    let sql = "DELETE FROM rate_limit WHERE key_hash = $1";
    let values = [limit.key.clone().into()];
    database.execute_raw(Statement::from_sql_and_values(database.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Removes counts whose window has ended.
pub(crate) async fn sweep(backend: &Backend) -> Result<()> {
    let sql = "DELETE FROM rate_limit WHERE expires_at <= $1";
    let values = [backend.clock.now().0.into()];
    backend.store.writer().execute_raw(Statement::from_sql_and_values(backend.store.backend(), sql, values)).await?;
    Ok(())
}
