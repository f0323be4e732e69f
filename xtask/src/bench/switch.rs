//! A switch with the privilege that it turns on or off and its record of activity, until all of it is
//! on the disk.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::Bench;
use super::account_page::{CONNECTIONS, server_cpu};
use super::means::database::Engine;
use super::means::http::{Answer, Connection};
use super::means::load::{self, Outcome};
use super::means::server::Server;
use super::means::visitor::Visitor;
use super::report::{Figure, Unit};

/// What a switch calls.
const SWITCH: &str = "/api/switch_integration";

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for engine in Engine::ALL {
        let server = bench.server(engine, bench.big())?;
        let visitor = Visitor::sign_in(server.address)?;
        let numbers = visitor.account_ids(1)?;
        ensure!(numbers.len() >= CONNECTIONS, "there are only {} accounts", numbers.len());
        let alone = switch(bench, &server, &visitor, &numbers[..1])?;
        let many = switch(bench, &server, &visitor, &numbers[..CONNECTIONS])?;
        figures.extend(rows(engine, alone, many));
    }
    Ok(figures)
}

fn rows(engine: Engine, alone: Outcome, many: Outcome) -> [Figure; 4] {
    let what = |which: &str| format!("{}: {which}", engine.name());
    let (p50, p99) = (Unit::Milliseconds.show(many.p50), Unit::Milliseconds.show(many.p99));
    [
        Figure::new(what("1 connection, p50"), alone.p50, Unit::Milliseconds).at_most(1.5),
        Figure::new(what("1 connection, p99"), alone.p99, Unit::Milliseconds).at_most(8.0),
        Figure::new(what("16 accounts, 16 connections: switches"), many.rate, Unit::PerSecond)
            .at_least(1_500.0)
            .with(format!("p50 {p50}, p99 {p99}")),
        server_cpu(what("the server's CPU for each of these"), engine, many),
    ]
}

fn switch(bench: &Bench, server: &Server, visitor: &Visitor, numbers: &[String]) -> Result<Outcome> {
    let mut clients = Vec::new();
    for number in numbers {
        let mut account = Account { visitor: visitor.clone(), number: number.clone(), on: true };
        // From here on it is off, whatever it was.
        account.send(&mut Connection::open(visitor.address)?)?;
        account.on = false;
        clients.push(move |connection: &mut Connection| account.flip(connection));
    }
    load::measure(server, &mut clients, bench.time)
}

/// An account of which one integration is switched on and off in turn.
struct Account {
    visitor: Visitor,
    number: String,
    on: bool,
}

impl Account {
    fn flip(&mut self, connection: &mut Connection) -> Result<Duration> {
        let begun = Instant::now();
        let answer = self.send(connection)?;
        let time = begun.elapsed();
        answer.expect_status(200)?;
        self.on = !self.on;
        Ok(time)
    }

    /// Switches to what it is not, confirming that the privilege goes with it.
    fn send<'a>(&self, connection: &'a mut Connection) -> Result<&'a Answer> {
        let (on, effect) = if self.on { ("false", "privilege_off") } else { ("true", "privilege_on") };
        let confirmed = format!(r#"[{{"{effect}":"guest_access"}}]"#);
        let fields = [("number", self.number.as_str()), ("key", "micc"), ("on", on), ("confirmed", &confirmed)];
        connection.send(&self.visitor.post(SWITCH, &fields))
    }
}
