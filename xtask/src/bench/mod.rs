//! `cargo xtask bench`: measures the shipped binary against the goals, as a browser would meet it.
//!
//! Each benchmark is a file beside this one: a function that takes the [`Bench`] and returns
//! figures, each with its goal where it has one. A new one is that file, a variant of [`What`] and
//! a pair of marks in docs/benchmarks.md. What they share is in `means`.
//!
//! Everything is measured from outside, over HTTP and /proc. The load comes from this program,
//! which shares the machine with the server and the database; the figures are those of all three.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use tempfile::TempDir;

use self::means::database::{Data, Database, Databases, Engine};
use self::means::server::Server;
use self::report::{Figure, Report};
use crate::cargo::Build;
use crate::process;
use crate::progress::say;
use crate::site;
use crate::workspace::Workspace;

mod account_page;
mod accounts_list;
mod activity;
mod fan_out;
mod first_view;
mod footprint;
mod junk;
mod means;
mod report;
mod save;
mod seeding;
mod switch;

/// As many as the goals speak of.
const ACCOUNTS: u32 = 1_000_000;

/// Measure the release binary: pages, saving, seeding, the process, and the first view in a
/// browser. Takes the machine for itself; close what else runs.
#[derive(Args)]
pub(crate) struct Options {
    /// How many accounts the big database has.
    #[arg(long, value_name = "NUMBER", default_value_t = ACCOUNTS, value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
    accounts: u32,
    /// Only these: seeding, page, list, save, switch, activity, fan-out, process, junk, view.
    #[arg(long, value_name = "WHAT", value_delimiter = ',', hide_possible_values = true)]
    only: Vec<What>,
    /// How long each of the three runs of a measurement takes.
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How many random requests are sent in all.
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(junk::WARM_UP + 1..))]
    requests: u64,
    /// From which random requests are drawn; the same seed draws the same ones.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Measure this release binary instead of building one.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Put the figures into docs/benchmarks.md.
    #[arg(long)]
    write: bool,
}

/// What is measured. The order here is the order in which it runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum What {
    /// Seeding
    Seeding,
    /// Account page
    Page,
    /// Accounts list
    List,
    /// Saving
    Save,
    /// Switches
    Switch,
    /// Activity
    Activity,
    /// Open pages
    FanOut,
    /// The process
    Process,
    /// Random requests
    Junk,
    /// First view and interaction
    View,
}

impl What {
    fn measure(self, bench: &mut Bench) -> Result<Vec<Figure>> {
        match self {
            Self::Seeding => seeding::measure(bench),
            Self::Page => account_page::measure(bench),
            Self::List => accounts_list::measure(bench),
            Self::Save => save::measure(bench),
            Self::Switch => switch::measure(bench),
            Self::Activity => activity::measure(bench),
            Self::FanOut => fan_out::measure(bench),
            Self::Process => footprint::measure(bench),
            Self::Junk => junk::measure(bench),
            Self::View => first_view::measure(bench),
        }
    }

    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What every benchmark is given.
struct Bench<'a> {
    workspace: &'a Workspace,
    /// The release binary.
    program: PathBuf,
    /// Accounts of the big database.
    accounts: u32,
    /// How long one run takes.
    time: Duration,
    /// Random requests in all, and what they are drawn from.
    requests: u64,
    seed: u64,
    databases: Databases,
    /// Gone at the end, with the databases in it.
    folder: TempDir,
}

impl Bench<'_> {
    /// The big database: as many accounts as were asked for, two thousand to a partner.
    fn big(&self) -> Data {
        Data { accounts: self.accounts, partners: (self.accounts / 2_000).max(2), activity: 0 }
    }

    /// A database with this data, made when it is first wanted.
    fn database(&mut self, engine: Engine, data: Data) -> Result<Database> {
        self.databases.get(&self.program, self.folder.path(), engine, data)
    }

    /// A server on such a database.
    fn server(&mut self, engine: Engine, data: Data) -> Result<Server> {
        let database = self.database(engine, data)?;
        Server::start(&self.program, &database.url, self.folder.path())
    }
}

/// Measures what was asked for and prints the tables.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    process::outlive_signals()?;
    let program = program(workspace, options)?;
    // Beside cargo's own output, on the disk that people work on: the folder for temporary files
    // may be in memory, where nothing is ever durable.
    let folder = workspace.path("target/bench");
    fs::create_dir_all(&folder)?;
    let mut bench = Bench {
        workspace,
        program,
        accounts: options.accounts,
        time: Duration::from_secs(options.seconds),
        requests: options.requests,
        seed: options.seed,
        databases: Databases::default(),
        folder: tempfile::tempdir_in(folder)?,
    };
    let report = Report { document: options.write.then(|| workspace.path("docs/benchmarks.md")) };
    for what in What::value_variants() {
        if options.only.is_empty() || options.only.contains(what) {
            let name = what.name();
            say(format_args!("── {name}"));
            let figures = what.measure(&mut bench).with_context(|| format!("benchmark {name}"))?;
            report.add(&name, &command(&name, options.accounts), &figures)?;
        }
    }
    Ok(())
}

/// The command that makes the figures of one benchmark.
fn command(name: &str, accounts: u32) -> String {
    let accounts = if accounts == ACCOUNTS { String::new() } else { format!(" --accounts {accounts}") };
    format!("cargo xtask bench --only {name}{accounts}")
}

/// The binary to measure: the one that `cargo xtask dist` ships.
fn program(workspace: &Workspace, options: &Options) -> Result<PathBuf> {
    if let Some(binary) = &options.binary {
        return binary.canonicalize().with_context(|| format!("{}", binary.display()));
    }
    site::build(workspace, site::Purpose::Release)?;
    say("building the server for release (several minutes at first)");
    let build = Build::run(workspace, &["--release", "-p", "server"])?;
    Ok(build.program("tenantry")?.to_owned())
}
