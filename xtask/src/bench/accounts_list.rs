//! The accounts list: first page, deep page, searches and filter, for a partner of two thousand
//! accounts and for one who owns most of a million.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::Bench;
use super::account_page::{CONNECTIONS, SMALL, against};
use super::means::database::{Data, Engine};
use super::means::http::{Connection, encode};
use super::means::load::{self, Outcome};
use super::means::server::Server;
use super::means::visitor::{ListPage, Visit, Visitor};
use super::report::{Figure, Unit, count};

/// How often Next is followed to come to a deep page.
const DEEP: usize = 20;

/// Different searches of a kind, so that no answer is simply the last one again.
const SEARCHES: usize = 24;

/// Milliseconds, at the 99th percentile.
const GOAL: f64 = 10.0;

/// A way of using the list: addresses that are visited in turn.
struct Use {
    name: &'static str,
    paths: Vec<String>,
}

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for engine in Engine::ALL {
        let big = bench.big();
        let server = bench.server(engine, big)?;
        let visitor = Visitor::sign_in(server.address)?;
        let uses = uses(&visitor)?;
        let mut first_page = None;
        for connections in [1, CONNECTIONS] {
            for list_use in &uses {
                let outcome = visit(bench, &server, &visitor, list_use, connections)?;
                let at =
                    if connections == 1 { "1 connection".to_owned() } else { format!("{connections} connections") };
                figures.push(row(engine, &at, list_use.name, outcome));
                first_page.get_or_insert(outcome);
            }
        }
        drop(server);
        if let Some(at_big) = first_page {
            figures.push(against_small(bench, engine, big, at_big)?);
        }
        figures.extend(one_big_partner(bench, engine)?);
    }
    Ok(figures)
}

fn against_small(bench: &mut Bench, engine: Engine, big: Data, at_big: Outcome) -> Result<Figure> {
    let server = bench.server(engine, SMALL)?;
    let visitor = Visitor::sign_in(server.address)?;
    let at_small = visit(bench, &server, &visitor, &first_page(), 1)?;
    let what =
        format!("{}: first page, p99 at {} accounts against {}", engine.name(), count(big.accounts), SMALL.accounts);
    Ok(against(what, at_big, at_small))
}

/// The worst case: a partner who owns four accounts in five, and searches that most of them match.
fn one_big_partner(bench: &mut Bench, engine: Engine) -> Result<Vec<Figure>> {
    let data = Data { accounts: bench.accounts, partners: 2, activity: 0 };
    let server = bench.server(engine, data)?;
    let visitor = Visitor::sign_in(server.address)?;
    let mut uses = uses(&visitor)?;
    let broad = |name, searches: &[&str]| Use { name, paths: searches.iter().map(|text| search(text)).collect() };
    uses.push(broad("search by a word late in the order", &["souza", "teixeira", "vidal", "weiss"]));
    uses.push(broad("search by one letter", &["a", "s", "c", "m"]));
    uses.push(broad("search by two letters", &["a s", "c m", "s r", "m a"]));
    let whose = format!("a partner of {} accounts", count(data.accounts / 5 * 4));
    let outcomes = uses.iter().map(|list_use| {
        let outcome = visit(bench, &server, &visitor, list_use, 1)?;
        Ok(row(engine, &whose, list_use.name, outcome))
    });
    outcomes.collect()
}

fn row(engine: Engine, how: &str, name: &str, outcome: Outcome) -> Figure {
    let what = format!("{}, {how}: {name}, p99", engine.name());
    let detail = format!("p50 {}, {}", Unit::Milliseconds.show(outcome.p50), Unit::PerSecond.show(outcome.rate));
    Figure::new(what, outcome.p99, Unit::Milliseconds).at_most(GOAL).with(detail)
}

fn search(text: &str) -> String {
    format!("/accounts?q={}", encode(text))
}

fn first_page() -> Use {
    Use { name: "first page", paths: vec!["/accounts".to_owned()] }
}

fn uses(visitor: &Visitor) -> Result<Vec<Use>> {
    let pages = walk(visitor)?;
    let paths = |text: fn(&ListPage) -> Option<String>| -> Vec<String> {
        let mut texts: Vec<String> = pages.iter().filter_map(text).collect();
        texts.dedup();
        texts.iter().take(SEARCHES).map(|text| search(text)).collect()
    };
    // A word of the second row of each page, and five digits of the Account ID of the third.
    let words = paths(|page| page.rows.get(1)?.name.split([' ', '&', '-', '\'', '.']).next().map(str::to_owned));
    let numbers = paths(|page| page.rows.get(2)?.number.get(..5).map(str::to_owned));
    let deep = pages.iter().skip(DEEP / 2).filter_map(|page| page.next.clone()).collect();
    Ok(vec![
        first_page(),
        Use { name: "a deep page", paths: deep },
        Use { name: "search by a word", paths: words },
        Use { name: "search by the beginning of an Account ID", paths: numbers },
        Use { name: "deactivated ones", paths: vec!["/accounts?status=deactivated".to_owned()] },
    ])
}

/// The first pages of the list, by following Next.
fn walk(visitor: &Visitor) -> Result<Vec<ListPage>> {
    let mut connection = Connection::open(visitor.address)?;
    let mut pages = Vec::new();
    let mut path = "/accounts".to_owned();
    while pages.len() <= DEEP {
        let page = visitor.list(&mut connection, &path)?;
        let next = page.next.clone();
        pages.push(page);
        match next {
            Some(next) => path = next,
            None => break,
        }
    }
    Ok(pages)
}

fn visit(bench: &Bench, server: &Server, visitor: &Visitor, list_use: &Use, connections: usize) -> Result<Outcome> {
    let visits = visits(visitor, list_use).with_context(|| list_use.name)?;
    let mut clients: Vec<_> = (0..connections)
        .map(|client| {
            let mut visits = visits.clone();
            let mut next = client;
            move |connection: &mut Connection| -> Result<Duration> {
                next = (next + 1) % visits.len();
                visits[next].make(connection)
            }
        })
        .collect();
    load::measure(server, &mut clients, bench.time)
}

/// Each address once, to learn by which row its answer ends.
fn visits(visitor: &Visitor, list_use: &Use) -> Result<Vec<Visit>> {
    ensure!(!list_use.paths.is_empty(), "there is nothing to visit");
    let mut connection = Connection::open(visitor.address)?;
    let learn = |path: &String| {
        let page = visitor.list(&mut connection, path)?;
        let last = page.rows.last().with_context(|| format!("no account in {path}"))?;
        let mut visit = Visit::new(visitor.get(path), format!("/accounts/{}\">", last.number));
        visit.make(&mut connection)?;
        Ok(visit)
    };
    list_use.paths.iter().map(learn).collect()
}
