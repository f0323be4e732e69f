//! Where things are in the repository.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The repository, found from where this crate was built.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the repository: the folder above this crate's own.
    pub(crate) fn find() -> Result<Self> {
        // `cargo run` says where the crate is now; the folder at compile time is for those who
        // call the binary itself.
        let own =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = own.parent().with_context(|| format!("{} has no parent folder", own.display()))?;
        Ok(Self { root: root.to_owned() })
    }

    /// A path inside the repository.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// What the server serves and embeds. Always this folder, wherever cargo's own target folder
    /// is, because the server names it in its source.
    pub(crate) fn site(&self) -> PathBuf {
        self.path("target/site")
    }

    /// Room for half-written files, on the same file system as the site, so that a rename is enough
    /// to publish them.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.path("target/site.tmp")
    }

    /// A command that runs in the repository's root.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.root);
        // What `cargo run` told this program about itself is not for the programs it starts: build
        // scripts that watch these would be run again after every change between the two.
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&*name);
            }
        }
        command
    }

    /// Cargo, of the toolchain that built this program.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments);
        command
    }
}
