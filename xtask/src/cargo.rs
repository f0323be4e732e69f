//! `cargo build`, and where it put what it built.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;
use crate::workspace::Workspace;

/// Something cargo built, as it reports it.
#[derive(Debug, Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    #[serde(default)]
    executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

/// Builds with cargo, which decides for itself whether there is anything to do.
///
/// The paths come from cargo's own report rather than from a guess, so that they are right with
/// any `CARGO_TARGET_DIR`.
pub(crate) struct Build(Vec<Message>);

impl Build {
    /// Runs `cargo build` with these further arguments.
    pub(crate) fn run(workspace: &Workspace, arguments: &[&str]) -> Result<Self> {
        let mut command = workspace.cargo(&["build", "--message-format=json-render-diagnostics"]);
        let report = process::output(command.args(arguments))?;
        Self::read(&report)
    }

    fn read(report: &str) -> Result<Self> {
        report
            .lines()
            .map(|line| serde_json::from_str(line).with_context(|| format!("from cargo: {line}")))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// The program of this name.
    pub(crate) fn program(&self, name: &str) -> Result<&Path> {
        self.artifacts(name)
            .find_map(|message| message.executable.as_deref())
            .with_context(|| format!("cargo built no program {name}"))
    }

    /// The WebAssembly module of this library.
    pub(crate) fn wasm(&self, name: &str) -> Result<&Path> {
        self.artifacts(name)
            .flat_map(|message| &message.filenames)
            .map(PathBuf::as_path)
            .find(|file| file.extension().is_some_and(|it| it == "wasm"))
            .with_context(|| format!("cargo built no WebAssembly module {name}"))
    }

    fn artifacts(&self, name: &str) -> impl Iterator<Item = &Message> {
        self.0.iter().filter(move |message| {
            message.reason == "compiler-artifact" && message.target.as_ref().is_some_and(|target| target.name == name)
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    const REPORT: &str = concat!(
        r#"{"reason":"build-script-executed","package_id":"x","out_dir":"/t"}"#,
        "\n",
        r#"{"reason":"compiler-artifact","target":{"name":"frontend"},"filenames":["/t/frontend.d","/t/frontend.wasm"],"executable":null,"fresh":true}"#,
        "\n",
        r#"{"reason":"compiler-artifact","target":{"name":"tenantry"},"filenames":["/t/debug/tenantry"],"executable":"/t/debug/tenantry"}"#,
        "\n",
        r#"{"reason":"build-finished","success":true}"#,
        "\n",
    );

    #[test]
    fn the_report_tells_where_things_are() {
        let build = Build::read(REPORT).unwrap();
        assert_eq!(build.wasm("frontend").unwrap(), Path::new("/t/frontend.wasm"));
        assert_eq!(build.program("tenantry").unwrap(), Path::new("/t/debug/tenantry"));
    }

    #[test]
    fn what_was_not_built_is_an_error() {
        let build = Build::read(REPORT).unwrap();
        assert!(build.program("frontend").is_err());
        assert!(build.wasm("tenantry").is_err());
    }
}
