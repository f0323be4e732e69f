//! How long it takes to fill a database with the demo's accounts, from starting the program to its
//! end.

use anyhow::Result;

use super::Bench;
use super::means::database::Engine;
use super::report::{Figure, Unit, count};

/// Seconds, for a million accounts.
const GOAL: f64 = 120.0;

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>> {
    let data = bench.big();
    let what = format!("{} accounts of {} partners", count(data.accounts), data.partners);
    let figures = Engine::ALL.map(|engine| {
        let seeding = bench.database(engine, data)?.seeding.as_secs_f64();
        Ok(Figure::new(format!("{}: {what}", engine.name()), seeding, Unit::Seconds).at_most(GOAL))
    });
    figures.into_iter().collect()
}
