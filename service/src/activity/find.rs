//! Finding records of activity: of one account, or of everything a partner's people may see.
//!
//! A page is read in the order of time from where the last one ended. A search has two ways, as that of
//! accounts has: where its rarest word is in few records these are gathered, where it is in many the
//! order of time is walked and a page is soon full.

use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::FieldError,
    id::AccountId,
    rights::{AccountScope, Action, account_scope},
    role::Caller,
    time::Timestamp,
};
use jiff::{ToSpan, civil::Date};
use sea_orm::FromQueryResult;
use serde::Deserialize;

use super::from_json;
use crate::{
    Backend,
    accounts::{account_number, authorise, authorise_in_partner, words},
    error::{Error, Result},
    json_rows::JsonRows,
    paging::{PAGE, Page},
    sql::Sql,
};

/// The most records that a search gathers.
const GATHER: usize = 2000;

/// The most accounts whose records a search gathers.
const GATHER_ACCOUNTS: usize = 100;

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

/// Where a page begins: after, or before, a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityCursor {
    /// When that was.
    pub at: Timestamp,
    /// Its place among those of that time.
    pub id: i64,
    /// Whether the page ends before it instead of beginning after it.
    pub before: bool,
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityQuery {
    /// What was typed into the search field: words of values, of an account's name, or an Account ID.
    pub search: String,
    /// Words of the name of who did it.
    pub person: String,
    /// What was done.
    pub kind: Option<ActivityKind>,
    /// The first day, in UTC.
    pub from: Option<Date>,
    /// The last day, in UTC.
    pub until: Option<Date>,
    /// Where the page begins; `None` for the latest records.
    pub cursor: Option<ActivityCursor>,
}

/// A record of activity as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownRecord {
    /// Its key, by which a change can be undone.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who: a name of that moment; empty for the operator, or for somebody of whom no more may be told.
    pub person_name: String,
    /// What was done.
    pub kind: ActivityKind,
    /// From which values to which.
    pub changes: Vec<Change>,
    /// The account, with its present name; `None` for what concerns none, or one that was purged.
    pub account: Option<(AccountNumber, String)>,
}

/// One page of records, the latest first: the page before it is of later ones.
pub type ActivityPage = Page<ShownRecord, ActivityCursor>;

/// One page of records.
///
/// # Errors
/// [`Error::Invalid`] under the name `person` where more people match than can be followed;
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights.
pub async fn find(backend: &Backend, caller: &Caller, of: Of, query: &ActivityQuery) -> Result<ActivityPage> {
    let reach = Reach::of(backend, caller, of).await?;
    let rows = read(backend, &reach, query, PAGE + 1).await?;
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
    kind: String,
    changes: String,
    number: Option<i32>,
    name: Option<String>,
}

impl Row {
    fn shown(self) -> Result<ShownRecord> {
        let kind = ActivityKind::from_key(&self.kind);
        Ok(ShownRecord {
            id: self.id,
            at: Timestamp(self.at),
            person_name: self.person_name,
            kind: kind.ok_or_else(|| Error::inconsistent("activity", "kind", self.id, self.kind))?,
            changes: from_json(&self.changes)?,
            account: self.number.map(account_number).transpose()?.zip(self.name),
        })
    }
}

/// The latest records of an account, the latest first.
pub(crate) const LATEST: JsonRows<LatestRecord> = JsonRows::new(
    "activity",
    &["id", "at", "person_name", "kind", "changes"],
    "SELECT id, at, person_name, kind, changes FROM activity WHERE account_id = $1 ORDER BY at DESC, id DESC LIMIT 5",
);

/// A row of [`LATEST`].
#[derive(Debug, Deserialize)]
pub(crate) struct LatestRecord {
    id: i64,
    at: i64,
    person_name: String,
    kind: String,
    changes: String,
}

impl LatestRecord {
    pub(crate) fn shown(self) -> Result<ShownRecord> {
        let Self { id, at, person_name, kind, changes } = self;
        Row { id, at, person_name, kind, changes, number: None, name: None }.shown()
    }
}

/// The first `limit` records after the cursor, in the direction of reading.
pub(super) async fn read(
    backend: &Backend,
    reach: &Reach,
    query: &ActivityQuery,
    limit: usize,
) -> Result<Vec<ShownRecord>> {
    let words = searched(&query.search);
    if words.is_empty() && !query.search.trim().is_empty() {
        return Ok(Vec::new());
    }
    let Some(people) = people(backend, reach, &query.person).await? else { return Ok(Vec::new()) };
    let gathered = match reach {
        Reach::Partner(scope) => gather(backend, *scope, &words).await?,
        Reach::Account { .. } => None,
    };
    if gathered.as_ref().is_some_and(Gathered::is_empty) {
        return Ok(Vec::new());
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut sql = Sql::default();
    if let Some(gathered) = &gathered {
        gathered.push(&mut sql);
    }
    sql.push("SELECT t.id, t.at, t.person_name, t.kind, t.changes, a.number, a.name FROM (");
    // Each name has an index of its own to follow, in the order of time.
    let streams: Vec<Option<&str>> =
        if people.is_empty() { vec![None] } else { people.iter().map(|name| Some(name.as_str())).collect() };
    for (index, person) in streams.iter().enumerate() {
        if index > 0 {
            sql.push(" UNION ALL ");
        }
        sql.push("SELECT * FROM (SELECT r.id, r.at, r.person_name, r.kind, r.changes, r.account_id FROM ");
        sql.push(if gathered.is_some() { "found" } else { "activity" }).push(" r WHERE ");
        conditions(&mut sql, reach, query, &words, *person);
        ordered(&mut sql, query, "r");
        sql.push(" LIMIT ").bind(limit).push(") AS s").push(&index.to_string());
    }
    sql.push(") AS t LEFT JOIN account a ON a.id = t.account_id ");
    ordered(&mut sql, query, "t");
    sql.push(" LIMIT ").bind(limit);
    let database = backend.store.reader();
    let rows = Row::find_by_statement(sql.statement(database.get_database_backend())).all(database).await?;
    rows.into_iter().map(Row::shown).collect()
}

fn conditions(sql: &mut Sql, reach: &Reach, query: &ActivityQuery, words: &[String], person: Option<&str>) {
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
    for word in words {
        // A folded word has letters and digits only, so nothing in it is a wildcard.
        sql.push(" AND (r.search_text LIKE ").bind(format!("% {word}%"));
        if let Reach::Partner(scope) = reach {
            sql.push(" OR r.account_id IN (SELECT account_id FROM account_word WHERE partner_id = ")
                .bind(scope.partner().0);
            sql.push(" AND word >= ").bind(word.as_str()).push(" AND word < ").bind(words::end_of(word)).push(")");
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

/// The words of what was typed. An Account ID may be typed in groups.
fn searched(typed: &str) -> Vec<String> {
    match AccountNumber::parse(typed) {
        Ok(number) => vec![number.to_string()],
        Err(_) => words::words(typed).into_iter().take(words::MOST).collect(),
    }
}

/// The folded names of those of whom each word of `typed` begins a word of the name; none for
/// everybody, `None` for nobody.
///
/// Of a partner with very many people, those are found of whose name as a whole a word typed is the
/// beginning, and others among the first [`NAMES`].
///
/// # Errors
/// [`Error::Invalid`] where these are more than [`FOLLOWED`].
async fn people(backend: &Backend, reach: &Reach, typed: &str) -> Result<Option<Vec<String>>> {
    let wanted = words::words(typed);
    if wanted.is_empty() {
        return Ok(typed.trim().is_empty().then(Vec::new));
    }
    let mut names = names(backend, reach, "").await?;
    if names.len() >= NAMES {
        for word in &wanted {
            names.extend(self::names(backend, reach, word).await?);
        }
        names.sort_unstable();
        names.dedup();
    }
    let fits = |name: &String| {
        let own = words::words(name);
        wanted.iter().all(|wanted| own.iter().any(|own| own.starts_with(wanted)))
    };
    names.retain(fits);
    if names.len() > FOLLOWED {
        return Err(Error::field("person", FieldError::SeveralPeople));
    }
    Ok((!names.is_empty()).then_some(names))
}

/// The names that begin with `prefix`, in their order; at most [`NAMES`].
async fn names(backend: &Backend, reach: &Reach, prefix: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Name {
        k: String,
    }
    // One bound, not two: with two, SQLite's planner looks for the names in the index of every partner.
    let lower = if prefix.is_empty() { " AND r.person_key > " } else { " AND r.person_key >= " };
    let mut sql = Sql::default();
    if matches!(reach, Reach::Partner(scope) if scope.assigned_to().is_none()) {
        // From each name the index leads straight to the next one.
        const NEXT: &str = " ORDER BY r.person_key LIMIT 1)";
        sql.push("WITH RECURSIVE names (k) AS (SELECT (SELECT r.person_key FROM activity r WHERE ");
        reach.push(&mut sql);
        sql.push(lower).bind(prefix).push(NEXT);
        sql.push(" UNION ALL SELECT (SELECT r.person_key FROM activity r WHERE ");
        reach.push(&mut sql);
        sql.push(" AND r.person_key > names.k").push(NEXT).push(" FROM names WHERE names.k IS NOT NULL AND names.k < ");
        sql.bind(words::end_of(prefix)).push(") SELECT k FROM names WHERE k IS NOT NULL AND k < ");
        sql.bind(words::end_of(prefix));
    } else {
        sql.push("SELECT DISTINCT r.person_key AS k FROM activity r WHERE ");
        reach.push(&mut sql);
        sql.push(lower).bind(prefix);
        sql.push(" AND r.person_key < ").bind(words::end_of(prefix));
    }
    sql.push(" LIMIT ").bind(i64::try_from(NAMES).unwrap_or(i64::MAX));
    let database = backend.store.reader();
    let names = Name::find_by_statement(sql.statement(database.get_database_backend())).all(database).await?;
    Ok(names.into_iter().map(|name| name.k).collect())
}

/// The records that the rarest of some words may mean.
struct Gathered {
    records: Vec<i64>,
    accounts: Vec<i64>,
}

impl Gathered {
    fn is_empty(&self) -> bool {
        self.records.is_empty() && self.accounts.is_empty()
    }

    /// The records as the table `found`, once and for all: a planner that counted on finding a page of
    /// them soon would walk all others.
    fn push(&self, sql: &mut Sql) {
        sql.push("WITH found AS MATERIALIZED (SELECT * FROM activity WHERE id IN ")
            .bind_all(self.records.iter().copied());
        sql.push(" UNION SELECT * FROM activity WHERE account_id IN ").bind_all(self.accounts.iter().copied());
        sql.push(") ");
    }
}

/// `None` where every word is in many records, or nothing is searched.
async fn gather(backend: &Backend, scope: AccountScope, words: &[String]) -> Result<Option<Gathered>> {
    let mut longest_first: Vec<&String> = words.iter().collect();
    longest_first.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in longest_first {
        let records = with_word(backend, scope, "activity", word, GATHER).await?;
        let accounts = with_word(backend, scope, "account", word, GATHER_ACCOUNTS).await?;
        if records.len() <= GATHER && accounts.len() <= GATHER_ACCOUNTS {
            return Ok(Some(Gathered { records, accounts }));
        }
    }
    Ok(None)
}

/// Up to one more than `most` records, or accounts, with a word that begins with `prefix`.
async fn with_word(
    backend: &Backend,
    scope: AccountScope,
    table: &'static str,
    prefix: &str,
    most: usize,
) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: i64,
    }
    let mut sql = Sql::default();
    sql.push(&format!("SELECT {table}_id AS id FROM {table}_word WHERE partner_id = ")).bind(scope.partner().0);
    sql.push(" AND word >= ").bind(prefix).push(" AND word < ").bind(words::end_of(prefix));
    sql.push(" LIMIT ").bind(i64::try_from(most).unwrap_or(i64::MAX) + 1);
    let database = backend.store.reader();
    let found = Found::find_by_statement(sql.statement(database.get_database_backend())).all(database).await?;
    Ok(found.into_iter().map(|found| found.id).collect())
}
