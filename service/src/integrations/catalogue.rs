//! Reading the catalogue of integrations: the file inside the binary, and an operator's over it.

use domain::integrations::{Application, Catalogue, Group, IntegrationKey, Privilege, SetUp, Texts};
use serde::Deserialize;
use toml::Spanned;

/// The catalogue that is in the binary.
const BUILT_IN: &str = include_str!("catalogue.toml");

/// What is wrong with a catalogue, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct CatalogueError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    integration: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    key: IntegrationKey,
    name: String,
    group: Group,
    description: Description,
    set_up: Option<SetUp>,
    #[serde(default)]
    privileges: Vec<Privilege>,
    #[serde(default)]
    needs: Vec<IntegrationKey>,
    presence_needs: Option<Vec<IntegrationKey>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    en: String,
    it: String,
}

impl From<Entry> for Application {
    fn from(entry: Entry) -> Self {
        Self {
            key: entry.key,
            name: entry.name,
            description: Texts { en: entry.description.en, it: entry.description.it },
            group: entry.group,
            set_up: entry.set_up,
            privileges: entry.privileges,
            needs: entry.needs,
            presence_needs: entry.presence_needs,
        }
    }
}

/// The catalogue: that of the binary, with the applications of `operator` over it.
///
/// # Errors
/// The first line of `operator` at which something is wrong.
pub fn read(operator: &str) -> Result<Catalogue, CatalogueError> {
    let mut all: Vec<(Option<usize>, Application)> =
        entries(BUILT_IN)?.into_iter().map(|(_, application)| (None, application)).collect();
    let mut seen = Vec::new();
    for (line, application) in entries(operator)? {
        if seen.contains(&application.key) {
            return Err(CatalogueError { line, message: format!("the key {} is there twice", application.key) });
        }
        seen.push(application.key.clone());
        match all.iter_mut().find(|(_, known)| known.key == application.key) {
            Some(known) => *known = (Some(line), application),
            None => all.push((Some(line), application)),
        }
    }
    let (lines, applications): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    Catalogue::new(applications).map_err(|(index, message)| {
        // What the binary brings is whole by itself: only an operator's entry can have broken it.
        let line = lines.get(index).copied().flatten().or(lines.into_iter().flatten().next());
        CatalogueError { line: line.unwrap_or(1), message }
    })
}

/// The entries of a file, each with the line on which it begins.
fn entries(text: &str) -> Result<Vec<(usize, Application)>, CatalogueError> {
    let line_of = |offset: usize| text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1;
    let file: File = toml::from_str(text).map_err(|error| CatalogueError {
        line: line_of(error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    Ok(file.integration.into_iter().map(|entry| (line_of(entry.span().start), entry.into_inner().into())).collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    const RECORDER: &str = "[[integration]]\nkey = \"recorder\"\nname = \"Recorder\"\ngroup = \"third-party\"\n\
        description.en = \"Records calls.\"\ndescription.it = \"Registra le chiamate.\"\n";

    #[test]
    fn the_binary_brings_the_eleven_of_the_product() {
        let catalogue = read("").unwrap();
        assert_eq!(catalogue.applications().len(), 11);
        assert_eq!(catalogue.applications()[0].set_up, Some(SetUp::GatewayOnboarding));
    }

    #[test]
    fn an_operator_adds_and_replaces() {
        let catalogue =
            read(&format!("{RECORDER}needs = [\"micc\"]\n\n{}", RECORDER.replace("recorder", "micc"))).unwrap();
        assert_eq!(catalogue.applications().len(), 12);
        assert_eq!(catalogue.get(&IntegrationKey::parse("micc").unwrap()).unwrap().name, "Recorder");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let line = |text: String| read(&text).unwrap_err().line;
        assert_eq!(line(format!("\n{RECORDER}colour = \"red\"\n")), 8);
        assert_eq!(line(RECORDER.replace("third-party", "fourth-party")), 4);
        assert_eq!(line(RECORDER.replace("\"recorder\"", "\"Recorder!\"")), 2);
        assert_eq!(line(format!("{RECORDER}\n{RECORDER}")), 8);
        assert_eq!(line(format!("\n\n{RECORDER}needs = [\"nothing\"]\n")), 3);
        assert_eq!(line(format!("{RECORDER}privileges = [\"root\"]\n")), 7);
        assert_eq!(line(format!("{RECORDER}name = \n")), 7);
    }
}
