//! `cargo xtask test`: everything that must hold, in the order in which it fails the fastest.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use crate::postgres::Cluster;
use crate::process;
use crate::progress::{elapsed, say};
use crate::site;
use crate::workspace::Workspace;

mod clippy;
mod deny;
pub(crate) mod e2e;
mod layout;
mod suites;

/// The variable by which every test finds a PostgreSQL on which it may create databases.
const POSTGRES: &str = "TENANTRY_TEST_POSTGRES";

/// Check everything: formatting, layout, licences, lints, and every test on SQLite, on PostgreSQL
/// and in the browser.
#[derive(Args)]
pub(crate) struct Options {
    /// Only these steps.
    #[arg(long, value_name = "STEP", value_delimiter = ',', hide_possible_values = true)]
    only: Vec<Step>,
    /// All but these steps.
    #[arg(long, value_name = "STEP", value_delimiter = ',', hide_possible_values = true)]
    skip: Vec<Step>,
    /// Show the steps and do nothing.
    #[arg(long)]
    list: bool,
}

/// One step. The order here is the order in which they run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Step {
    /// formatting, by rustfmt
    Fmt,
    /// which crate may depend on which
    Layout,
    /// licences and sources of the dependencies, by cargo-deny
    Deny,
    /// known flaws of the dependencies, by cargo-deny and a database of advisories
    Advisories,
    /// lints, for the server and for the browser
    Clippy,
    /// the site builds
    Site,
    /// the tests of every crate, on SQLite and PostgreSQL
    Suites,
    /// the tests in a browser, by Playwright
    E2e,
}

impl Step {
    fn run(self, context: &mut Context) -> Result<Ran> {
        let workspace = context.workspace;
        let result = match self {
            // It alone needs what cannot be brought along.
            Self::Advisories => return deny::advisories(workspace),
            Self::Fmt => process::run(&mut workspace.cargo(&["fmt", "--all", "--check"])),
            Self::Layout => layout::run(workspace),
            Self::Deny => deny::run(workspace),
            Self::Clippy => clippy::run(workspace),
            Self::Site => site::build(workspace, site::Purpose::Development),
            Self::Suites => suites::run(workspace, &context.postgres()?),
            Self::E2e => e2e::run(workspace, &context.postgres()?),
        };
        result.map(|()| Ran::Whole)
    }

    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn purpose(self) -> String {
        self.to_possible_value().and_then(|value| value.get_help().map(ToString::to_string)).unwrap_or_default()
    }
}

/// Whether a step could be run here.
pub(crate) enum Ran {
    Whole,
    /// It lacks this.
    Without(&'static str),
}

/// What the steps share.
struct Context<'a> {
    workspace: &'a Workspace,
    cluster: Option<Cluster>,
}

impl Context<'_> {
    /// The URL of the PostgreSQL for tests, which is started when the first step wants it.
    fn postgres(&mut self) -> Result<String> {
        let cluster = match self.cluster.take() {
            Some(cluster) => cluster,
            None => Cluster::start()?,
        };
        Ok(self.cluster.insert(cluster).url())
    }
}

/// How a step went.
#[derive(Clone, Copy)]
enum Outcome {
    Passed(Duration),
    Failed(Duration),
    Lacking(&'static str),
    NotRun,
}

/// Runs the steps that were asked for, up to the first that fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let steps = selected(options);
    if options.list {
        for step in steps {
            println!("{:<8} {}", step.name(), step.purpose());
        }
        return Ok(());
    }
    process::outlive_signals()?;
    let mut context = Context { workspace, cluster: None };
    let mut outcomes = Vec::new();
    let mut result = Ok(());
    for step in steps {
        let outcome = match result {
            Ok(()) => {
                let (outcome, ended) = attempt(step, &mut context);
                result = ended;
                outcome
            }
            Err(_) => Outcome::NotRun,
        };
        outcomes.push((step, outcome));
    }
    print!("{}", table(&outcomes));
    result
}

fn selected(options: &Options) -> Vec<Step> {
    Step::value_variants()
        .iter()
        .copied()
        .filter(|step| options.only.is_empty() || options.only.contains(step))
        .filter(|step| !options.skip.contains(step))
        .collect()
}

fn attempt(step: Step, context: &mut Context) -> (Outcome, Result<()>) {
    say(format_args!("── {}: {}", step.name(), step.purpose()));
    let start = Instant::now();
    let result = step.run(context);
    let time = start.elapsed();
    match result {
        Ok(Ran::Whole) => (Outcome::Passed(time), Ok(())),
        Ok(Ran::Without(lacking)) => {
            say(format_args!("WARNING: {} did not run: {lacking}", step.name()));
            (Outcome::Lacking(lacking), Ok(()))
        }
        Err(error) => {
            let message = format!("step {name} failed (again: `cargo xtask test --only {name}`)", name = step.name());
            (Outcome::Failed(time), Err(error).context(message))
        }
    }
}

/// The summary at the end.
fn table(outcomes: &[(Step, Outcome)]) -> String {
    use std::fmt::Write;

    let mut text = String::from("\nstep       result   time\n");
    for (step, outcome) in outcomes {
        let (result, time) = match outcome {
            Outcome::Passed(time) => ("ok", elapsed(*time)),
            Outcome::Failed(time) => ("FAILED", elapsed(*time)),
            Outcome::Lacking(lacking) => ("NOT RUN", (*lacking).to_owned()),
            Outcome::NotRun => ("not run", String::new()),
        };
        let line = format!("{:<10} {result:<8} {time}", step.name());
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[Step], skip: &[Step]) -> Vec<String> {
        let options = Options { only: only.to_vec(), skip: skip.to_vec(), list: false };
        selected(&options).into_iter().map(Step::name).collect()
    }

    #[test]
    fn all_steps_run_in_order() {
        assert_eq!(names(&[], &[]), ["fmt", "layout", "deny", "advisories", "clippy", "site", "suites", "e2e"]);
    }

    #[test]
    fn steps_can_be_chosen_and_left_out() {
        assert_eq!(names(&[Step::E2e, Step::Fmt], &[]), ["fmt", "e2e"]);
        assert_eq!(names(&[Step::E2e, Step::Fmt], &[Step::Fmt]), ["e2e"]);
    }

    #[test]
    fn the_summary_says_what_failed_and_what_did_not_run() {
        let outcomes = [
            (Step::Fmt, Outcome::Passed(Duration::from_millis(400))),
            (Step::Advisories, Outcome::Lacking("no database")),
            (Step::Clippy, Outcome::Failed(Duration::from_secs(75))),
            (Step::E2e, Outcome::NotRun),
        ];
        assert_eq!(
            table(&outcomes),
            "\nstep       result   time\n\
             fmt        ok       0.4 s\n\
             advisories NOT RUN  no database\n\
             clippy     FAILED   1 min 15 s\n\
             e2e        not run\n"
        );
    }
}
