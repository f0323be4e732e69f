//! The style sheet: `style/main.css` with all it imports, as one small file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use lightningcss::rules::layer::LayerBlockRule;
use lightningcss::rules::{CssRule, CssRuleList};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::targets::{Browsers, Features, Targets};

use super::SiteFile;
use super::hash::short;

/// Bundles and minifies the style sheet. A mistake in it is an error that names the line.
pub(super) fn bundle(entry: &Path) -> Result<SiteFile> {
    let css = minified(entry)?;
    Ok(SiteFile::pkg(format!("tenantry.{}.css", short(css.as_bytes())), css))
}

fn minified(entry: &Path) -> Result<String> {
    // What is parsed borrows from the text, so all text is read first.
    let main = Source::read(entry)?;
    let imported: Vec<Option<Source>> =
        main.parse()?.rules.0.iter().map(|rule| Source::imported(rule, entry)).collect::<Result<_>>()?;
    let parsed = main.parse()?;
    let mut rules = Vec::new();
    for (rule, source) in parsed.rules.0.iter().zip(&imported) {
        match (rule, source) {
            (CssRule::Import(import), Some(source)) => {
                let inner = source.parse()?.rules;
                match &import.layer {
                    Some(name) => rules.push(CssRule::LayerBlock(LayerBlockRule {
                        name: name.clone(),
                        rules: inner,
                        loc: import.loc,
                    })),
                    None => rules.extend(inner.0),
                }
            }
            _ => rules.push(rule.clone()),
        }
    }
    let mut sheet = StyleSheet::new(vec![entry.display().to_string()], CssRuleList(rules), ParserOptions::default());
    let targets = targets();
    let options = MinifyOptions { targets, ..MinifyOptions::default() };
    sheet.minify(options).map_err(|error| anyhow!("the style sheet cannot be minified: {error}"))?;
    let options = PrinterOptions { minify: true, targets, ..PrinterOptions::default() };
    let printed = sheet.to_css(options).map_err(|error| anyhow!("the style sheet cannot be printed: {error}"))?;
    Ok(printed.code)
}

/// The text of a style sheet.
struct Source {
    file: PathBuf,
    text: String,
}

impl Source {
    fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        Ok(Self { file: file.to_owned(), text })
    }

    /// The style sheet that `rule` of `entry` imports, if it imports one.
    fn imported(rule: &CssRule, entry: &Path) -> Result<Option<Self>> {
        let CssRule::Import(import) = rule else { return Ok(None) };
        if import.supports.is_some() || !import.media.media_queries.is_empty() {
            bail!("the import of {} has a condition, which is not bundled", import.url);
        }
        Self::read(&entry.with_file_name(import.url.trim_start_matches("./"))).map(Some)
    }

    fn parse(&self) -> Result<StyleSheet<'_>> {
        let options = ParserOptions { filename: self.file.display().to_string(), ..ParserOptions::default() };
        StyleSheet::parse(&self.text, options).map_err(|error| anyhow!("the style sheet is wrong: {error}"))
    }
}

/// Browsers that update themselves, as they were at the end of 2024.
///
/// It only keeps the tool from adding what none of them needs any more: whatever they all know stays
/// as it was written.
fn targets() -> Targets {
    let version = |major: u32, minor: u32| Some(major << 16 | minor << 8);
    let browsers = Browsers {
        chrome: version(131, 0),
        edge: version(131, 0),
        firefox: version(133, 0),
        safari: version(18, 1),
        ios_saf: version(18, 1),
        ..Browsers::default()
    };
    Targets {
        browsers: Some(browsers),
        // They differ in what lowering would lose: a theme that follows the element, and the
        // specificity of what is nested.
        exclude: Features::LightDark | Features::Nesting,
        ..Targets::default()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    fn of(files: &[(&str, &str)]) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        minified(&folder.path().join("main.css"))
    }

    #[test]
    fn imports_become_one_small_file_whose_layers_keep_their_order() {
        let files = [
            (
                "main.css",
                "@layer base, parts;\n\
                 @import './parts.css' layer(parts);\n\
                 @import './base.css' layer(base);\n",
            ),
            ("base.css", "body {\n  margin: 0px;\n}\n"),
            ("parts.css", ".field {\n  margin: 1px;\n}\n"),
        ];
        assert_eq!(of(&files).unwrap(), "@layer base{body{margin:0}}@layer parts{.field{margin:1px}}");
    }

    #[test]
    fn what_current_browsers_know_stays_as_it_is() {
        for css in [
            ":root{color:light-dark(#000,#fff)}",
            ".a{color:red;&:hover{color:#00f}.b &{color:#000}}",
            "@container (width>=40rem){.a{color:red}}",
            ".a{color:oklch(60% .1 200);inset-inline-start:0}",
            ".a:has(.b):not(.c,.d){color:color-mix(in oklab,currentColor,#00f)}",
            "@starting-style{.a{opacity:0}}",
            "@view-transition{navigation:auto}",
        ] {
            assert_eq!(of(&[("main.css", css)]).unwrap(), css);
        }
    }

    #[test]
    fn what_would_be_imported_on_a_condition_is_refused() {
        let files = [("main.css", "@import './print.css' print;"), ("print.css", "a{color:red}")];
        assert!(of(&files).unwrap_err().to_string().contains("print.css"));
        assert!(of(&[("main.css", "@import './missing.css';")]).unwrap_err().to_string().contains("missing.css"));
    }

    #[test]
    fn a_mistake_is_reported_with_its_place() {
        let error = of(&[("main.css", "a { color: red }\n}\n")]).unwrap_err();
        assert!(error.to_string().contains("main.css:2:"), "{error}");
    }
}
