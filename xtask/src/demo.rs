//! `cargo xtask demo`: builds everything and starts the demo.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};
use clap::Args;

use crate::cargo::Build;
use crate::progress::say;
use crate::site;
use crate::workspace::Workspace;

/// Build what is needed and start the console with made-up data, until Ctrl-C.
#[derive(Args)]
pub(crate) struct Options {
    /// Where to listen (loopback only; default 127.0.0.1:3000).
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<OsString>,
    /// The database (default: an SQLite file of the demo's own).
    #[arg(long, value_name = "URL")]
    database: Option<OsString>,
    /// How many accounts to make (default: some 200).
    #[arg(long, value_name = "NUMBER")]
    accounts: Option<OsString>,
    /// Discard the demo's data and make it anew.
    #[arg(long)]
    fresh: bool,
    /// Anything else is passed to `tenantry demo` as it is.
    #[arg(last = true, value_name = "OPTIONS")]
    rest: Vec<OsString>,
}

impl Options {
    fn forwarded(&self) -> Vec<OsString> {
        let named = [("--listen", &self.listen), ("--database", &self.database), ("--accounts", &self.accounts)];
        let values = named.into_iter().filter_map(|(name, value)| {
            let value = value.clone()?;
            Some([OsString::from(name), value])
        });
        values.flatten().chain(self.fresh.then(|| "--fresh".into())).chain(self.rest.iter().cloned()).collect()
    }
}

/// Builds the site and the server, then becomes the server.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    site::build(workspace, site::Purpose::Development)?;
    say("building the server");
    let build = Build::run(workspace, &["-p", "server"])?;
    let program = build.program("tenantry")?;
    say("starting the demo");
    // The server takes this process's place: it gets Ctrl-C and every other signal itself, and a
    // supervisor sees its exit status.
    let error = workspace.command(program).arg("demo").args(options.forwarded()).exec();
    Err(error).with_context(|| format!("cannot start {}", program.display()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn forwarded(line: &[&str]) -> Vec<OsString> {
        let words = ["demo"].iter().chain(line);
        Line::try_parse_from(words).unwrap().options.forwarded()
    }

    #[test]
    fn nothing_is_added_to_a_bare_demo() {
        assert!(forwarded(&[]).is_empty());
    }

    #[test]
    fn options_reach_the_server() {
        let line = ["--accounts", "1000", "--fresh", "--listen", "127.0.0.1:4000"];
        assert_eq!(forwarded(&line), ["--listen", "127.0.0.1:4000", "--accounts", "1000", "--fresh"]);
    }

    #[test]
    fn options_after_two_dashes_reach_it_too() {
        let line = ["--", "--listen", "127.0.0.1:4000"];
        assert_eq!(forwarded(&line), ["--listen", "127.0.0.1:4000"]);
    }
}
