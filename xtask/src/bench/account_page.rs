//! The account page of someone who is signed in, on sixteen connections that stay open.

use anyhow::{Result, ensure};

use super::Bench;
use super::means::database::{Data, Engine};
use super::means::http::{Connection, Request};
use super::means::load::{self, Outcome};
use super::means::server::Server;
use super::means::visitor::{Visit, Visitor};
use super::report::{Figure, Unit, count};

/// Connections at once.
pub(super) const CONNECTIONS: usize = 16;

/// Pages of the list from which accounts are taken: all of a partner's in the big database.
const LIST_PAGES: usize = 40;

/// A database so small that its size can cost nothing.
pub(super) const SMALL: Data = Data { accounts: 100, partners: 2, activity: 0 };

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for engine in Engine::ALL {
        let big = bench.big();
        let server = bench.server(engine, big)?;
        let visitor = Visitor::sign_in(server.address)?;
        let at_big = visit_all(bench, &server, &visitor, Visitor::get)?;
        figures.extend(rows(engine, "", at_big));
        if compresses(&visitor)? {
            let plain = visit_all(bench, &server, &visitor, Visitor::get_plain)?;
            figures.extend(rows(engine, " not compressed", plain));
        }
        drop(server);

        let server = bench.server(engine, SMALL)?;
        let visitor = Visitor::sign_in(server.address)?;
        let at_small = visit_all(bench, &server, &visitor, Visitor::get)?;
        let what = format!("{}: p99 at {} accounts against {}", engine.name(), count(big.accounts), SMALL.accounts);
        figures.push(against(what, at_big, at_small));
    }
    Ok(figures)
}

/// How much slower the big database is than the small one.
pub(super) fn against(what: String, big: Outcome, small: Outcome) -> Figure {
    let detail = format!("{} against {}", Unit::Milliseconds.show(big.p99), Unit::Milliseconds.show(small.p99));
    Figure::new(what, big.p99 / small.p99, Unit::Times).at_most(1.5).with(detail)
}

fn rows(engine: Engine, how: &str, outcome: Outcome) -> [Figure; 3] {
    let what = |which: &str| format!("{}, {CONNECTIONS} connections{how}: {which}", engine.name());
    let p50 = format!("p50 {}", Unit::Milliseconds.show(outcome.p50));
    [
        Figure::new(what("requests"), outcome.rate, Unit::PerSecond).at_least(4_000.0),
        server_cpu(what("the server's CPU for each"), engine, outcome).at_most(0.4),
        Figure::new(what("p99"), outcome.p99, Unit::Milliseconds).at_most(10.0).with(p50),
    ]
}

/// The server's processor time; beside it the database's, where that is a process of its own.
pub(super) fn server_cpu(what: String, engine: Engine, outcome: Outcome) -> Figure {
    let figure = Figure::new(what, outcome.cpu, Unit::Milliseconds);
    match engine {
        Engine::Sqlite => figure,
        Engine::Postgres => figure.with(format!("and PostgreSQL's {}", Unit::Milliseconds.show(outcome.others_cpu))),
    }
}

fn compresses(visitor: &Visitor) -> Result<bool> {
    let mut connection = Connection::open(visitor.address)?;
    let answer = connection.send(&visitor.get("/accounts"))?;
    Ok(!answer.encoding.is_empty())
}

/// Visits the accounts of the first pages of the list, every connection in an order of its own.
pub(super) fn visit_all(
    bench: &Bench,
    server: &Server,
    visitor: &Visitor,
    request: fn(&Visitor, &str) -> Request,
) -> Result<Outcome> {
    let mut clients: Vec<_> = turns(visits(visitor, request)?).collect();
    load::measure(server, &mut clients, bench.time)
}

fn visits(visitor: &Visitor, request: fn(&Visitor, &str) -> Request) -> Result<Vec<Visit>> {
    let mut connection = Connection::open(visitor.address)?;
    let mut visits = Vec::new();
    for number in visitor.account_ids(LIST_PAGES)? {
        // The panel's form, near the end of the page, holds the Account ID.
        let expected = format!("name=\"number\" value=\"{number}\"");
        let mut visit = Visit::new(request(visitor, &format!("/accounts/{number}")), expected);
        // Once here, so that the text is looked for only now, and the first accounts are no slower
        // than the last.
        visit.make(&mut connection)?;
        visits.push(visit);
    }
    ensure!(!visits.is_empty(), "there are no accounts to visit");
    Ok(visits)
}

/// For each connection the same visits, again and again, from another place on and in other steps.
fn turns(
    visits: Vec<Visit>,
) -> impl Iterator<Item = impl FnMut(&mut Connection) -> Result<std::time::Duration> + Send> {
    (0..CONNECTIONS).map(move |client| {
        let mut visits = visits.clone();
        let mut next = client * visits.len() / CONNECTIONS;
        // A step of a prime number comes to all of them before it repeats one.
        let step = [7, 11, 13, 17, 19, 23, 29, 31][client % 8];
        move |connection: &mut Connection| {
            next = (next + step) % visits.len();
            visits[next].make(connection)
        }
    })
}
