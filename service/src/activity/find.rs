//! Finding records of activity: of one account, or of everything a partner's people may see.
//!
//! A page is read in the order of time from where the last one ended. How a search goes is said in [`search`].

use domain::view::activity::{ActivityCursor, ActivityQuery, ActivityRecord};
use domain::view::paging::{PAGE, Page};
use domain::{
    account_number::AccountNumber,
    activity::ActivityKind,
    customer::FieldError,
    id::{AccountId, PersonId},
    rights::{AccountScope, Action, account_scope},
    role::Caller,
    time::Timestamp,
};
use jiff::ToSpan;
use sea_orm::FromQueryResult;
use serde::Deserialize;

use super::from_json;
use crate::{
    Backend,
    accounts::{account_number, authorise, authorise_in_partner},
    error::{Error, Result},
    json_rows::JsonRows,
    search::{
        self, Limits, Plan, Term,
        index::{ACCOUNT_NAMES, ACTIVITY, push_has, push_prefix},
    },
    sql::Sql,
};

/// The most names of people that are looked through.
const NAMES: usize = 500;

/// The most names that are followed at once.
const FOLLOWED: usize = 20;

/// Whose activity is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// That of one account.
    Account(AccountNumber),
    /// That of the caller's partner; for an account manager, of the accounts assigned to them.
    Partner,
}

/// One page of records, the latest first: the page before it is of later ones.
pub type ActivityPage = Page<ActivityRecord, ActivityCursor>;

/// One page of records.
///
/// # Errors
/// [`Error::Invalid`] under the name `person` where more people match than can be followed;
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "activity::find::find", skip_all, fields(person = caller.person.0))]
pub async fn find(backend: &Backend, caller: &Caller, of: Of, query: &ActivityQuery) -> Result<ActivityPage> {
    find_within(backend, caller, of, query, Limits::default()).await
}

/// The same, by a search with these limits.
///
/// # Errors
/// As [`find`].
pub async fn find_within(
    backend: &Backend,
    caller: &Caller,
    of: Of,
    query: &ActivityQuery,
    limits: Limits,
) -> Result<ActivityPage> {
    let reach = Reach::of(backend, caller, of).await?;
    let people = people(backend, &reach, &query.person).await?;
    let rows = read(backend, &reach, query, people.as_deref(), limits, PAGE + 1).await?;
    let before = query.cursor.map(|cursor| cursor.before);
    Page::cut(rows, before, |row, before| Ok(ActivityCursor { at: row.at, id: row.id, before }))
}

/// Which records the caller may see. Only rights make it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reach {
    Account { account: AccountId },
    Partner(AccountScope),
}

impl Reach {
    pub(super) async fn of(backend: &Backend, caller: &Caller, of: Of) -> Result<Self> {
        match of {
            Of::Account(number) => {
                let row = authorise(backend.store.reader(), caller, Action::ViewActivity, number).await?;
                Ok(Self::Account { account: AccountId(row.id) })
            }
            Of::Partner => {
                authorise_in_partner(backend, caller, Action::ViewActivity).await?;
                account_scope(caller).map(Self::Partner).ok_or(Error::NotFound)
            }
        }
    }

    fn push(self, sql: &mut Sql) {
        match self {
            Self::Account { account } => sql.push("r.account_id = ").bind(account.0),
            Self::Partner(scope) => match scope.assigned_to() {
                None => sql.push("r.partner_id = ").bind(scope.partner().0),
                Some(membership) => sql
                    .push("r.account_id IN (SELECT account_id FROM account_assignment WHERE membership_id = ")
                    .bind(membership.0)
                    .push(")"),
            },
        };
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    at: i64,
    person_name: String,
    person_id: Option<i64>,
    person_email: Option<String>,
    kind: String,
    changes: String,
    number: Option<i32>,
    name: Option<String>,
}

impl Row {
    fn shown(self) -> Result<ActivityRecord> {
        let kind = ActivityKind::from_key(&self.kind);
        Ok(ActivityRecord {
            id: self.id,
            at: Timestamp(self.at),
            person_name: self.person_name,
            person: self.person_id.map(PersonId),
            person_email: self.person_email,
            kind: kind.ok_or_else(|| Error::inconsistent("activity", "kind", self.id, self.kind))?,
            changes: from_json(&self.changes)?,
            account: self.number.map(account_number).transpose()?.zip(self.name),
        })
    }
}

/// The latest records of an account, the latest first.
pub(crate) const LATEST: JsonRows<LatestRecord> = JsonRows::new(
    "activity",
    &["id", "at", "person_name", "person_id", "person_email", "kind", "changes"],
    "SELECT r.id, r.at, r.person_name, r.person_id, p.email AS person_email, r.kind, r.changes FROM \
        (SELECT id, at, person_name, person_id, kind, changes FROM activity WHERE account_id = $1 \
        ORDER BY at DESC, id DESC LIMIT 5) r LEFT JOIN person p ON p.id = r.person_id ORDER BY r.at DESC, r.id DESC",
);

/// A row of [`LATEST`].
#[derive(Debug, Deserialize)]
pub(crate) struct LatestRecord {
    id: i64,
    at: i64,
    person_name: String,
    person_id: Option<i64>,
    person_email: Option<String>,
    kind: String,
    changes: String,
}

impl LatestRecord {
    pub(crate) fn shown(self) -> Result<ActivityRecord> {
        let Self { id, at, person_name, person_id, person_email, kind, changes } = self;
        Row { id, at, person_name, person_id, person_email, kind, changes, number: None, name: None }.shown()
    }
}

/// The first `most` records after the cursor, in the direction of reading, of those whose folded names are among
/// `people`; of everybody if these are none, of nobody if they are `None`.
pub(super) async fn read(
    backend: &Backend,
    reach: &Reach,
    query: &ActivityQuery,
    people: Option<&[String]>,
    limits: Limits,
    most: usize,
) -> Result<Vec<ActivityRecord>> {
    let terms = search::terms(&query.search);
    let Some(people) = people.filter(|_| !terms.is_empty() || query.search.trim().is_empty()) else {
        return Ok(Vec::new());
    };
    let database = backend.store.reader();
    let gathered = match reach {
        Reach::Account { .. } => None,
        Reach::Partner(scope) => {
            match search::plan(database, &terms, limits.gather, |sql, term| push_keys(sql, *scope, term)).await? {
                Plan::Nothing => return Ok(Vec::new()),
                Plan::Gather(term) => Some((*scope, term)),
                Plan::Everything | Plan::Walk(_) => None,
            }
        }
    };
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut sql = Sql::new(backend.store.backend());
    if let Some((scope, term)) = &gathered {
        // Once and for all: a planner that counted on finding a page of them soon would walk all others.
        sql.push("WITH found AS MATERIALIZED (SELECT * FROM activity WHERE id IN (SELECT id FROM (");
        push_keys(&mut sql, *scope, term);
        sql.push(") AS keys)) ");
    }
    sql.push("SELECT t.id, t.at, t.person_name, t.person_id, p.email AS person_email, t.kind, t.changes, a.number, a.name FROM (");
    // Each name has an index of its own to follow, in the order of time.
    let streams: Vec<Option<&str>> =
        if people.is_empty() { vec![None] } else { people.iter().map(|name| Some(name.as_str())).collect() };
    for (index, person) in streams.iter().enumerate() {
        if index > 0 {
            sql.push(" UNION ALL ");
        }
        sql.push("SELECT * FROM (SELECT r.id, r.at, r.person_name, r.person_id, r.kind, r.changes, r.account_id FROM ");
        sql.push(if gathered.is_some() { "found" } else { "activity" }).push(" r WHERE ");
        conditions(&mut sql, reach, query, &terms, *person);
        ordered(&mut sql, query, "r");
        sql.push(" LIMIT ").bind(most).push(") AS s").push(&index.to_string());
    }
    sql.push(") AS t LEFT JOIN account a ON a.id = t.account_id LEFT JOIN person p ON p.id = t.person_id ");
    ordered(&mut sql, query, "t");
    sql.push(" LIMIT ").bind(most);
    let rows = Row::find_by_statement(sql.statement()).all(database).await?;
    rows.into_iter().map(Row::shown).collect()
}

/// Adds a query for the keys of the records with `term`, by themselves or by their account; some several times.
fn push_keys(sql: &mut Sql, scope: AccountScope, term: &Term) {
    ACTIVITY.push_keys(sql, scope.partner(), term);
    sql.push(" UNION ALL SELECT r.id FROM (");
    ACCOUNT_NAMES.push_keys(sql, scope.partner(), term);
    sql.push(") AS w JOIN activity r ON r.account_id = w.id");
}

fn conditions(sql: &mut Sql, reach: &Reach, query: &ActivityQuery, terms: &[Term], person: Option<&str>) {
    reach.push(sql);
    if let Some(person) = person {
        sql.push(" AND r.person_key = ").bind(person);
    }
    if let Some(kind) = query.kind {
        sql.push(" AND r.kind = ").bind(kind.key());
    }
    if let Some(from) = query.from {
        sql.push(" AND r.at >= ").bind(Timestamp::start_of(from).0);
    }
    if let Some(until) = query.until {
        sql.push(" AND r.at < ").bind(Timestamp::start_of(until.saturating_add(1.day())).0);
    }
    for term in terms {
        sql.push(" AND (");
        push_has(sql, "r", term);
        if let Reach::Partner(scope) = reach {
            sql.push(" OR r.account_id IN (SELECT id FROM (");
            ACCOUNT_NAMES.push_keys(sql, scope.partner(), term);
            sql.push(") AS keys)");
        }
        sql.push(")");
    }
    if let Some(cursor) = query.cursor {
        let beyond = if cursor.before { " AND (r.at, r.id) > (" } else { " AND (r.at, r.id) < (" };
        sql.push(beyond).bind(cursor.at.0).push(", ").bind(cursor.id).push(")");
    }
}

fn ordered(sql: &mut Sql, query: &ActivityQuery, table: &str) {
    let direction = if query.cursor.is_some_and(|cursor| cursor.before) { "ASC" } else { "DESC" };
    sql.push(&format!(" ORDER BY {table}.at {direction}, {table}.id {direction}"));
}

/// The folded names of those of whom each word of `typed` begins a word of the name; none for
/// everybody, `None` for nobody.
///
/// Of a partner with very many people, those are found of whose name as a whole a word typed is the
/// beginning, and others among the first [`NAMES`].
///
/// # Errors
/// [`Error::Invalid`] where these are more than [`FOLLOWED`].
pub(super) async fn people(backend: &Backend, reach: &Reach, typed: &str) -> Result<Option<Vec<String>>> {
    let terms = search::terms(typed);
    if terms.is_empty() {
        return Ok(typed.trim().is_empty().then(Vec::new));
    }
    let mut names = names(backend, reach, "").await?;
    if names.len() >= NAMES {
        for prefix in terms.iter().flat_map(|term| &term.prefixes) {
            names.extend(self::names(backend, reach, prefix).await?);
        }
        names.sort_unstable();
        names.dedup();
    }
    let fits = |name: &String| {
        let words = search::index_words(name);
        terms.iter().all(|term| term.matches(&words))
    };
    names.retain(fits);
    if names.len() > FOLLOWED {
        return Err(Error::field("person", FieldError::SeveralPeople));
    }
    Ok((!names.is_empty()).then_some(names))
}

/// From each name the index leads straight to the next one.
const NEXT_NAME: &str = " ORDER BY r.person_key LIMIT 1)";

/// The names that begin with `prefix`, in their order; at most [`NAMES`].
async fn names(backend: &Backend, reach: &Reach, prefix: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Name {
        k: String,
    }
    let limit = i64::try_from(NAMES).unwrap_or(i64::MAX);
    let end = search::index::end_of(prefix);
    let mut sql = Sql::new(backend.store.backend());
    if matches!(reach, Reach::Partner(scope) if scope.assigned_to().is_none()) {
        // One bound, not two: with two, SQLite's planner looks for the names in the index of every partner.
        let lower = if prefix.is_empty() { " AND r.person_key > " } else { " AND r.person_key >= " };
        sql.push("WITH RECURSIVE names (k) AS (SELECT (SELECT r.person_key FROM activity r WHERE ");
        reach.push(&mut sql);
        sql.push(lower).bind(prefix).push(NEXT_NAME);
        sql.push(" UNION ALL SELECT (SELECT r.person_key FROM activity r WHERE ");
        reach.push(&mut sql);
        sql.push(" AND r.person_key > names.k")
            .push(NEXT_NAME)
            .push(" FROM names WHERE names.k IS NOT NULL AND names.k < ");
        sql.bind(end.as_str()).push(") SELECT k FROM names WHERE k IS NOT NULL AND k < ").bind(end.as_str());
    } else {
        sql.push("SELECT DISTINCT r.person_key AS k FROM activity r WHERE ");
        reach.push(&mut sql);
        sql.push(" AND r.person_key <> '' AND ");
        push_prefix(&mut sql, "r.person_key", prefix);
    }
    sql.push(" LIMIT ").bind(limit);
    let names = Name::find_by_statement(sql.statement()).all(backend.store.reader()).await?;
    Ok(names.into_iter().map(|name| name.k).collect())
}
