//! Load: one thread for each connection, each sending its next request when it has the answer to
//! the last one.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use super::http::Connection;
use super::server::{Server, all_cpu, own_cpu};
use super::statistics::{median, milliseconds, number, percentile};
use crate::process::interrupted;
use crate::progress::say;

/// Of each figure the median of so many runs is stated.
const RUNS: usize = 3;

/// What comes before each run and is not measured.
const WARM_UP: Duration = Duration::from_secs(1);

/// How often it is looked whether a run has to end early.
const GLANCE: Duration = Duration::from_millis(10);

const WARMING: u8 = 0;
const MEASURING: u8 = 1;
const OVER: u8 = 2;

/// What came out of a load: of each figure the median over the runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// Answers in a second.
    pub(crate) rate: f64,
    /// The processors' time for the server's process, for one answer, in milliseconds.
    pub(crate) cpu: f64,
    /// The same for everyone but the server and the load: a database that is a process of its own,
    /// and whatever else runs.
    pub(crate) others_cpu: f64,
    /// The time from request to answer, in milliseconds.
    pub(crate) p50: f64,
    /// The time within which 99 of 100 were answered, in milliseconds.
    pub(crate) p99: f64,
}

/// Puts load on the server by `clients`, each with a connection of its own. A client makes one
/// exchange, checks the answer, and tells how long it took.
pub(crate) fn measure<C>(server: &Server, clients: &mut [C], time: Duration) -> Result<Outcome>
where
    C: FnMut(&mut Connection) -> Result<Duration> + Send,
{
    let runs: Vec<Outcome> = (0..RUNS).map(|_| run(server, clients, time)).collect::<Result<_>>()?;
    let middle = |figure: fn(&Outcome) -> f64| median(runs.iter().map(figure));
    Ok(Outcome {
        rate: middle(|run| run.rate),
        cpu: middle(|run| run.cpu),
        others_cpu: middle(|run| run.others_cpu),
        p50: middle(|run| run.p50),
        p99: middle(|run| run.p99),
    })
}

fn run<C>(server: &Server, clients: &mut [C], time: Duration) -> Result<Outcome>
where
    C: FnMut(&mut Connection) -> Result<Duration> + Send,
{
    let phase = AtomicU8::new(WARMING);
    let (usage, collected) = thread::scope(|scope| {
        let threads: Vec<_> =
            clients.iter_mut().map(|client| scope.spawn(|| exchange(server.address, client, &phase))).collect();
        pause(WARM_UP, &phase);
        let before = Usage::now(server);
        // A client that has failed has ended the run already; it stays ended.
        let _ = phase.compare_exchange(WARMING, MEASURING, Ordering::Relaxed, Ordering::Relaxed);
        pause(time, &phase);
        phase.store(OVER, Ordering::Relaxed);
        let after = Usage::now(server);
        let collected: Vec<_> = threads.into_iter().map(thread::ScopedJoinHandle::join).collect();
        (before.and_then(|before| Ok(after?.since(&before))), collected)
    });
    let mut times = Vec::new();
    for thread in collected {
        times.extend(thread.map_err(|_| anyhow!("a client panicked"))??);
    }
    if interrupted() {
        bail!("interrupted");
    }
    times.sort_unstable();
    outcome(&times, &usage?)
}

/// For how long the processors worked, and for whom.
struct Usage {
    at: Duration,
    server: Duration,
    load: Duration,
    all: Duration,
}

impl Usage {
    fn now(server: &Server) -> Result<Self> {
        static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
        Ok(Self { at: BEGUN.elapsed(), server: server.cpu()?, load: own_cpu()?, all: all_cpu()? })
    }

    fn since(&self, before: &Self) -> Self {
        Self {
            at: self.at.saturating_sub(before.at),
            server: self.server.saturating_sub(before.server),
            load: self.load.saturating_sub(before.load),
            all: self.all.saturating_sub(before.all),
        }
    }

    /// For anyone else: the database if it is a process of its own, and whatever else runs.
    fn others(&self) -> Duration {
        self.all.saturating_sub(self.server + self.load)
    }
}

/// Makes exchanges until the run is over; gives the times of those that ended while it was measured.
fn exchange<C>(address: SocketAddr, client: &mut C, phase: &AtomicU8) -> Result<Vec<Duration>>
where
    C: FnMut(&mut Connection) -> Result<Duration>,
{
    let mut attempt = || {
        let mut connection = Connection::open(address)?;
        let mut times = Vec::new();
        loop {
            let time = client(&mut connection)?;
            match phase.load(Ordering::Relaxed) {
                WARMING => {}
                MEASURING => times.push(time),
                _ => return Ok(times),
            }
        }
    };
    // One that fails ends the run for all: its figures would be worth nothing.
    attempt().inspect_err(|_| phase.store(OVER, Ordering::Relaxed))
}

/// Waits, unless the run ends before.
fn pause(time: Duration, phase: &AtomicU8) {
    let begun = Instant::now();
    while let Some(rest) = time.checked_sub(begun.elapsed()) {
        if interrupted() || phase.load(Ordering::Relaxed) == OVER {
            return;
        }
        sleep(rest.min(GLANCE));
    }
}

fn outcome(sorted: &[Duration], usage: &Usage) -> Result<Outcome> {
    if sorted.is_empty() {
        bail!("not one request was answered");
    }
    let each = |time: Duration| milliseconds(time) / number(sorted.len());
    let outcome = Outcome {
        rate: number(sorted.len()) / usage.at.as_secs_f64(),
        cpu: each(usage.server),
        others_cpu: each(usage.others()),
        p50: milliseconds(percentile(sorted, 50)),
        p99: milliseconds(percentile(sorted, 99)),
    };
    say(format_args!(
        "  {:.0}/s · p50 {:.2} ms · p99 {:.2} ms · CPU each: server {:.3} ms, load {:.3} ms, others {:.3} ms",
        outcome.rate,
        outcome.p50,
        outcome.p99,
        outcome.cpu,
        each(usage.load),
        outcome.others_cpu
    ));
    Ok(outcome)
}
