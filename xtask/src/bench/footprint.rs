//! The process: how soon it is ready, how much memory it takes, how large the binary is.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;

use super::Bench;
use super::account_page::visit_all;
use super::means::database::Engine;
use super::means::server::Server;
use super::means::statistics::{median, milliseconds};
use super::means::visitor::Visitor;
use super::report::{Figure, Unit};

/// How often it is started.
const STARTS: usize = 5;

/// After this a server that nobody asks for anything has come to rest.
const REST: Duration = Duration::from_secs(1);

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>> {
    let size = bytes(fs::metadata(&bench.program)?.len());
    let mut figures = vec![Figure::new("the binary, with the site inside", size, Unit::Megabytes).at_most(30e6)];
    for engine in Engine::ALL {
        figures.extend(of_engine(bench, engine)?);
    }
    Ok(figures)
}

fn of_engine(bench: &mut Bench, engine: Engine) -> Result<[Figure; 3]> {
    let data = bench.big();
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(milliseconds(bench.server(engine, data)?.ready_after));
    }
    let server = bench.server(engine, data)?;
    sleep(REST);
    let idle = Memory::of(&server, "VmRSS")?;
    let visitor = Visitor::sign_in(server.address)?;
    visit_all(bench, &server, &visitor, Visitor::get)?;
    let loaded = Memory::of(&server, "VmHWM")?;
    let what = |which: &str| format!("{}: {which}", engine.name());
    Ok([
        Figure::new(what("from its start until it is ready"), median(starts), Unit::Milliseconds).at_most(100.0),
        idle.figure(what("memory, idle")).at_most(25e6),
        loaded.figure(what("memory, at its highest under the account page's load")).at_most(80e6),
    ])
}

/// Resident memory.
struct Memory {
    all: u64,
    /// What it does not merely map from files, which the system takes back when it needs it.
    own: u64,
}

impl Memory {
    fn of(server: &Server, which: &str) -> Result<Self> {
        Ok(Self { all: server.memory(which)?, own: server.memory("RssAnon")? })
    }

    fn figure(&self, what: String) -> Figure {
        let own = format!("{} without mapped files", Unit::Megabytes.show(bytes(self.own)));
        Figure::new(what, bytes(self.all), Unit::Megabytes).with(own)
    }
}

/// Bytes as a number, to the thousand: more is not shown.
fn bytes(count: u64) -> f64 {
    u32::try_from(count / 1_000).map_or(f64::INFINITY, |thousands| f64::from(thousands) * 1_000.0)
}
