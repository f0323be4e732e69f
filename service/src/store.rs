//! The database: SQLite or PostgreSQL, behind one type.

use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use log::LevelFilter;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sqlx::{
        self, Row,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use sea_orm_migration::async_trait::async_trait;
use tokio::sync::Notify;

use crate::{
    error::{Error, Result},
    live::{Changed, Live},
};

/// What each connection of `SQLite` keeps of the file in memory, in its own words: kibibytes, negated.
pub(crate) const CACHE_SIZE: &str = "-4000";

/// How many rows of an index `SQLite` looks at to learn how its values are spread.
const ANALYSIS_LIMIT: u32 = 400;

/// The connections for reading that keep a core busy. What `SQLite` reads is in memory for the most part, so
/// that more of them only take turns.
const READERS_PER_CORE: u32 = 2;

/// A statement that takes longer is logged, without its values.
const SLOW_STATEMENT: Duration = Duration::from_millis(250);

/// The fewest connections to `PostgreSQL`: one listens for changes, and two that work never wait for each other.
const POSTGRES_MIN_CONNECTIONS: u32 = 3;

/// How the database is reached.
#[derive(Clone)]
pub struct StoreOptions {
    /// `sqlite://path/to/file` or `postgres://user:password@host/name`.
    pub url: String,
    /// The most connections held open at once.
    pub max_connections: u32,
}

impl fmt::Debug for StoreOptions {
    /// Leaves out the URL, which may hold a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StoreOptions").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

impl StoreOptions {
    /// Why `max_connections` is too small for this database, if it is.
    ///
    /// # Errors
    /// In words for the operator.
    pub fn check(&self) -> std::result::Result<(), String> {
        let least = if self.is_sqlite() { 1 } else { POSTGRES_MIN_CONNECTIONS };
        if self.max_connections < least {
            return Err(format!("max_connections: at least {least} are needed for this database"));
        }
        Ok(())
    }

    fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

/// A pool of connections for reading and one for writing.
///
/// `SQLite` lets one transaction write at a time. Writers therefore queue in order for a single
/// connection, instead of polling for the lock of the file. On `PostgreSQL` both are the same pool.
#[derive(Clone, Debug)]
pub struct Store {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    listeners: Listeners,
}

/// Who is told what was committed.
#[derive(Clone, Debug, Default)]
struct Listeners {
    live: Live,
    mail_waits: Arc<Notify>,
}

/// What others are told once a transaction is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Open pages show something else by now.
    Changed(Changed),
    /// Mail was written into the outbox.
    MailWaits,
}

/// A transaction that writes. Its events are told once it is committed; dropped, it has changed nothing.
///
/// What changes anything has its record of activity in the same transaction, or says why it has none
/// ([`Self::unrecorded`]); else it is not committed.
pub(crate) struct Transaction {
    inner: DatabaseTransaction,
    listeners: Listeners,
    events: Mutex<Vec<Event>>,
    changes: AtomicBool,
    accounted_for: AtomicBool,
}

impl Transaction {
    /// Registers an event of this transaction.
    pub(crate) fn after_commit(&self, event: Event) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// The record of activity of what this changes is written.
    pub(crate) fn recorded(&self) {
        self.accounted_for.store(true, Ordering::Relaxed);
    }

    /// What this changes has no record of activity, for the reason that is given to the reader.
    pub(crate) fn unrecorded(&self, _reason: &'static str) {
        self.accounted_for.store(true, Ordering::Relaxed);
    }

    fn note(&self, statement: &Statement) {
        if is_change(&statement.sql) {
            self.changes.store(true, Ordering::Relaxed);
        }
    }

    /// The transaction of the ORM, as migrations take it.
    pub(crate) fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Commits, and tells of its events.
    ///
    /// # Errors
    /// [`Error::Internal`] for a change that is neither recorded nor said to be unrecorded.
    pub(crate) async fn commit(self) -> Result<()> {
        if self.changes.into_inner() && !self.accounted_for.into_inner() {
            self.inner.rollback().await?;
            return Err(Error::Internal("a change without a record of activity is not committed".to_owned()));
        }
        self.inner.commit().await?;
        for event in self.events.into_inner().unwrap_or_else(PoisonError::into_inner) {
            match event {
                Event::Changed(changed) => self.listeners.live.tell(changed),
                Event::MailWaits => self.listeners.mail_waits.notify_one(),
            }
        }
        Ok(())
    }

    /// Gives up what was done, and the connection with it.
    pub(crate) async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        self.note(&statement);
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
        self.changes.store(true, Ordering::Relaxed);
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
        self.note(&statement);
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
        self.note(&statement);
        self.inner.query_all_raw(statement).await
    }
}

/// Whether a statement changes rows; one that returns what it changed does so too.
fn is_change(sql: &str) -> bool {
    let is_verb = |word: &str| ["INSERT", "UPDATE", "DELETE"].iter().any(|verb| word.eq_ignore_ascii_case(verb));
    let mut words = sql.split_ascii_whitespace();
    match words.next() {
        Some(first) if first.eq_ignore_ascii_case("WITH") => words.any(is_verb),
        first => first.is_some_and(is_verb),
    }
}

impl Store {
    /// Connects; a `SQLite` file that is not there yet is created.
    ///
    /// # Errors
    /// When the URL is of neither kind or the database cannot be reached.
    pub async fn connect(options: &StoreOptions) -> std::result::Result<Self, DbErr> {
        if options.is_sqlite() {
            let cores =
                thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX));
            let readers = options.max_connections.min(cores.saturating_mul(READERS_PER_CORE));
            let reader = Database::connect(sqlite(options, readers)).await?;
            let writer = Database::connect(sqlite(options, 1)).await?;
            return Ok(Self { reader, writer, listeners: Listeners::default() });
        }
        let mut pool = pool(options, options.max_connections);
        // A connection that died while idle, as all do when PostgreSQL is restarted, is replaced before it is used.
        pool.test_before_acquire(true);
        // PgBouncer refuses it, and since PostgreSQL 12 the default is as exact.
        pool.map_sqlx_postgres_opts(|postgres| postgres.extra_float_digits(None));
        let pool = Database::connect(pool).await?;
        Ok(Self { reader: pool.clone(), writer: pool, listeners: Listeners::default() })
    }

    /// Connections for reading.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The connection for single statements that write.
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Where open pages hear of changes.
    #[must_use]
    pub fn live(&self) -> &Live {
        &self.listeners.live
    }

    /// Notified whenever mail was written into the outbox.
    #[must_use]
    pub fn mail_waits(&self) -> &Arc<Notify> {
        &self.listeners.mail_waits
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// Begins a transaction that will write.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.backend() == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = self.writer.begin_with_options(options).await?;
        Ok(Transaction {
            inner,
            listeners: self.listeners.clone(),
            events: Mutex::default(),
            changes: AtomicBool::default(),
            accounted_for: AtomicBool::default(),
        })
    }

    /// Has the database look at how its values are spread, after many were written at once.
    pub(crate) async fn analyze(&self) -> Result<()> {
        let sql = match self.backend() {
            DbBackend::Sqlite => format!("PRAGMA analysis_limit = {ANALYSIS_LIMIT}; ANALYZE"),
            _ => "ANALYZE".to_owned(),
        };
        self.writer.execute_unprepared(&sql).await?;
        Ok(())
    }

    /// Whether a connection pooler in transaction mode, such as `PgBouncer`, stands before the database. It gives
    /// each transaction another session, which neither prepared statements nor LISTEN outlive.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn is_pooled_by_transaction(&self) -> Result<bool> {
        if self.backend() != DbBackend::Postgres {
            return Ok(false);
        }
        let options = self.writer.get_postgres_connection_pool().connect_options();
        let failed = |error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)));
        Ok(shares_backends(&options).await.map_err(failed)?)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.reader.ping().await?)
    }

    /// Closes every connection after its present work.
    ///
    /// # Errors
    /// When the database reports one while closing.
    pub async fn close(self) -> Result<()> {
        self.writer.close().await?;
        Ok(self.reader.close().await?)
    }
}

fn pool(options: &StoreOptions, max_connections: u32) -> ConnectOptions {
    let mut pool = ConnectOptions::new(&options.url);
    pool.max_connections(max_connections)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .sqlx_logging_level(LevelFilter::Off)
        .sqlx_slow_statements_logging_settings(LevelFilter::Warn, SLOW_STATEMENT);
    pool
}

fn sqlite(options: &StoreOptions, max_connections: u32) -> ConnectOptions {
    let mut pool = pool(options, max_connections);
    pool.min_connections(1).map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Every commit reaches the disk before it is acknowledged.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(200)
            .pragma("cache_size", CACHE_SIZE)
            .pragma("mmap_size", "1073741824")
            .optimize_on_close(true, ANALYSIS_LIMIT)
    });
    pool
}

/// Whether two sessions that are open at once are served by one process of `PostgreSQL`.
///
/// Asked by the simple protocol, which poolers of every kind pass on.
async fn shares_backends(options: &PgConnectOptions) -> std::result::Result<bool, sqlx::Error> {
    let (mut idle, mut busy) = (connection(options).await?, connection(options).await?);
    let before = backend_pid(&mut idle).await?;
    sqlx::raw_sql("BEGIN").execute(&mut busy).await?;
    let other = backend_pid(&mut busy).await?;
    // While the other is in a transaction, a pooler has to serve this one elsewhere.
    let after = backend_pid(&mut idle).await?;
    sqlx::raw_sql("ROLLBACK").execute(&mut busy).await?;
    sqlx::Connection::close(busy).await?;
    sqlx::Connection::close(idle).await?;
    Ok(before == other || before != after)
}

async fn connection(options: &PgConnectOptions) -> std::result::Result<sqlx::PgConnection, sqlx::Error> {
    sqlx::ConnectOptions::connect(options).await
}

async fn backend_pid(connection: &mut sqlx::PgConnection) -> std::result::Result<i32, sqlx::Error> {
    sqlx::raw_sql("SELECT pg_backend_pid()").fetch_one(connection).await?.try_get(0)
}

impl FromStr for StoreOptions {
    type Err = String;

    /// Reads a URL as the drivers do. No error repeats any part of it.
    fn from_str(url: &str) -> std::result::Result<Self, Self::Err> {
        let options = Self { url: url.to_owned(), max_connections: 16 };
        let is_read = match url.split_once(':') {
            Some(("sqlite", _)) => SqliteConnectOptions::from_str(url).is_ok(),
            Some(("postgres" | "postgresql", _)) => PgConnectOptions::from_str(url).is_ok(),
            _ => return Err("a database URL begins with sqlite:// or postgres://".to_owned()),
        };
        if is_read { Ok(options) } else { Err("this database URL cannot be read; check what follows ?".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    #[tokio::test]
    async fn sqlite_is_compiled_to_plan_a_statement_once() {
        let store = Store::connect(&"sqlite::memory:".parse().unwrap()).await.unwrap();
        let asked = Statement::from_string(store.backend(), "SELECT sqlite_compileoption_used('ENABLE_QPSG')");
        let answer = store.reader().query_one_raw(asked).await.unwrap().unwrap();
        assert_eq!(answer.try_get_by_index::<i32>(0).unwrap(), 1, "is .cargo/config.toml read?");
    }

    #[test]
    fn a_database_url_is_read_as_the_drivers_do_and_never_repeated() {
        for good in ["sqlite::memory:", "sqlite://data/a.db", "postgres://u:p@h/d", "postgresql:///d?host=/run"] {
            assert!(good.parse::<StoreOptions>().is_ok(), "{good}");
        }
        for bad in ["", "mysql://u:secret@h/d", "postgres://h:secret", "postgres://h/d?sslmode=secret", "secret"] {
            let error = bad.parse::<StoreOptions>().unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_pool_that_would_wait_for_itself_is_refused() {
        let check = |url: &str, max_connections| StoreOptions { max_connections, url: url.to_owned() }.check();
        assert!(check("sqlite::memory:", 1).is_ok());
        assert!(check("postgres://h/d", 3).is_ok());
        assert!(check("postgres://h/d", 1).unwrap_err().contains("at least 3"));
        assert!(check("sqlite::memory:", 0).is_err());
    }

    async fn noted(store: &Store) -> i64 {
        let asked = Statement::from_string(store.backend(), "SELECT COUNT(*) FROM noted");
        store.writer().query_one_raw(asked).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    async fn note(transaction: &Transaction) {
        let insert = Statement::from_string(DbBackend::Sqlite, "INSERT INTO noted VALUES (1) RETURNING id");
        transaction.query_one_raw(insert).await.unwrap();
    }

    #[tokio::test]
    async fn a_change_is_committed_with_its_record_or_with_a_reason_to_have_none() {
        let store = Store::connect(&"sqlite::memory:".parse().unwrap()).await.unwrap();
        store.writer().execute_unprepared("CREATE TABLE noted (id BIGINT)").await.unwrap();
        let silent = store.begin().await.unwrap();
        note(&silent).await;
        silent.after_commit(Event::MailWaits);
        assert!(matches!(silent.commit().await, Err(Error::Internal(_))));
        assert_eq!(noted(&store).await, 0);
        for account_for in [Transaction::recorded, |transaction: &Transaction| transaction.unrecorded("a test")] {
            let transaction = store.begin().await.unwrap();
            note(&transaction).await;
            account_for(&transaction);
            transaction.commit().await.unwrap();
        }
        assert_eq!(noted(&store).await, 2);
        let idle = store.begin().await.unwrap();
        idle.query_one_raw(Statement::from_string(DbBackend::Sqlite, "SELECT 1")).await.unwrap();
        idle.commit().await.unwrap();
    }

    #[tokio::test]
    async fn mail_that_waits_is_told_of_after_the_commit_and_only_then() {
        let store = Store::connect(&"sqlite::memory:".parse().unwrap()).await.unwrap();
        let is_told = async || {
            let told = store.mail_waits().notified();
            tokio::pin!(told);
            std::future::poll_fn(|context| std::task::Poll::Ready(told.as_mut().poll(context).is_ready())).await
        };
        let dropped = store.begin().await.unwrap();
        dropped.after_commit(Event::MailWaits);
        dropped.rollback().await.unwrap();
        assert!(!is_told().await);
        let transaction = store.begin().await.unwrap();
        transaction.after_commit(Event::MailWaits);
        assert!(!is_told().await);
        transaction.commit().await.unwrap();
        assert!(is_told().await);
    }
}
