//! Makes a method of `Wording` from each key of `locales/*.toml`.
//!
//! A key that one language lacks, or whose placeholders differ, stops the build with its name.

use std::{collections::BTreeSet, env, fmt::Write, fs, path::Path};

use toml::{Table, Value};

const LOCALES: [(&str, &str); 2] = [("En", "en"), ("It", "it")];

type AnyError = Box<dyn std::error::Error>;

fn main() -> Result<(), AnyError> {
    println!("cargo::rerun-if-changed=locales");
    let mut tables = Vec::new();
    for (variant, tag) in LOCALES {
        let table: Table = fs::read_to_string(format!("locales/{tag}.toml"))?.parse()?;
        tables.push((variant, tag, table));
    }
    let mut code = String::from("impl Wording {\n");
    for key in keys(&tables)? {
        write_method(&mut code, &key, &tables)?;
    }
    code.push_str("}\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("wording.rs"), code)?;
    Ok(())
}

/// The keys, which must be the same in every language.
fn keys(tables: &[(&str, &str, Table)]) -> Result<BTreeSet<String>, AnyError> {
    let all: BTreeSet<String> = tables.iter().flat_map(|(_, _, table)| table.keys().cloned()).collect();
    for (_, tag, table) in tables {
        if let Some(missing) = all.iter().find(|key| !table.contains_key(*key)) {
            return Err(format!("locales/{tag}.toml lacks `{missing}`").into());
        }
    }
    Ok(all)
}

fn write_method(code: &mut String, key: &str, tables: &[(&str, &str, Table)]) -> Result<(), AnyError> {
    let mut arms: Vec<(&str, String)> = Vec::new();
    let mut placeholders = None;
    for (variant, tag, table) in tables {
        let wrong = |what: &str| format!("locales/{tag}.toml: `{key}` {what}");
        let (found, arm) = match &table[key] {
            Value::String(text) => (names(text), text_arm(text)),
            Value::Table(forms) => plural_arm(forms).ok_or_else(|| wrong("needs the forms `one` and `other`"))?,
            _ => return Err(wrong("is neither text nor plural forms").into()),
        };
        if placeholders.get_or_insert_with(|| found.clone()) != &found {
            return Err(wrong("has other placeholders than the first language").into());
        }
        arms.push((variant, arm));
    }
    let placeholders = placeholders.unwrap_or_default();
    let english = match &tables[0].2[key] {
        Value::String(text) => text.clone(),
        value => value["other"].as_str().unwrap_or_default().to_owned(),
    };
    let (arguments, result) = if placeholders.is_empty() {
        (String::new(), "&'static str")
    } else {
        let arguments = placeholders.iter().map(|name| match name.as_str() {
            "count" => ", count: u64".to_owned(),
            name => format!(", {name}: &str"),
        });
        (arguments.collect(), "String")
    };
    let body = if arms.iter().all(|(_, arm)| *arm == arms[0].1) {
        arms[0].1.clone()
    } else {
        let arms: Vec<String> = arms.iter().map(|(variant, arm)| format!("Locale::{variant} => {arm}")).collect();
        format!("match self.0 {{ {} }}", arms.join(", "))
    };
    writeln!(code, "    /// {english:?}\n    pub fn {key}(self{arguments}) -> {result} {{ {body} }}\n")?;
    Ok(())
}

fn text_arm(text: &str) -> String {
    if names(text).is_empty() { format!("{text:?}") } else { format!("format!({text:?})") }
}

fn string_arm(text: &str) -> String {
    if names(text).is_empty() { format!("{text:?}.to_owned()") } else { format!("format!({text:?})") }
}

fn plural_arm(forms: &Table) -> Option<(BTreeSet<String>, String)> {
    let (one, other) = (forms.get("one")?.as_str()?, forms.get("other")?.as_str()?);
    let mut found = names(other);
    found.insert("count".to_owned());
    // English and Italian have one form for 1 and another for every other whole number.
    let (one, other) = (string_arm(one), string_arm(other));
    let arm = if one == other { one } else { format!("if count == 1 {{ {one} }} else {{ {other} }}") };
    Some((found, arm))
}

/// The names in braces.
fn names(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|part| part.split('}').next()).map(str::to_owned).collect()
}
