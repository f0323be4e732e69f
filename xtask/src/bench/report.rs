//! Figures with their goals, as a table on the terminal and in docs/benchmarks.md.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use anyhow::{Context, Result};

use crate::progress::say;

/// In what a figure is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// So many in a second.
    PerSecond,
    /// Bytes, shown in thousands.
    Kilobytes,
    /// Bytes, shown in millions.
    Megabytes,
    /// So many times another figure.
    Times,
    /// A number by itself.
    Plain,
}

#[derive(Clone, Copy, Debug)]
enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

/// One figure.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    what: String,
    value: f64,
    unit: Unit,
    goal: Option<Goal>,
    detail: Option<String>,
}

impl Figure {
    /// A figure that has no goal yet.
    pub(super) fn new(what: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self { what: what.into(), value, unit, goal: None, detail: None }
    }

    /// It is met by this much and less.
    pub(super) fn at_most(self, limit: f64) -> Self {
        Self { goal: Some(Goal::AtMost(limit)), ..self }
    }

    /// It is met by this much and more.
    pub(super) fn at_least(self, limit: f64) -> Self {
        Self { goal: Some(Goal::AtLeast(limit)), ..self }
    }

    /// Adds what is worth knowing beside it.
    pub(super) fn with(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    fn row(&self) -> String {
        let goal = match self.goal {
            Some(Goal::AtMost(limit)) => format!("≤ {}", self.unit.show(limit)),
            Some(Goal::AtLeast(limit)) => format!("≥ {}", self.unit.show(limit)),
            None => String::new(),
        };
        let met = match self.goal {
            Some(Goal::AtMost(limit)) if self.value <= limit => "yes",
            Some(Goal::AtLeast(limit)) if self.value >= limit => "yes",
            Some(_) => "**no**",
            None => "",
        };
        let detail = self.detail.as_ref().map_or_else(String::new, |detail| format!(" ({detail})"));
        format!("| {} | {goal} | {}{detail} | {met} |\n", self.what, self.unit.show(self.value))
    }
}

impl Unit {
    /// A value with its unit.
    pub(super) fn show(self, value: f64) -> String {
        match self {
            Self::Milliseconds => format!("{} ms", three_digits(value)),
            Self::Seconds => format!("{} s", three_digits(value)),
            Self::PerSecond => format!("{} /s", grouped(value)),
            Self::Kilobytes => format!("{} KB", three_digits(value / 1e3)),
            Self::Megabytes => format!("{} MB", three_digits(value / 1e6)),
            Self::Times => format!("{value:.2} ×"),
            Self::Plain => three_digits(value),
        }
    }
}

/// As many decimals as a figure of this size deserves, without those that say nothing.
fn three_digits(value: f64) -> String {
    let decimals = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A whole number with its thousands apart: `12,345`.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A whole number with its thousands apart.
pub(super) fn count(value: u32) -> String {
    grouped(f64::from(value))
}

/// Where figures go.
pub(super) struct Report {
    /// The document that is to have them.
    pub(super) document: Option<PathBuf>,
}

impl Report {
    /// Prints the figures of a benchmark, and puts them into the document.
    pub(super) fn add(&self, name: &str, command: &str, figures: &[Figure]) -> Result<()> {
        let rows: String = figures.iter().map(Figure::row).collect();
        let table = format!("By `{command}`:\n\n| what | goal | measured | met? |\n|---|---|---|---|\n{rows}");
        println!("\n{table}");
        if let Some(document) = &self.document {
            put(document, name, &table)?;
            put(document, "machine", &format!("{}\n", machine()?))?;
            say(format_args!("written to {}", document.display()));
        }
        Ok(())
    }
}

fn put(document: &Path, section: &str, content: &str) -> Result<()> {
    let text = fs::read_to_string(document).with_context(|| format!("cannot read {}", document.display()))?;
    let text = replaced(&text, section, content)
        .with_context(|| format!("{} has no marks for {section}", document.display()))?;
    fs::write(document, text).with_context(|| format!("cannot write {}", document.display()))
}

/// The text with new content between the marks of a section; `None` when the marks are not there.
fn replaced(text: &str, section: &str, content: &str) -> Option<String> {
    let begin = format!("<!-- bench {section} -->\n");
    let end = format!("<!-- end {section} -->");
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{content}\n{end}{after}"))
}

/// What was measured on: no more than is needed to judge the figures.
fn machine() -> Result<String> {
    let cores = available_parallelism()?;
    let processor = field(Path::new("/proc/cpuinfo"), "model name")?;
    let memory = field(Path::new("/proc/meminfo"), "MemTotal")?;
    let kibibytes: u64 = memory.trim_end_matches(" kB").parse().context("the size of the memory")?;
    // What the kernel keeps for itself is missing from its figure.
    let gibibytes = kibibytes.div_ceil(1024 * 1024);
    Ok(format!("Measured on {cores} cores ({processor}) with {gibibytes} GiB of memory."))
}

fn field(path: &Path, name: &str) -> Result<String> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    let found = pairs.find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim().to_owned());
    found.with_context(|| format!("no {name} in {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_whether_the_goal_is_met() {
        let figure = |value| Figure::new("page", value, Unit::Milliseconds).at_most(10.0);
        assert_eq!(figure(10.0).row(), "| page | ≤ 10 ms | 10 ms | yes |\n");
        assert_eq!(figure(12.345).with("p50 3 ms").row(), "| page | ≤ 10 ms | 12.3 ms (p50 3 ms) | **no** |\n");
        let rate = Figure::new("rate", 4_321.7, Unit::PerSecond).at_least(4_000.0);
        assert_eq!(rate.row(), "| rate | ≥ 4,000 /s | 4,322 /s | yes |\n");
        assert_eq!(Figure::new("size", 104_260.0, Unit::Kilobytes).row(), "| size |  | 104 KB |  |\n");
    }

    #[test]
    fn figures_have_the_digits_they_deserve() {
        let shown = [0.04, 0.4567, 1.5, 34.56, 100.4, 1_234.0].map(three_digits);
        assert_eq!(shown, ["0.04", "0.457", "1.5", "34.6", "100", "1234"]);
        assert_eq!([7.0, 999.6, 1_000_000.0].map(grouped), ["7", "1,000", "1,000,000"]);
    }

    #[test]
    fn a_section_is_replaced_and_nothing_else() {
        let text = "a\n<!-- bench x -->\nold\n<!-- end x -->\nb\n";
        let new = replaced(text, "x", "new\n");
        assert_eq!(new.as_deref(), Some("a\n<!-- bench x -->\n\nnew\n\n<!-- end x -->\nb\n"));
        assert_eq!(new.and_then(|text| replaced(&text, "x", "new\n")), replaced(text, "x", "new\n"));
        assert_eq!(replaced(text, "y", "new"), None);
    }
}
