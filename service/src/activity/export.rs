//! Exporting activity, some records at a time: however many there are, they take the memory of some.

use domain::view::activity::{ActivityCursor, ActivityQuery, ActivityRecord};
use domain::{activity::Change, locale::Locale, role::Caller};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;

use super::find::{Of, Reach, people, read};
use crate::{
    Backend,
    error::{Error, Result},
    search::Limits,
    spreadsheet::{self, harmless},
};

/// Records that are read at once.
const BATCH: usize = 1000;

/// In which form activity is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table as spreadsheets of a language open it, with a row for each value that changed.
    Csv(Locale),
    /// An object for each record, one to a line.
    JsonLines,
}

/// The columns of the table.
const COLUMNS: [&str; 10] =
    ["time", "person", "person_id", "person_email", "account_id", "account", "kind", "field", "old", "new"];

/// A row of the table.
type Line = [String; COLUMNS.len()];

/// The records that `query` asks for, wherever its page begins, written down piece by piece. What is
/// recorded while it is read is not in it. Rights are asked again before each piece.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights, before anything is written and before each piece;
/// [`Error::Invalid`] under the name `person` where more people match than can be followed, before anything is
/// written; the pieces, those of the database too.
#[tracing::instrument(name = "activity::export::export", skip_all, fields(person = caller.person.0))]
pub async fn export(
    backend: Backend,
    caller: &Caller,
    of: Of,
    query: ActivityQuery,
    format: Format,
) -> Result<impl Stream<Item = Result<String>> + Send + 'static> {
    let reach = Reach::of(&backend, caller, of).await?;
    let people = people(&backend, &reach, &query.person).await?;
    let caller = caller.clone();
    let head = match format {
        Format::Csv(locale) => Some(spreadsheet::table(locale, [COLUMNS])),
        Format::JsonLines => None,
    };
    let state = Some(ActivityQuery { cursor: None, ..query });
    let pieces = stream::try_unfold(state, move |query| {
        let (backend, caller, people) = (backend.clone(), caller.clone(), people.clone());
        async move {
            let Some(mut query) = query else { return Ok(None) };
            let reach = Reach::of(&backend, &caller, of).await?;
            let rows = read(&backend, &reach, &query, people.as_deref(), Limits::default(), BATCH).await?;
            let Some(last) = rows.last() else { return Ok(None) };
            query.cursor = Some(ActivityCursor { at: last.at, id: last.id, before: false });
            let whole = rows.len() == BATCH;
            Ok(Some((written(rows, format)?, whole.then_some(query))))
        }
    });
    Ok(stream::iter(head).chain(pieces))
}

fn written(rows: Vec<ActivityRecord>, format: Format) -> Result<String> {
    match format {
        Format::Csv(locale) => spreadsheet::rows(locale, rows.iter().flat_map(lines)),
        Format::JsonLines => rows.into_iter().map(|row| object(&row)).collect(),
    }
}

fn lines(row: &ActivityRecord) -> Vec<Line> {
    let (number, name) = match &row.account {
        Some((number, name)) => (number.to_string(), name.clone()),
        None => (String::new(), String::new()),
    };
    let line = |field: &str, old: &str, new: &str| {
        let person_id = row.person.map_or_else(String::new, |person| person.0.to_string());
        let email = row.person_email.as_deref().unwrap_or_default();
        let texts = [row.person_name.as_str(), email, &number, &name, row.kind.key(), field, old, new].map(harmless);
        let [person, email, number, name, kind, field, old, new] = texts;
        [time(row), person, person_id, email, number, name, kind, field, old, new]
    };
    if row.changes.is_empty() {
        return vec![line("", "", "")];
    }
    row.changes.iter().map(|change| line(&change.field, &change.old, &change.new)).collect()
}

fn time(row: &ActivityRecord) -> String {
    jiff::Timestamp::from_millisecond(row.at.0).unwrap_or_default().to_string()
}

fn object(row: &ActivityRecord) -> Result<String> {
    #[derive(Serialize)]
    struct Object<'a> {
        time: String,
        person: &'a str,
        person_id: Option<i64>,
        person_email: Option<&'a str>,
        account_id: Option<String>,
        account: Option<&'a str>,
        kind: &'a str,
        changes: &'a [Change],
    }
    let object = Object {
        time: time(row),
        person: &row.person_name,
        person_id: row.person.map(|person| person.0),
        person_email: row.person_email.as_deref(),
        account_id: row.account.as_ref().map(|(number, _)| number.to_string()),
        account: row.account.as_ref().map(|(_, name)| name.as_str()),
        kind: row.kind.key(),
        changes: &row.changes,
    };
    let text = serde_json::to_string(&object).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(text + "\n")
}
