//! Databases with the demo's data, made by the binary that is measured.

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::server::{end_of, tenantry};
use crate::postgres::{Cluster, find_binaries};
use crate::process;
use crate::progress::{elapsed, say};
use crate::system;

/// The two databases that Tenantry runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// How much data a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Data {
    /// Accounts in all.
    pub(crate) accounts: u32,
    /// Partners. The first owns four accounts in five when there are two; else all own as many.
    pub(crate) partners: u32,
    /// Records of activity beside those of the accounts' own stories.
    pub(crate) activity: u32,
}

/// A database with data.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    /// How the server reaches it.
    pub(crate) url: String,
    /// How long it took to make the data.
    pub(crate) seeding: Duration,
}

/// The databases that were made so far, and the `PostgreSQL` that holds some of them.
#[derive(Debug, Default)]
pub(crate) struct Databases {
    made: Vec<(Engine, Data, Database)>,
    cluster: Option<Cluster>,
}

impl Databases {
    /// A database with this data.
    pub(crate) fn get(&mut self, program: &Path, folder: &Path, engine: Engine, data: Data) -> Result<Database> {
        let made = self.made.iter().find(|(of, with, _)| (*of, *with) == (engine, data));
        if let Some((_, _, database)) = made {
            return Ok(database.clone());
        }
        let Data { accounts, partners, activity } = data;
        let records = if activity == 0 { String::new() } else { format!(", {activity} records") };
        say(format_args!("{accounts} accounts of {partners} partners{records} on {}", engine.name()));
        let name = format!("accounts_{accounts}_{partners}_{activity}");
        let url = match engine {
            Engine::Sqlite => format!("sqlite://{}", folder.join(name).with_extension("db").display()),
            Engine::Postgres => self.create(&name)?,
        };
        let seeding = seed(program, folder, &url, data)?;
        if engine == Engine::Postgres {
            // What PostgreSQL would do by itself in the minutes that follow, in the midst of
            // something else that is measured.
            run_sql(&url, "VACUUM ANALYZE")?;
            run_sql(&url, "CHECKPOINT")?;
        }
        say(format_args!("  made in {}", elapsed(seeding)));
        let database = Database { url, seeding };
        self.made.push((engine, data, database.clone()));
        Ok(database)
    }

    /// Creates an empty database; starts `PostgreSQL` for the first one.
    fn create(&mut self, name: &str) -> Result<String> {
        let cluster = match self.cluster.take() {
            Some(cluster) => cluster,
            None => Cluster::start()?,
        };
        let server = self.cluster.insert(cluster).url();
        run_sql(&server, &format!("CREATE DATABASE {name}"))?;
        let (address, _) = server.rsplit_once('/').context("the URL of PostgreSQL names no database")?;
        Ok(format!("{address}/{name}"))
    }
}

/// Makes the data; gives the time from starting the program to its end.
fn seed(program: &Path, folder: &Path, url: &str, data: Data) -> Result<Duration> {
    let log = folder.join("seeding.log");
    let mut command = tenantry(program, folder);
    command.args(["demo", "--seed-only", "--database", url]);
    command.args(["--accounts", &data.accounts.to_string(), "--partners", &data.partners.to_string()]);
    command.args(["--activity", &data.activity.to_string()]);
    command.stderr(File::create(&log)?);
    let begun = Instant::now();
    process::run(&mut command).with_context(|| end_of(&log))?;
    Ok(begun.elapsed())
}

fn run_sql(url: &str, sql: &str) -> Result<()> {
    // Packages put the client on the PATH; whoever built PostgreSQL has it beside the server.
    let beside = || find_binaries().map(|folder| folder.join("psql"));
    let mut command = Command::new(system::find("psql").or_else(beside).context("there is no psql")?);
    command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", sql, url]);
    process::run(&mut command)
}
