//! The browser's half of the application: WebAssembly, and the JavaScript that loads it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;
use wasm_bindgen_cli_support::Bindgen;

use super::hash::short;
use super::{Purpose, SiteFile};
use crate::cargo::Build;
use crate::process;
use crate::progress::say;
use crate::workspace::Workspace;

/// What browsers run.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The stem of the files' names.
const NAME: &str = "tenantry";

/// Where wasm-bindgen puts the JavaScript that crates bring along, and where its imports look.
const SNIPPETS: &str = "snippets";

/// The files that make the page interactive.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) js: SiteFile,
    pub(super) wasm: SiteFile,
    /// JavaScript that crates bring along, imported by `js`.
    pub(super) snippets: Vec<SiteFile>,
}

/// Compiles the browser's entry; cargo knows whether there is anything to do.
pub(super) fn compile(workspace: &Workspace, purpose: Purpose) -> Result<PathBuf> {
    ensure_target(workspace)?;
    say("compiling for the browser");
    let profile = match purpose {
        Purpose::Development => "wasm-dev",
        Purpose::Release => "wasm",
    };
    let arguments = ["-p", "frontend", "--target", TARGET, "--profile", profile];
    let build = Build::run(workspace, &arguments)?;
    Ok(build.wasm("frontend")?.to_owned())
}

/// Adds Rust's standard library for browsers where it is missing.
pub(crate) fn ensure_target(workspace: &Workspace) -> Result<()> {
    // Asks the compiler rather than rustup, so that a Rust from elsewhere does as well.
    let mut question = workspace.command("rustc");
    question.args(["--print", "target-libdir", "--target", TARGET]);
    let folder = process::output(&mut question)?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    say(format_args!("adding the target {TARGET}"));
    process::run(workspace.command("rustup").args(["target", "add", TARGET]))
        .with_context(|| format!("Rust's target {TARGET} is missing and could not be added"))
}

/// Makes the JavaScript for a compiled module, and gives everything its lasting name.
pub(super) fn bind(workspace: &Workspace, wasm: &Path) -> Result<Script> {
    fs::create_dir_all(workspace.scratch())?;
    let folder = tempfile::tempdir_in(workspace.scratch())?;
    Bindgen::new()
        .input_path(wasm)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder.path())
        .context("wasm-bindgen failed")?;
    collect(folder.path())
}

/// Gathers what wasm-bindgen wrote, each file under a name that changes with its content.
fn collect(folder: &Path) -> Result<Script> {
    let wasm = fs::read(folder.join(format!("{NAME}_bg.wasm")))?;
    let wasm_name = format!("{NAME}.{}_bg.wasm", short(&wasm));
    let js = fs::read_to_string(folder.join(format!("{NAME}.js")))?;
    let js = point_to(&js, &wasm_name)?;
    let (js, snippets) = collect_snippets(&folder.join(SNIPPETS), js)?;
    Ok(Script {
        js: SiteFile::pkg(format!("{NAME}.{}.js", short(js.as_bytes())), js),
        wasm: SiteFile::pkg(wasm_name, wasm),
        snippets,
    })
}

/// Makes the JavaScript load the module by its lasting name.
fn point_to(js: &str, wasm_name: &str) -> Result<String> {
    let generic = format!("'{NAME}_bg.wasm'");
    if !js.contains(&generic) {
        bail!("wasm-bindgen's JavaScript no longer names its module as {generic}");
    }
    Ok(js.replace(&generic, &format!("'{wasm_name}'")))
}

/// Moves the snippets into a folder named by the content of all of them: they import each other by
/// relative paths, so they can only be renamed together.
fn collect_snippets(folder: &Path, js: String) -> Result<(String, Vec<SiteFile>)> {
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in WalkDir::new(folder).sort_by_file_name() {
            let entry = entry?;
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(folder)?.to_owned();
                found.push((path, fs::read(entry.path())?));
            }
        }
    }
    if found.is_empty() {
        return Ok((js, Vec::new()));
    }

    let mut all = Vec::new();
    for (path, content) in &found {
        all.extend_from_slice(path.as_os_str().as_encoded_bytes());
        all.extend_from_slice(content);
    }
    let lasting = format!("{SNIPPETS}.{}", short(&all));
    let mut js = js;
    let mut files = Vec::new();
    for (path, content) in found {
        let path = path.display();
        js = js.replace(&format!("{SNIPPETS}/{path}"), &format!("{lasting}/{path}"));
        files.push(SiteFile::pkg(format!("{lasting}/{path}"), content));
    }
    Ok((js, files))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    /// What wasm-bindgen leaves in its folder.
    fn bound(snippet: Option<&str>) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let import = match snippet {
            Some(text) => {
                let path = folder.path().join("snippets/app-0123");
                fs::create_dir_all(&path).unwrap();
                fs::write(path.join("inline0.js"), text).unwrap();
                "import { a } from './snippets/app-0123/inline0.js';\n"
            }
            None => "",
        };
        let js = format!("{import}x = new URL('tenantry_bg.wasm', import.meta.url);");
        fs::write(folder.path().join("tenantry.js"), js).unwrap();
        fs::write(folder.path().join("tenantry_bg.wasm"), b"\0asm").unwrap();
        folder
    }

    fn text(file: &SiteFile) -> &str {
        str::from_utf8(&file.content).unwrap()
    }

    #[test]
    fn the_javascript_loads_the_module_by_its_hashed_name() {
        let script = collect(bound(None).path()).unwrap();
        let name = script.wasm.path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("tenantry.") && name.ends_with("_bg.wasm"));
        assert_eq!(name.len(), "tenantry._bg.wasm".len() + 16);
        assert_eq!(text(&script.js), format!("x = new URL('{name}', import.meta.url);"));
    }

    #[test]
    fn a_changed_snippet_changes_every_name_on_the_way_to_it() {
        let [one, two] =
            ["export const a = 1;", "export const a = 2;"].map(|snippet| collect(bound(Some(snippet)).path()).unwrap());
        let path = one.snippets[0].path.strip_prefix("pkg").unwrap();
        assert!(text(&one.js).contains(&format!("from './{}'", path.display())));
        assert_ne!(one.snippets[0].path, two.snippets[0].path);
        assert_ne!(one.js.path, two.js.path);
    }

    #[test]
    fn an_unknown_shape_of_the_javascript_is_refused() {
        assert!(point_to("new URL(`other`)", "tenantry.0_bg.wasm").is_err());
    }
}
