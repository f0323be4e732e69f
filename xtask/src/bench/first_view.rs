//! The first view of the account page in a slow browser, and how soon it shows what one does there.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Bench;
use super::means::database::Engine;
use super::means::statistics::median;
use super::means::visitor::Visitor;
use super::report::{Figure, Unit};
use crate::process;
use crate::progress::say;
use crate::test::e2e;

/// What end2end/bench.mjs saw in one run: times in milliseconds, sizes in bytes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    first_contentful_paint: f64,
    hydrated: f64,
    /// By the type of what came.
    transferred: BTreeMap<String, f64>,
    layout_shift: f64,
    /// The slowest of the keys that were typed.
    typing: f64,
    save_with_error: f64,
}

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>> {
    let server = bench.server(Engine::Sqlite, bench.big())?;
    let visitor = Visitor::sign_in(server.address)?;
    let number = visitor.account_ids(1)?.into_iter().next().context("there is no account to view")?;
    let url = format!("http://{}/accounts/{number}", server.address);
    let output = watch(bench, &url, &visitor.cookie)?;
    let runs: Vec<Run> = serde_json::from_str(&output).with_context(|| format!("from end2end/bench.mjs: {output}"))?;
    for run in &runs {
        say(format_args!("  {run:?}"));
    }
    Ok(figures(&runs))
}

/// Runs the browser; gives what the script prints.
fn watch(bench: &Bench, url: &str, cookie: &str) -> Result<String> {
    let folder = bench.workspace.path("end2end");
    e2e::ensure_packages(bench.workspace, &folder)?;
    let chromium = e2e::ensure_chromium()?;
    let mut command = bench.workspace.command("node");
    command.arg("bench.mjs").current_dir(folder);
    command.env("CHROMIUM", chromium).env("BENCH_URL", url).env("BENCH_COOKIE", cookie);
    process::output(&mut command)
}

fn by_type(run: &Run) -> String {
    let sizes = run.transferred.iter().map(|(kind, size)| format!("{kind} {}", Unit::Kilobytes.show(*size)));
    sizes.collect::<Vec<_>>().join(", ")
}

fn figures(runs: &[Run]) -> Vec<Figure> {
    let middle = |figure: fn(&Run) -> f64| median(runs.iter().map(figure));
    vec![
        Figure::new("first contentful paint", middle(|run| run.first_contentful_paint), Unit::Milliseconds)
            .at_most(900.0),
        Figure::new("hydrated", middle(|run| run.hydrated), Unit::Milliseconds).at_most(1_800.0),
        Figure::new("transferred", middle(|run| run.transferred.values().sum()), Unit::Kilobytes)
            .at_most(150e3)
            .with(runs.first().map(by_type).unwrap_or_default()),
        Figure::new("cumulative layout shift", middle(|run| run.layout_shift), Unit::Plain).at_most(0.0),
        Figure::new(
            "typing a letter, until it is painted (the slowest of 20)",
            middle(|run| run.typing),
            Unit::Milliseconds,
        )
        .at_most(50.0),
        Figure::new("Save with an error, until it is painted", middle(|run| run.save_with_error), Unit::Milliseconds)
            .at_most(50.0),
    ]
}
