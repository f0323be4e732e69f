//! Saving customer information, with its record of activity, until both are on the disk.

use std::env;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Bench;
use super::account_page::{CONNECTIONS, server_cpu};
use super::means::database::Engine;
use super::means::disk::sync_times;
use super::means::http::Connection;
use super::means::load::{self, Outcome};
use super::means::server::Server;
use super::means::statistics::{milliseconds, percentile};
use super::means::visitor::Visitor;
use super::report::{Figure, Unit};

/// Where the panel saves.
const SAVE: &str = "/api/save_customer_information";

/// Which field an edit changes.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// One that nothing else hangs on.
    Address,
    /// The name, with which the words for searching change.
    Name,
}

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for engine in Engine::ALL {
        let server = bench.server(engine, bench.big())?;
        let visitor = Visitor::sign_in(server.address)?;
        let numbers = visitor.account_ids(1)?;
        ensure!(numbers.len() >= CONNECTIONS, "there are only {} accounts", numbers.len());
        let alone = save(bench, &server, &visitor, &numbers[..1], Change::Address)?;
        let many = save(bench, &server, &visitor, &numbers[..CONNECTIONS], Change::Address)?;
        let renamed = save(bench, &server, &visitor, &numbers[..1], Change::Name)?;
        figures.extend(rows(engine, alone, many, renamed));
        figures.push(disk(bench, engine)?);
    }
    Ok(figures)
}

fn rows(engine: Engine, alone: Outcome, many: Outcome, renamed: Outcome) -> [Figure; 5] {
    let what = |which: &str| format!("{}: {which}", engine.name());
    let p50 = |outcome: Outcome| format!("p50 {}", Unit::Milliseconds.show(outcome.p50));
    let p99 = |outcome: Outcome| format!("p99 {}", Unit::Milliseconds.show(outcome.p99));
    [
        Figure::new(what("an address, 1 connection, p50"), alone.p50, Unit::Milliseconds).at_most(1.5),
        Figure::new(what("an address, 1 connection, p99"), alone.p99, Unit::Milliseconds).at_most(8.0),
        Figure::new(what("addresses of 16 accounts, 16 connections: saves"), many.rate, Unit::PerSecond)
            .at_least(1_500.0)
            .with(format!("{}, {}", p50(many), p99(many))),
        server_cpu(what("the server's CPU for each of these"), engine, many),
        Figure::new(what("a name, 1 connection, p50"), renamed.p50, Unit::Milliseconds).with(p99(renamed)),
    ]
}

/// How fast the disk is on which this database lies.
fn disk(bench: &Bench, engine: Engine) -> Result<Figure> {
    let temporary = env::temp_dir();
    let folder = match engine {
        Engine::Sqlite => bench.folder.path(),
        Engine::Postgres => &temporary,
    };
    let times = sync_times(folder)?;
    let p99 = Unit::Milliseconds.show(milliseconds(percentile(&times, 99)));
    let what = format!("{}'s disk alone: append 4 KiB and fdatasync, p50", engine.name());
    Ok(Figure::new(what, milliseconds(percentile(&times, 50)), Unit::Milliseconds).with(format!("p99 {p99}")))
}

fn save(bench: &Bench, server: &Server, visitor: &Visitor, numbers: &[String], change: Change) -> Result<Outcome> {
    let edits = numbers.iter().map(|number| Edit::begin(visitor, number, change));
    let mut clients: Vec<_> = edits
        .map(|edit| {
            let mut edit = edit?;
            Ok(move |connection: &mut Connection| edit.save(connection))
        })
        .collect::<Result<_>>()?;
    load::measure(server, &mut clients, bench.time)
}

/// An account that is edited again and again.
struct Edit {
    visitor: Visitor,
    number: String,
    version: u64,
    change: Change,
}

impl Edit {
    fn begin(visitor: &Visitor, number: &str, change: Change) -> Result<Self> {
        let mut connection = Connection::open(visitor.address)?;
        let answer = connection.send(&visitor.get(&format!("/accounts/{number}")))?;
        answer.expect_status(200)?;
        let version = version(&answer.text()?).context("the account page tells no version")?;
        Ok(Self { visitor: visitor.clone(), number: number.to_owned(), version, change })
    }

    /// Saves a value that differs from the one before; gives the time until the answer was there.
    fn save(&mut self, connection: &mut Connection) -> Result<Duration> {
        let turn = if self.version.is_multiple_of(2) { "North" } else { "South" };
        let (name, address) = match self.change {
            Change::Address => ("Benchmark S.p.A.".to_owned(), format!("{turn} {}", self.version)),
            Change::Name => (format!("Benchmark {turn} S.p.A."), String::new()),
        };
        let version = self.version.to_string();
        let fields = [
            ("number", self.number.as_str()),
            ("version", &version),
            ("name", &name),
            ("country", "IT"),
            ("subdivision", ""),
            ("address1", "Via Roma 1"),
            ("address2", &address),
            ("city", "Torino"),
            ("postal_code", "10121"),
            ("language", "it"),
            ("business_type", ""),
        ];
        let request = self.visitor.post(SAVE, &fields);
        let begun = Instant::now();
        let answer = connection.send(&request)?;
        let time = begun.elapsed();
        answer.expect_status(200)?;
        self.version += 1;
        let expected = format!("{{\"version\":{},", self.version);
        ensure!(answer.body.starts_with(expected.as_bytes()), "the answer does not begin with {expected}");
        Ok(time)
    }
}

/// The version in the panel's form.
fn version(html: &str) -> Option<u64> {
    let (_, rest) = html.split_once("name=\"version\" value=\"")?;
    let (version, _) = rest.split_once('"')?;
    version.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_form() {
        assert_eq!(version(r#"<input type="hidden" name="version" value="12">"#), Some(12));
        assert_eq!(version("<p>version</p>"), None);
    }
}
