//! Programs of the operating system: found, or installed where that is possible.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};

use crate::process;
use crate::progress::say;

/// A program on the PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| is_program(candidate))
}

/// Whether a file is there and may be run by someone.
pub(crate) fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// Whether this program may do everything.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Installs packages of the system, or says the command that would.
pub(crate) fn install(purpose: &str, packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if find("apt-get").is_none() {
        bail!(
            "{purpose} is missing; install it with your system's packages (on Debian or Ubuntu: `sudo apt-get install -y {names}`)"
        );
    }
    if !is_root() {
        bail!("{purpose} is missing; install it with `sudo apt-get update && sudo apt-get install -y {names}`");
    }
    update_lists()?;
    say(format_args!("installing {purpose} ({names})"));
    process::run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

/// Brings the lists of packages up to date, once in a run.
fn update_lists() -> Result<()> {
    static UPDATED: AtomicBool = AtomicBool::new(false);
    if UPDATED.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    say("bringing the system's list of packages up to date");
    process::run(apt_get().arg("update"))
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(find("sh").is_some());
        assert_eq!(find("no-such-program"), None);
    }

    #[test]
    fn a_file_that_may_not_be_run_is_no_program() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(!is_program(file.path()));
    }
}
