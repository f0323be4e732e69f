//! Lints, for the server and for the browser.
//!
//! Cargo unifies the features of all that it builds in one call. So the crates are linted in groups
//! that are built together in earnest too, and the two sides of `app` never meet; fewer groups mean
//! fewer dependencies that are compiled twice.

use std::fs;

use anyhow::Result;

use super::suites::{OWN, SERVER_SIDE};
use crate::process;
use crate::progress::say;
use crate::site;
use crate::workspace::Workspace;

/// What is linted in one call.
struct Group {
    name: &'static str,
    /// Whether tests and benchmarks are linted too; they exist only for this machine.
    all_targets: bool,
    arguments: &'static [&'static str],
}

const GROUPS: &[Group] = &[
    Group { name: "this tool", all_targets: true, arguments: OWN },
    Group { name: "the server's side", all_targets: true, arguments: SERVER_SIDE },
    Group {
        name: "the browser's side",
        all_targets: false,
        // The profile of the site, so that the macros compiled for the one serve the other.
        arguments: &[
            "--profile=wasm-dev",
            "--target",
            site::TARGET,
            "-p",
            "domain",
            "-p",
            "app",
            "-p",
            "frontend",
            "--features",
            "app/hydrate",
        ],
    },
];

/// Lints every group; a warning is an error.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    site::ensure_target(workspace)?;
    // The server's build watches this folder; were it missing, the server would be built each time.
    fs::create_dir_all(workspace.site())?;
    for group in GROUPS {
        say(format_args!("clippy: {}", group.name));
        let mut command = workspace.cargo(&["clippy", "--locked", "--no-deps"]);
        if group.all_targets {
            command.arg("--all-targets");
        }
        command.args(group.arguments);
        command.args(["--", "-D", "warnings"]);
        process::run(&mut command)?;
    }
    Ok(())
}
