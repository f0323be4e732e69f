//! The tests of every crate.

use anyhow::Result;

use super::POSTGRES;
use crate::process;
use crate::progress::say;
use crate::workspace::Workspace;

/// The crates of the server's side. In one call, so that cargo compiles their dependencies once,
/// with the features they have in the server.
pub(super) const SERVER_SIDE: &[&str] =
    &["-p", "domain", "-p", "service", "-p", "app", "-p", "server", "--features", "app/ssr"];

/// This tool, in the profile in which `cargo xtask` has just built it.
pub(super) const OWN: &[&str] = &["--profile=xtask", "-p", "xtask"];

/// Runs the tests of this tool and of the server's side.
pub(super) fn run(workspace: &Workspace, postgres: &str) -> Result<()> {
    for (name, packages) in [("this tool", OWN), ("the server's side", SERVER_SIDE)] {
        say(format_args!("cargo test: {name}"));
        let mut command = workspace.cargo(&["test", "--locked"]);
        process::run(command.args(packages).env(POSTGRES, postgres))?;
    }
    Ok(())
}
