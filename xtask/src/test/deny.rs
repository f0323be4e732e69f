//! Licences, sources and known flaws of all dependencies, by cargo-deny and `deny.toml`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Ran;
use crate::process;
use crate::progress::say;
use crate::system;
use crate::workspace::Workspace;

/// The version that is installed where there is none.
const VERSION: &str = "0.20.2";

/// Checks licences, bans and sources.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    check(workspace, &["licenses", "bans", "sources"])
}

/// Checks for known flaws, where `cargo deny fetch` has brought the database of advisories.
pub(super) fn advisories(workspace: &Workspace) -> Result<Ran> {
    if !advisories_present() {
        return Ok(Ran::Without("no database of advisories on this machine; `cargo deny fetch` brings it"));
    }
    check(workspace, &["advisories"])?;
    Ok(Ran::Whole)
}

/// Runs cargo-deny without any network of its own.
fn check(workspace: &Workspace, what: &[&str]) -> Result<()> {
    let program = ensure_program(workspace)?;
    // Licences are read from the sources of every dependency, also of those for other systems,
    // which an ordinary build does not bring along.
    process::run(&mut workspace.cargo(&["fetch", "--locked"]))?;
    let mut command = workspace.command(program);
    process::run(command.args(["--offline", "check"]).args(what))
}

/// The program: one that is installed, or one of the repository's own.
fn ensure_program(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(installed) = system::find("cargo-deny") {
        return Ok(installed);
    }
    let root = workspace.path("target/tools");
    let own = root.join("bin/cargo-deny");
    if !own.exists() {
        install(workspace, &root)?;
    }
    Ok(own)
}

fn install(workspace: &Workspace, root: &Path) -> Result<()> {
    say("installing cargo-deny (a minute or two)");
    let build = root.join("build");
    let mut install = workspace.cargo(&["install", "--locked", "cargo-deny", "--version", VERSION]);
    // Unoptimised it is built in a quarter of the time, and still answers within seconds.
    install.args(["--debug", "--config", "profile.dev.debug=false"]);
    install.arg("--root").arg(root);
    install.env("CARGO_TARGET_DIR", &build);
    process::run(&mut install)?;
    fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))
}

/// Whether someone has fetched the database of advisories (`cargo deny fetch`).
fn advisories_present() -> bool {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = env::var_os("HOME")?;
        Some(Path::new(&home).join(".cargo"))
    });
    home.and_then(|home| home.join("advisory-dbs").read_dir().ok())
        .is_some_and(|mut databases| databases.next().is_some())
}
