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
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, sqlx::postgres::PgListener};
use tokio::sync::{mpsc, watch};

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

/// The latest of a topic. Pages that were slow to hear of several changes hear of the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latest {
    /// The key of the last record of activity.
    pub record: i64,
    /// How much else has changed.
    pub other: u64,
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
            sender.send_modify(|latest| match changed.record {
                Some(record) => latest.record = latest.record.max(record),
                None => latest.other += 1,
            });
        }
    }

    /// Tells everybody that anything may have changed.
    fn tell_all(&self) {
        for sender in self.topics().values() {
            sender.send_modify(|latest| latest.other += 1);
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

/// The key of the last record of activity of `topic`; 0 if there is none. A page that shows what was
/// there before it was asked for has seen it.
///
/// # Errors
/// Those of the database.
pub async fn last_record(backend: &Backend, topic: Topic) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Last {
        id: i64,
    }
    let (column, value) = match topic {
        Topic::Account(account) => ("account_id", account.0),
        Topic::Partner(partner) => ("partner_id", partner.0),
    };
    let sql = format!("SELECT id FROM activity WHERE {column} = $1 ORDER BY at DESC, id DESC LIMIT 1");
    let last = Statement::from_sql_and_values(backend.store.backend(), sql, [value.into()]);
    Ok(Last::find_by_statement(last).one(backend.store.reader()).await?.map_or(0, |last| last.id))
}

/// How long to wait before listening again after that failed.
const AGAIN: Duration = Duration::from_secs(1);

/// At so many topics, and whenever there are twice as many, those that nobody listens to are forgotten.
const SWEPT_AT: usize = 256;

/// The channel of NOTIFY.
const CHANNEL: &str = "tenantry";

/// The most changes in one notification, whose payload `PostgreSQL` limits to 8,000 bytes.
const MOST: usize = 100;

/// What passes changes on to the other processes on the same `PostgreSQL`, and takes theirs.
#[derive(Debug)]
pub struct Relay {
    store: Store,
    own: String,
    listener: PgListener,
    outgoing: mpsc::UnboundedReceiver<Changed>,
}

impl Relay {
    /// Begins to listen; `None` on `SQLite`, which has one process.
    ///
    /// # Errors
    /// When the database cannot be listened to.
    pub async fn listen(store: &Store) -> Result<Option<Self>> {
        if store.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let internal = |error: &dyn fmt::Display| Error::Internal(format!("changes cannot be heard: {error}"));
        let pool = store.writer().get_postgres_connection_pool();
        let mut listener = PgListener::connect_with(pool).await.map_err(|error| internal(&error))?;
        listener.listen(CHANNEL).await.map_err(|error| internal(&error))?;
        let (sender, outgoing) = mpsc::unbounded_channel();
        let first = store.live().0.elsewhere.set(sender).is_ok();
        let own = random::hex(&random::bytes::<8>()?);
        Ok(first.then(|| Self { store: store.clone(), own, listener, outgoing }))
    }

    /// Passes on what there is, until it is dropped. Done after the commit, and for many changes at
    /// once: a NOTIFY in a transaction makes all commits of a cluster wait for each other.
    pub async fn run(mut self) {
        let mut some = Vec::with_capacity(MOST);
        loop {
            tokio::select! {
                heard = self.listener.try_recv() => match heard {
                    Ok(Some(heard)) => take(&self.store, &self.own, heard.payload()),
                    // The connection was lost and made anew: nobody knows what was told meanwhile.
                    Ok(None) => self.store.live().tell_all(),
                    Err(error) => self.recover(&error).await,
                },
                _ = self.outgoing.recv_many(&mut some, MOST) => {
                    if let Err(error) = send(&self.store, &self.own, &some).await {
                        self.recover(&error).await;
                    }
                    some.clear();
                }
            }
        }
    }

    /// Waits until the database can be reached again. What was told meanwhile, here and elsewhere, is
    /// made up for by saying that anything may have changed.
    async fn recover(&mut self, error: &(dyn std::error::Error + Sync)) {
        tracing::warn!(%error, "other processes cannot be reached");
        let all = [Changed { partner: None, account: None, record: None }];
        loop {
            tokio::time::sleep(AGAIN).await;
            // What waited meanwhile is part of it.
            while self.outgoing.try_recv().is_ok() {}
            if self.listener.listen(CHANNEL).await.is_ok() && send(&self.store, &self.own, &all).await.is_ok() {
                return self.store.live().tell_all();
            }
        }
    }
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
