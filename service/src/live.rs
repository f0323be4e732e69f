//! Telling open pages that something changed.
//!
//! A page listens to one topic: its account, or all of its partner. Whoever commits a change tells its
//! topics. Several processes on one `PostgreSQL` tell each other by NOTIFY; see [`Relay`]. What is
//! told is only that something changed: each page then asks anew for what its person may see.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::{
    account_number::AccountNumber,
    id::{AccountId, PartnerId},
    rights::{Action, Resource, decide},
    role::Caller,
};
use sea_orm::{
    ConnectionTrait, DbBackend, FromQueryResult, Statement,
    sqlx::{
        Executor,
        postgres::{PgListener, PgPoolOptions},
    },
};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use crate::{
    Backend, Store,
    accounts::authorise,
    error::{Error, Result, allow},
    random,
};

/// What a page listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// One account.
    Account(AccountId),
    /// Everything of one partner.
    Partner(PartnerId),
}

/// A change that was committed. Of no partner and no account, it says that anything may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) partner: Option<PartnerId>,
    pub(crate) account: Option<AccountId>,
    /// The key of its record of activity; `None` for what is not recorded, such as mail that arrived.
    pub(crate) record: Option<i64>,
}

/// The latest change of a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latest {
    /// The key of its record of activity; 0 for what is not recorded. Keys come in no order: what began
    /// first may be committed last.
    pub record: i64,
    /// The number of changes so far; by it is noticed that others were missed.
    pub changes: u64,
}

impl Latest {
    fn tell(&mut self, record: Option<i64>) {
        self.record = record.unwrap_or_default();
        self.changes += 1;
    }

    /// The record to be told to who was told `told` before: 0, for anything, if there was more than one.
    #[must_use]
    pub fn record_since(self, told: Self) -> i64 {
        if self.changes == told.changes + 1 { self.record } else { 0 }
    }
}

/// Who listens to what. Cheap to clone.
#[derive(Clone, Default)]
pub struct Live(Arc<Inner>);

#[derive(Default)]
struct Inner {
    topics: Mutex<HashMap<Topic, watch::Sender<Latest>>>,
    /// Whether the server stops: nothing more will come.
    stopped: AtomicBool,
    /// To the other processes, where there may be some.
    elsewhere: OnceLock<mpsc::UnboundedSender<Changed>>,
}

impl fmt::Debug for Live {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Live").field("topics", &self.topics().len()).finish()
    }
}

impl Live {
    fn topics(&self) -> MutexGuard<'_, HashMap<Topic, watch::Sender<Latest>>> {
        self.0.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to `topic` from now on. When the server stops, the receiver is told so.
    #[must_use]
    pub fn listen(&self, topic: Topic) -> watch::Receiver<Latest> {
        let mut topics = self.topics();
        if self.0.stopped.load(Ordering::SeqCst) {
            return watch::channel(Latest::default()).1;
        }
        if topics.len() >= SWEPT_AT && topics.len().is_power_of_two() {
            topics.retain(|_, sender| sender.receiver_count() > 0);
        }
        topics.entry(topic).or_default().subscribe()
    }

    /// Tells everybody that nothing more will come, so that they go.
    pub fn stop(&self) {
        let mut topics = self.topics();
        self.0.stopped.store(true, Ordering::SeqCst);
        topics.clear();
    }

    /// Tells pages of this process, and the other processes.
    pub(crate) fn tell(&self, changed: Changed) {
        self.tell_here(changed);
        if let Some(elsewhere) = self.0.elsewhere.get() {
            let _ = elsewhere.send(changed);
        }
    }

    fn tell_here(&self, changed: Changed) {
        let mut topics = self.topics();
        let all = [changed.account.map(Topic::Account), changed.partner.map(Topic::Partner)];
        for topic in all.into_iter().flatten() {
            let Some(sender) = topics.get(&topic) else { continue };
            if sender.receiver_count() == 0 {
                topics.remove(&topic);
                continue;
            }
            sender.send_modify(|latest| latest.tell(changed.record));
        }
    }

    /// Tells everybody that anything may have changed.
    fn tell_all(&self) {
        for sender in self.topics().values() {
            sender.send_modify(|latest| latest.tell(None));
        }
    }
}

/// What `caller` listens to: an account, or all of their partner.
///
/// # Errors
/// [`Error::NotFound`] for what is none of the caller's business.
pub async fn topic(backend: &Backend, caller: &Caller, account: Option<AccountNumber>) -> Result<Topic> {
    let Some(number) = account else {
        allow(decide(caller, Action::ListAccounts, Resource::Partner(caller.seat.partner())))?;
        return Ok(Topic::Partner(caller.seat.partner()));
    };
    let row = authorise(backend.store.reader(), caller, Action::ViewAccount, number).await?;
    Ok(Topic::Account(AccountId(row.id)))
}

/// How many records of activity a page compares with what is stored.
const RECENT: usize = 5;

/// The keys of the latest records of activity of a topic, as a page was rendered with them. A page whose
/// keys are others has missed something, in whatever order that was committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentRecords(Vec<i64>);

impl RecentRecords {
    /// Those of `records`, the latest first.
    pub fn new(records: impl IntoIterator<Item = i64>) -> Self {
        Self(records.into_iter().take(RECENT).collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for RecentRecords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<String> = self.0.iter().map(i64::to_string).collect();
        formatter.write_str(&keys.join(" "))
    }
}

/// The latest records of activity of `topic`.
///
/// # Errors
/// Those of the database.
pub async fn recent_records(backend: &Backend, topic: Topic) -> Result<RecentRecords> {
    #[derive(FromQueryResult)]
    struct Key {
        id: i64,
    }
    let (column, value) = match topic {
        Topic::Account(account) => ("account_id", account.0),
        Topic::Partner(partner) => ("partner_id", partner.0),
    };
    let sql = format!("SELECT id FROM activity WHERE {column} = $1 ORDER BY at DESC, id DESC LIMIT {RECENT}");
    let statement = Statement::from_sql_and_values(backend.store.backend(), sql, [value.into()]);
    let keys = Key::find_by_statement(statement).all(backend.store.reader()).await?;
    Ok(RecentRecords::new(keys.into_iter().map(|key| key.id)))
}

/// At so many topics, and whenever there are twice as many, those that nobody listens to are forgotten.
const SWEPT_AT: usize = 256;

/// The channel of NOTIFY.
const CHANNEL: &str = "tenantry";

/// The most changes in one notification, whose payload `PostgreSQL` limits to 8,000 bytes.
const MAX_CHANGES: usize = 100;

/// How long a relay waits for what.
#[derive(Clone, Copy, Debug)]
pub struct RelayTiming {
    /// The silence after which it is probed whether the connection still works.
    pub probe_interval: Duration,
    /// The time within which the database has to answer.
    pub timeout: Duration,
    /// The time between two attempts to connect anew.
    pub retry_delay: Duration,
}

impl Default for RelayTiming {
    fn default() -> Self {
        Self {
            probe_interval: Duration::from_secs(15),
            timeout: Duration::from_secs(10),
            retry_delay: Duration::from_secs(1),
        }
    }
}

/// What passes changes on to the other processes on the same `PostgreSQL`, and takes theirs.
#[derive(Debug)]
pub struct Relay {
    store: Store,
    own: String,
    listener: PgListener,
    outgoing: mpsc::UnboundedReceiver<Changed>,
    timing: RelayTiming,
}

impl Relay {
    /// Begins to listen; `None` on `SQLite`, which has one process.
    ///
    /// # Errors
    /// When the database cannot be listened to.
    pub async fn listen(store: &Store) -> Result<Option<Self>> {
        Self::listen_with(store, RelayTiming::default()).await
    }

    /// The same, with other times to wait.
    ///
    /// # Errors
    /// As [`Relay::listen`].
    pub async fn listen_with(store: &Store, timing: RelayTiming) -> Result<Option<Self>> {
        if store.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let listener = within(timing.timeout, connect(store)).await?;
        let (sender, outgoing) = mpsc::unbounded_channel();
        let first = store.live().0.elsewhere.set(sender).is_ok();
        let own = random::hex(&random::bytes::<8>()?);
        Ok(first.then(|| Self { store: store.clone(), own, listener, outgoing, timing }))
    }

    /// Passes on what there is, until it is dropped. Done after the commit, and for many changes at
    /// once: a NOTIFY in a transaction makes all commits of a cluster wait for each other.
    pub async fn run(mut self) {
        let mut some = Vec::with_capacity(MAX_CHANGES);
        let mut probe_at = Instant::now() + self.timing.probe_interval;
        loop {
            let heard = tokio::select! {
                heard = self.listener.try_recv() => match heard {
                    Ok(Some(heard)) => {
                        take(&self.store, &self.own, heard.payload());
                        Ok(())
                    }
                    Ok(None) => Err(unheard(&"the connection was lost")),
                    Err(error) => Err(unheard(&error)),
                },
                _ = self.outgoing.recv_many(&mut some, MAX_CHANGES) => {
                    let sending = within(self.timing.timeout, send(&self.store, &self.own, &some)).await;
                    some.clear();
                    match sending {
                        // That the database takes something says nothing of what it has to tell.
                        Ok(()) => continue,
                        Err(error) => Err(error),
                    }
                }
                () = tokio::time::sleep_until(probe_at) => self.probe().await,
            };
            if let Err(error) = heard {
                self.recover(&error).await;
            }
            probe_at = Instant::now() + self.timing.probe_interval;
        }
    }

    /// Asks something of the connection on which changes are heard: one that was dropped without a word
    /// looks like one on which nothing happens.
    async fn probe(&mut self) -> Result<()> {
        within(self.timing.timeout, async {
            self.listener.execute("SELECT 1").await.map_err(|error| unheard(&error))?;
            Ok(())
        })
        .await
    }

    /// Connects anew. What was told meanwhile, here and elsewhere, is made up for by saying that anything
    /// may have changed.
    async fn recover(&mut self, error: &Error) {
        tracing::warn!(%error, "other processes cannot be reached");
        let all = [Changed { partner: None, account: None, record: None }];
        loop {
            tokio::time::sleep(self.timing.retry_delay).await;
            // What waited meanwhile is part of it.
            while self.outgoing.try_recv().is_ok() {}
            let connecting = within(self.timing.timeout, async {
                let listener = connect(&self.store).await?;
                send(&self.store, &self.own, &all).await?;
                Ok(listener)
            });
            if let Ok(listener) = connecting.await {
                self.listener = listener;
                tracing::info!("other processes are reached again");
                return self.store.live().tell_all();
            }
        }
    }
}

/// Listens on a connection of its own, so that one that hangs keeps none from the pool.
async fn connect(store: &Store) -> Result<PgListener> {
    let options = store.writer().get_postgres_connection_pool().connect_options();
    let pool = PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
    let pool = pool.connect_with((*options).clone()).await.map_err(|error| unheard(&error))?;
    let mut listener = PgListener::connect_with(&pool).await.map_err(|error| unheard(&error))?;
    listener.ignore_pool_close_event(true);
    // A lost connection is replaced by `recover`, which tells what was missed.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await.map_err(|error| unheard(&error))?;
    Ok(listener)
}

fn unheard(error: &dyn fmt::Display) -> Error {
    Error::Internal(format!("changes cannot be heard: {error}"))
}

async fn within<T>(timeout: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(timeout, work).await.unwrap_or_else(|_| Err(unheard(&"the database does not answer")))
}

async fn send(store: &Store, own: &str, some: &[Changed]) -> Result<()> {
    let lines: Vec<String> = some.iter().map(|changed| changed.to_line()).collect();
    let payload = format!("{own}\n{}", lines.join("\n"));
    let sql = "SELECT pg_notify($1, $2)";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [CHANNEL.into(), payload.into()]);
    store.writer().execute_raw(statement).await?;
    Ok(())
}

fn take(store: &Store, own: &str, payload: &str) {
    let mut lines = payload.lines();
    if lines.next() == Some(own) {
        return;
    }
    for changed in lines.filter_map(Changed::from_line) {
        match changed {
            Changed { partner: None, account: None, .. } => store.live().tell_all(),
            changed => store.live().tell_here(changed),
        }
    }
}

impl Changed {
    fn to_line(self) -> String {
        let (partner, account) =
            (self.partner.map_or(0, |partner| partner.0), self.account.map_or(0, |account| account.0));
        format!("{partner} {account} {}", self.record.unwrap_or_default())
    }

    fn from_line(line: &str) -> Option<Self> {
        let mut numbers = line.split(' ').map(|number| number.parse::<i64>().ok());
        let (partner, account, record) = (numbers.next()??, numbers.next()??, numbers.next()??);
        Some(Self {
            partner: (partner != 0).then_some(PartnerId(partner)),
            account: (account != 0).then_some(AccountId(account)),
            record: (record != 0).then_some(record),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_told_whatever_its_key() {
        let live = Live::default();
        let topic = Topic::Account(AccountId(1));
        let mut receiver = live.listen(topic);
        let mut told = *receiver.borrow_and_update();
        let mut hear = |records: &[Option<i64>]| {
            for &record in records {
                live.tell(Changed { partner: None, account: Some(AccountId(1)), record });
            }
            let latest = *receiver.borrow_and_update();
            latest.record_since(std::mem::replace(&mut told, latest))
        };
        assert_eq!(hear(&[Some(11)]), 11);
        assert_eq!(hear(&[Some(10)]), 10, "what began first may be committed last");
        assert_eq!(hear(&[Some(12), Some(9)]), 0, "who was slow is told that anything may have changed");
        assert_eq!(hear(&[None]), 0);
        assert_eq!(hear(&[Some(13)]), 13);
    }
}
