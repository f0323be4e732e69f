//! `cargo xtask site`: everything the browser loads, in target/site.
//!
//! What a page needs comes under `pkg/` with the hash of its content in its name, so that browsers
//! may keep it for ever; the files of `public/` keep their names. Each compressible file lies there
//! three times: as it is, with brotli and with gzip.
//!
//! There is no record of what was built before that could be wrong. Everything is made again from
//! its sources, which takes a second; only the compression takes long, and it is left out where the
//! file it would be made from is already there with the same content ([`publish`]).
//!
//! `site.json` names the files of the page and is written last: whoever reads it finds all that it
//! names, and an interrupted build leaves the one before standing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde::Serialize;
use walkdir::WalkDir;

use crate::progress::say;
use crate::workspace::Workspace;

pub(crate) mod hash;
mod publish;
mod script;
mod style;

pub(crate) use script::{TARGET, ensure_target};

/// Where the hashed files are, below the site's root.
const PKG: &str = "pkg";

/// Which files make the page.
const INDEX: &str = "site.json";

/// One file of the site, not yet written.
#[derive(Debug)]
struct SiteFile {
    /// Relative to the site's root.
    path: PathBuf,
    content: Vec<u8>,
}

impl SiteFile {
    /// A file below `pkg/`.
    fn pkg(name: impl AsRef<Path>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: Path::new(PKG).join(name), content: content.into() }
    }

    /// The path under which browsers ask for it.
    fn url(&self) -> String {
        format!("/{}", self.path.display())
    }
}

/// What the server must know to refer to the site's files.
#[derive(Debug, Serialize)]
struct Index {
    script: String,
    wasm: String,
    style: String,
}

/// What a site is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be looked at and tested: built in a fraction of the time, and larger.
    Development,
    /// To be downloaded by browsers: as small as it can be made.
    Release,
}

/// Builds the site; leaves alone what is up to date.
pub(crate) fn build(workspace: &Workspace, purpose: Purpose) -> Result<()> {
    let wasm = script::compile(workspace, purpose)?;
    say("making the site");
    let script = script::bind(workspace, &wasm)?;
    let style = style::bundle(&workspace.path("style/main.css"))?;
    let index = Index { script: script.js.url(), wasm: script.wasm.url(), style: style.url() };

    let mut files = public_files(&workspace.path("public"))?;
    files.extend([script.js, script.wasm, style]);
    files.extend(script.snippets);
    write(&workspace.site(), &workspace.scratch(), &files, &index)
}

/// The files of `public/`, which keep their names.
fn public_files(public: &Path) -> Result<Vec<SiteFile>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(public).sort_by_file_name() {
        let entry = entry.context("cannot read public/")?;
        if !entry.file_type().is_file() || entry.file_name() == ".gitkeep" {
            continue;
        }
        let path = entry.path().strip_prefix(public)?.to_owned();
        if path.starts_with(PKG) || path == Path::new(INDEX) {
            bail!("public/{} would hide a built file", path.display());
        }
        files.push(SiteFile { content: fs::read(entry.path())?, path });
    }
    Ok(files)
}

/// Writes the files, then the index that names them, and only then removes what is left over.
fn write(site: &Path, scratch: &Path, files: &[SiteFile], index: &Index) -> Result<()> {
    fs::create_dir_all(site)?;
    fs::create_dir_all(scratch)?;
    let written: Vec<Vec<PathBuf>> =
        files.par_iter().map(|file| publish::file(site, scratch, file)).collect::<Result<_>>()?;

    let json = serde_json::to_vec_pretty(index)?;
    publish::replace(scratch, &site.join(INDEX), &json)?;

    let mut keep: BTreeSet<PathBuf> = written.into_iter().flatten().collect();
    keep.insert(site.join(INDEX));
    remove_others(site, &keep)
}

/// Removes every file that is not of this build, and the folders that become empty.
fn remove_others(site: &Path, keep: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in WalkDir::new(site).min_depth(1).contents_first(true) {
        let entry = entry?;
        if entry.file_type().is_dir() {
            // Fails where something is left inside, which is what decides it.
            let _ = fs::remove_dir(entry.path());
        } else if !keep.contains(entry.path()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    struct Fixture {
        folder: tempfile::TempDir,
    }

    impl Fixture {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap() }
        }

        fn path(&self, relative: &str) -> PathBuf {
            self.folder.path().join(relative)
        }

        fn write(&self, files: &[SiteFile]) {
            let index = Index { script: "/pkg/a.js".into(), wasm: "/pkg/a.wasm".into(), style: "/pkg/a.css".into() };
            write(&self.path("site"), &self.path("scratch"), files, &index).unwrap();
        }

        fn listing(&self) -> Vec<String> {
            let site = self.path("site");
            WalkDir::new(&site)
                .min_depth(1)
                .sort_by_file_name()
                .into_iter()
                .map(|entry| {
                    let entry = entry.unwrap();
                    let path = entry.path().strip_prefix(&site).unwrap();
                    path.display().to_string()
                })
                .collect()
        }
    }

    #[test]
    fn what_an_earlier_build_left_is_removed() {
        let fixture = Fixture::new();
        fixture.write(&[SiteFile::pkg("old/a.js", "1"), SiteFile::pkg("b.png", "2")]);
        fixture.write(&[SiteFile::pkg("b.png", "2")]);
        assert_eq!(fixture.listing(), ["pkg", "pkg/b.png", "site.json"]);
    }

    #[test]
    fn the_index_names_the_files_by_their_urls() {
        let fixture = Fixture::new();
        fixture.write(&[]);
        let text = fs::read_to_string(fixture.path("site/site.json")).unwrap();
        let index: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(index, serde_json::json!({"script": "/pkg/a.js", "wasm": "/pkg/a.wasm", "style": "/pkg/a.css"}));
    }

    #[test]
    fn files_of_public_keep_their_names() {
        let fixture = Fixture::new();
        fs::create_dir_all(fixture.path("public/.well-known")).unwrap();
        fs::write(fixture.path("public/.well-known/security.txt"), "x").unwrap();
        fs::write(fixture.path("public/.gitkeep"), "").unwrap();
        let files = public_files(&fixture.path("public")).unwrap();
        let urls: Vec<String> = files.iter().map(SiteFile::url).collect();
        assert_eq!(urls, ["/.well-known/security.txt"]);
    }

    #[test]
    fn a_file_of_public_must_not_hide_a_built_one() {
        let fixture = Fixture::new();
        fs::create_dir_all(fixture.path("public/pkg")).unwrap();
        fs::write(fixture.path("public/pkg/x.js"), "x").unwrap();
        let error = public_files(&fixture.path("public")).unwrap_err();
        assert_eq!(error.to_string(), "public/pkg/x.js would hide a built file");
    }
}
