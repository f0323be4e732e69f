//! `cargo xtask dist`: the one binary to ship.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::cargo::Build;
use crate::progress::{say, size};
use crate::site;
use crate::site::hash::hex_digest;
use crate::workspace::Workspace;

/// What engineering allows for the binary with the site inside.
const LIMIT: u64 = 30_000_000;

/// Builds the release binary, copies it to target/dist and refuses it when it is too large.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    site::build(workspace, site::Purpose::Release)?;
    say("building the server for release (several minutes at first)");
    let build = Build::run(workspace, &["--release", "-p", "server"])?;
    let program = build.program("tenantry")?;

    let folder = workspace.path("target/dist");
    let target = folder.join("tenantry");
    fs::create_dir_all(&folder)?;
    fs::copy(program, &target).with_context(|| format!("cannot write {}", target.display()))?;

    let bytes = fs::read(&target)?;
    let length = bytes.len() as u64;
    println!("{}", target.display());
    println!("size    {} ({length} bytes)", size(length));
    println!("sha256  {}", hex_digest(&bytes));
    check_size(length)
}

fn check_size(length: u64) -> Result<()> {
    if length > LIMIT {
        bail!("the binary is {}; at most {} is allowed", size(length), size(LIMIT));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    #[test]
    fn a_binary_over_the_limit_is_refused() {
        assert!(check_size(LIMIT).is_ok());
        assert_eq!(check_size(LIMIT + 1).unwrap_err().to_string(), "the binary is 30.0 MB; at most 30.0 MB is allowed");
    }
}
