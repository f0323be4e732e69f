//! Which crate may depend on which, read from what cargo would really build.

use anyhow::{Context, Result, bail};

use crate::process;
use crate::progress::say;
use crate::site;
use crate::workspace::Workspace;

/// A room of the repository, and what must not be among all that it depends on.
#[derive(Debug)]
struct Rule {
    package: &'static str,
    /// Built for the browser rather than for the server.
    browser: bool,
    /// Rooms of ours that are not for it.
    rooms: &'static [&'static str],
    /// Libraries that are not for it, each with those named after it (`sqlx`, `sqlx-core`).
    libraries: &'static [&'static str],
}

/// The rules. What they keep out of the browser is what must stay secret or would be dead weight;
/// what they keep out of `domain` and `service` is what would tie rules and use cases to one way of
/// being reached.
const RULES: &[Rule] = &[
    Rule {
        package: "frontend",
        browser: true,
        rooms: &["service", "server"],
        libraries: &["axum", "hyper", "regex", "sea-orm", "sqlx", "tokio"],
    },
    Rule {
        package: "domain",
        browser: false,
        rooms: &["service", "app", "server"],
        libraries: &["axum", "leptos", "sea-orm", "sqlx", "tokio"],
    },
    Rule { package: "service", browser: false, rooms: &["app", "server"], libraries: &["axum", "leptos"] },
];

/// What a library of ours brings along against a rule, though none of it reaches the result.
const EXCUSED: &[(&str, &str)] = &[
    // It reads Cargo.toml with it, on the server alone; the linker leaves it out of the module.
    ("leptos_config", "regex"),
];

/// Checks every rule.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    for rule in RULES {
        let tree = tree(workspace, rule)?;
        rule.check(&tree)?;
        say(format_args!("{} depends only on what it may", rule.package));
    }
    Ok(())
}

/// All that a package links, each line with its depth in front.
fn tree(workspace: &Workspace, rule: &Rule) -> Result<String> {
    let mut command = workspace.cargo(&[
        "tree",
        "--locked",
        "--edges=normal,no-proc-macro",
        "--prefix=depth",
        "--format={p}",
        "--package",
        rule.package,
    ]);
    if rule.browser {
        command.args(["--target", site::TARGET]);
    }
    process::output(&mut command)
}

impl Rule {
    fn check(&self, tree: &str) -> Result<()> {
        let mut wrong: Vec<String> = dependencies(tree)?
            .into_iter()
            .filter(|(parent, child)| self.forbids(child) && !self.forbids(parent))
            .filter(|dependency| !EXCUSED.contains(dependency))
            .map(|(parent, child)| format!("{child} (by {parent})"))
            .collect();
        wrong.sort_unstable();
        wrong.dedup();
        if wrong.is_empty() {
            return Ok(());
        }
        let place = if self.browser { " in the browser" } else { "" };
        bail!("{} must not depend on {}{place}", self.package, wrong.join(", "))
    }

    fn forbids(&self, package: &str) -> bool {
        self.rooms.contains(&package) || self.libraries.iter().any(|library| is_of_family(package, library))
    }
}

/// Who depends on whom, from cargo's lines: depth, name and version, as `2serde v1.0.0 …`.
fn dependencies(tree: &str) -> Result<Vec<(&str, &str)>> {
    let mut path: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let (depth, name) = parse(line).with_context(|| format!("from cargo tree: {line}"))?;
        path.truncate(depth);
        if let Some(parent) = path.last() {
            found.push((*parent, name));
        }
        path.push(name);
    }
    Ok(found)
}

fn parse(line: &str) -> Option<(usize, &str)> {
    let digits = line.find(|c: char| !c.is_ascii_digit())?;
    let (depth, package) = line.split_at(digits);
    let (name, _) = package.split_once(' ')?;
    Some((depth.parse().ok()?, name))
}

/// Whether a package is this library or one named after it.
fn is_of_family(package: &str, library: &str) -> bool {
    package.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    const RULE: Rule = Rule { package: "frontend", browser: true, rooms: &["server"], libraries: &["sqlx", "tokio"] };

    #[test]
    fn a_clean_tree_passes() {
        let tree = "0frontend v0.1.0 (/src/frontend)\n1leptos v0.8.23\n2server_fn v0.8.13\n\
                    2tokio2 v1.0.0\n1leptos v0.8.23 (*)\n";
        RULE.check(tree).unwrap();
    }

    #[test]
    fn what_is_wrong_is_named_once_with_who_brings_it() {
        let tree = "0frontend v0.1.0 (/src/frontend)\n1app v0.1.0 (/src/app)\n2sqlx v0.9.0\n\
                    3sqlx-core v0.9.0\n4tokio v1.54.0\n1server v0.1.0 (/src/server)\n\
                    2tokio v1.54.0\n1tokio v1.54.0 (*)\n1tokio v1.54.0 (*)\n";
        assert_eq!(
            RULE.check(tree).unwrap_err().to_string(),
            "frontend must not depend on server (by frontend), sqlx (by app), \
             tokio (by frontend) in the browser"
        );
    }

    #[test]
    fn what_is_excused_is_so_only_there() {
        let rule = Rule { libraries: &["regex"], ..RULE };
        let excused = "0frontend v0.1.0\n1leptos_config v0.8.10\n2regex v1.13.1\n\
                       3regex-syntax v0.8.8\n";
        rule.check(excused).unwrap();
        let ours = format!("{excused}1regex v1.13.1 (*)\n");
        assert!(rule.check(&ours).is_err());
    }

    #[test]
    fn an_unknown_shape_of_the_tree_is_an_error() {
        assert!(RULE.check("frontend v0.1.0\n").is_err());
    }

    #[test]
    fn a_room_is_only_itself() {
        assert!(RULE.forbids("server"));
        assert!(!RULE.forbids("server_fn"));
    }

    #[test]
    fn a_library_comes_with_its_family() {
        for package in ["sqlx", "sqlx-sqlite", "tokio_util"] {
            assert!(RULE.forbids(package), "{package}");
        }
        assert!(!RULE.forbids("tokiox"));
    }
}
