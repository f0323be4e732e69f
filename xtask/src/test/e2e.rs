//! The tests in a browser, by Playwright, which starts the servers it needs itself.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::POSTGRES;
use crate::cargo::Build;
use crate::process;
use crate::progress::say;
use crate::site;
use crate::site::hash::hex_digest;
use crate::system;
use crate::workspace::Workspace;

/// The names that a Chromium goes by.
const CHROMIUMS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// Builds what the tests need and runs them.
pub(super) fn run(workspace: &Workspace, postgres: &str) -> Result<()> {
    let folder = workspace.path("end2end");
    ensure_packages(workspace, &folder)?;
    let chromium = ensure_chromium()?;
    site::build(workspace, site::Purpose::Development)?;
    say("building the server");
    let build = Build::run(workspace, &["-p", "server"])?;

    say("running Playwright");
    let mut command = workspace.command("npx");
    // Never anything but what package-lock.json names.
    command.args(["--no-install", "playwright", "test"]);
    command.current_dir(folder);
    command.env("TENANTRY_BIN", build.program("tenantry")?);
    command.env("CHROMIUM", chromium);
    command.env(POSTGRES, postgres);
    process::run(&mut command)
}

/// Installs the npm packages that the lock file names, unless these are there already.
pub(crate) fn ensure_packages(workspace: &Workspace, folder: &Path) -> Result<()> {
    if system::find("npm").is_none() {
        system::install("Node.js with npm", &["nodejs", "npm"])?;
    }
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let lock = hex_digest(&lock);
    // `npm ci` begins with removing the whole folder, so this says that it came to its end.
    let stamp = folder.join("node_modules/.installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say("installing the npm packages of the browser tests");
    let mut command = workspace.command("npm");
    command.args(["ci", "--no-audit", "--no-fund"]);
    // The system's Chromium is used.
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::run(command.current_dir(folder))?;
    fs::write(stamp, lock)?;
    Ok(())
}

/// The browser: the one that $CHROMIUM names, or the system's, installed where that is possible.
pub(crate) fn ensure_chromium() -> Result<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    if let Some(found) = find_chromium() {
        return Ok(found);
    }
    system::install("Chromium", &["chromium", "fonts-liberation"])?;
    find_chromium().context("Chromium was installed, but is nowhere to be found")
}

fn find_chromium() -> Option<PathBuf> {
    CHROMIUMS.iter().find_map(|name| system::find(name))
}
