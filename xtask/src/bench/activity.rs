//! Activity: a page and searches among ten million records, most of them one partner's, and the export
//! of a million.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Bench;
use super::means::database::{Data, Engine};
use super::means::http::{Answer, Connection};
use super::means::load::{self, Outcome};
use super::means::server::Server;
use super::means::statistics::number;
use super::means::visitor::{Visit, Visitor};
use super::report::{Figure, Unit, count};

/// Records in all. The first partner, whose admin asks, has four in five of them.
const RECORDS: u32 = 10_000_000;

/// Accounts that they are of.
const ACCOUNTS: u32 = 100_000;

/// So many records that the first partner has a million to export.
const EXPORTED: Data = Data { accounts: 1_000, partners: 2, activity: 1_250_000 };

/// How often Next is followed to come to a deep page.
const DEEP: usize = 20;

/// Milliseconds, at the 99th percentile.
const GOAL: f64 = 10.0;

/// Bytes that an export may take beside what the server takes anyway.
const FLAT: f64 = 20e6;

/// A way of asking: addresses that are visited in turn.
struct Use {
    name: &'static str,
    paths: Vec<String>,
}

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for engine in Engine::ALL {
        let accounts = ACCOUNTS.min(bench.accounts);
        let data = Data { accounts, partners: 2, activity: RECORDS.min(bench.accounts.saturating_mul(10)) };
        let server = bench.server(engine, data)?;
        let visitor = Visitor::sign_in(server.address)?;
        for list_use in uses(&visitor)? {
            let outcome = visit(bench, &server, &visitor, &list_use)?;
            let what = format!("{}, {} records: {}, p99", engine.name(), count(data.activity), list_use.name);
            let detail =
                format!("p50 {}, {}", Unit::Milliseconds.show(outcome.p50), Unit::PerSecond.show(outcome.rate));
            figures.push(Figure::new(what, outcome.p99, Unit::Milliseconds).at_most(GOAL).with(detail));
        }
        drop(server);
        figures.extend(export(bench, engine)?);
    }
    Ok(figures)
}

fn uses(visitor: &Visitor) -> Result<Vec<Use>> {
    let mut connection = Connection::open(visitor.address)?;
    let numbers = visitor.account_ids(1)?;
    let mut path = "/activity".to_owned();
    let mut deep = Vec::new();
    for _ in 0..DEEP {
        path = next(connection.send(&visitor.get(&path))?)?;
        deep.push(path.clone());
    }
    // Among the values are a hundred thousand numbers, each in some records.
    let rare = (0..24).map(|number| format!("/activity?q={}", 10_007 + number * 3_571)).collect();
    let of_accounts = numbers.iter().take(24).map(|number| format!("/activity?q={number}")).collect();
    let one = |name, path: &str| Use { name, paths: vec![path.to_owned()] };
    Ok(vec![
        one("first page", "/activity"),
        Use { name: "a deep page", paths: deep.split_off(DEEP / 2) },
        Use { name: "search by a word of few records", paths: rare },
        Use { name: "search by an Account ID", paths: of_accounts },
        one("search by a word of very many records", "/activity?q=helpdesk"),
        one("those of one person", "/activity?person=neri"),
        one("refused attempts", "/activity?kind=attempt_refused"),
    ])
}

/// The address of the next page.
fn next(answer: &Answer) -> Result<String> {
    answer.expect_status(200)?;
    let text = answer.text()?;
    let mut links = text.split("href=\"").skip(1).filter_map(|link| link.split('"').next());
    let next = links.find(|link| link.contains("after="));
    Ok(next.context("a page without a next one")?.replace("&amp;", "&"))
}

fn visit(bench: &Bench, server: &Server, visitor: &Visitor, list_use: &Use) -> Result<Outcome> {
    let mut visits: Vec<Visit> =
        list_use.paths.iter().map(|path| Visit::new(visitor.get(path), "<tr id=\"record-")).collect();
    let mut turn = 0;
    let client = move |connection: &mut Connection| -> Result<Duration> {
        turn = (turn + 1) % visits.len();
        visits[turn].make(connection)
    };
    load::measure(server, &mut [client], bench.time).with_context(|| list_use.name)
}

/// How fast a million records are exported, and what it takes of the server's memory.
fn export(bench: &mut Bench, engine: Engine) -> Result<Vec<Figure>> {
    let server = bench.server(engine, EXPORTED)?;
    let visitor = Visitor::sign_in(server.address)?;
    let mut connection = Connection::open(server.address)?;
    connection.send(&visitor.get_plain("/activity"))?.expect_status(200)?;
    let mut figures = Vec::new();
    for format in ["csv", "jsonl"] {
        let before = server.memory("RssAnon")?;
        let begun = Instant::now();
        let answer = connection.send(&visitor.get_plain(&format!("/activity/export.{format}")))?;
        let seconds = begun.elapsed().as_secs_f64();
        answer.expect_status(200)?;
        let lines = answer.body.split(|byte| *byte == b'\n').count();
        ensure!(lines > 900_000, "only {lines} lines were exported");
        let after = server.memory("RssAnon")?;
        let grown = u32::try_from(after.saturating_sub(before) / 1_000).map_or(f64::INFINITY, f64::from) * 1e3;
        let what = format!("{}: a million records as {format}", engine.name());
        let detail = format!("{} lines in {}", Unit::Plain.show(number(lines)), Unit::Seconds.show(seconds));
        figures.push(Figure::new(format!("{what}, lines"), number(lines) / seconds, Unit::PerSecond).with(detail));
        figures.push(Figure::new(format!("{what}, memory on top"), grown, Unit::Megabytes).at_most(FLAT));
    }
    Ok(figures)
}
