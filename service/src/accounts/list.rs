//! The list of accounts: filtered, sorted, searched, one page at a time.
//!
//! A page is read in the order of an index from the place where the last page ended (keyset
//! paging), for each status that is wanted on its own, and the few rows are merged here. By country it is read
//! one country after the other, in the order of their names. How a search goes is said in [`search`].

use domain::view::accounts::{AccountCursor, AccountPage, AccountQuery, AccountSort, ListedAccount, StatusFilter};
use domain::view::paging::{PAGE, Page};
use std::cmp::Ordering;

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    country::{CountryCode, catalogue},
    customer::FieldError,
    rights::{AccountScope, Action, Resource, account_scope, decide},
    role::Caller,
};
use sea_orm::FromQueryResult;

use super::{account_number, status, stored_number};
use crate::{
    Backend,
    error::{Error, Result, allow},
    search::{
        self, Limits, Plan, Term,
        index::{ACCOUNTS, push_account_has},
    },
    sql::Sql,
};

/// How many rows are read for a page: one more says that there is another page.
const READ: u64 = PAGE as u64 + 1;

/// The most accounts that are counted; beyond it the page says "more than".
pub const COUNTED: u64 = 1000;

/// The most accounts whose names differ only in accents or quotes that are compared with what was typed.
const NAMED_MAX: u64 = 1000;

/// How many rows of a frequent term are looked at first to see whether there are more than [`COUNTED`].
const SAMPLE: u64 = 4 * COUNTED;

/// One page of the accounts that `caller` may see.
///
/// # Errors
/// [`Error::NotFound`] for those who have no list.
#[tracing::instrument(name = "accounts::list::list", skip_all, fields(person = caller.person.0))]
pub async fn list(backend: &Backend, caller: &Caller, query: &AccountQuery) -> Result<AccountPage> {
    list_within(backend, caller, query, Limits::default()).await
}

/// The same, by a search with these limits.
///
/// # Errors
/// As [`list`].
pub async fn list_within(
    backend: &Backend,
    caller: &Caller,
    query: &AccountQuery,
    limits: Limits,
) -> Result<AccountPage> {
    let scope = scope(caller)?;
    let terms = search::terms(&query.search);
    let nothing = scope.assigned_to().is_some() && query.status == StatusFilter::Deleted
        || terms.is_empty() && !query.search.trim().is_empty();
    if nothing {
        return Ok(AccountPage::default());
    }
    let mut reading = Reading { backend, scope, query, limits, terms };
    let page = reading.page().await?;
    if page.total > 0 || reading.terms.is_empty() {
        return Ok(page);
    }
    for terms in search::corrections(backend, scope.partner(), &reading.terms).await? {
        reading.terms = terms;
        let similar = reading.page().await?;
        if similar.total > 0 {
            return Ok(AccountPage { similar: true, ..similar });
        }
    }
    Ok(page)
}

fn scope(caller: &Caller) -> Result<AccountScope> {
    allow(decide(caller, Action::ListAccounts, Resource::Partner(caller.seat.partner())))?;
    account_scope(caller).ok_or(Error::NotFound)
}

/// The account of an Account ID, or of the whole name of a customer. A name in another spelling of capital
/// letters, quotes, dashes and spaces is the same; where one account has it exactly as typed, it is that one.
///
/// # Errors
/// [`Error::Invalid`] under the name `account` when there is none, or several.
#[tracing::instrument(name = "accounts::list::resolve", skip_all, fields(person = caller.person.0))]
pub async fn resolve(backend: &Backend, caller: &Caller, typed: &str) -> Result<AccountNumber> {
    #[derive(FromQueryResult)]
    struct Named {
        number: i32,
        name: String,
    }
    let refused = |error| Err(Error::field("account", error));
    if typed.trim().is_empty() {
        return refused(FieldError::Required);
    }
    if let Ok(number) = AccountNumber::parse(typed) {
        return Ok(number);
    }
    let scope = scope(caller)?;
    let database = backend.store.reader();
    let mut sql = Sql::new(backend.store.backend());
    sql.push("SELECT a.number, a.name FROM account a WHERE a.partner_id = ").bind(scope.partner().0);
    push_statuses(&mut sql, StatusFilter::All);
    sql.push(" AND a.name_key = ").bind(search::sort_key(typed));
    push_assigned(&mut sql, scope);
    sql.limit(NAMED_MAX);
    let mut found = Named::find_by_statement(sql.statement()).all(database).await?;
    found.retain(|row| search::as_seen(&row.name) == search::as_seen(typed));
    if found.iter().filter(|row| row.name == typed.trim()).count() == 1 {
        found.retain(|row| row.name == typed.trim());
    }
    match found.as_slice() {
        [] => refused(FieldError::UnknownAccount),
        [only] => account_number(only.number),
        _ => refused(FieldError::SeveralAccounts),
    }
}

/// Adds the condition that the account has one of the statuses of `filter`.
fn push_statuses(sql: &mut Sql, filter: StatusFilter) {
    let mut separator = " AND a.status IN (";
    for status in filter.statuses() {
        sql.push(separator).bind(status.key());
        separator = ", ";
    }
    sql.push(")");
}

/// Adds the condition that the account is assigned to whom `scope` is of, if it is so narrow.
fn push_assigned(sql: &mut Sql, scope: AccountScope) {
    if let Some(membership) = scope.assigned_to() {
        sql.push(" AND a.id IN (SELECT account_id FROM account_assignment WHERE membership_id = ");
        sql.bind(membership.0).push(")");
    }
}

/// A part of the list of which an index has the order: of one status, and of one country where the list is
/// sorted by it.
#[derive(Clone, Copy)]
struct Part {
    status: AccountStatus,
    country: Option<CountryCode>,
}

impl Part {
    fn push(self, sql: &mut Sql) {
        sql.push(" AND a.status = ").bind(self.status.key());
        if let Some(country) = self.country {
            sql.push(" AND a.country = ").bind(country.as_str());
        }
    }
}

/// From each country the index leads straight to the next one.
const NEXT_COUNTRY: &str = "(SELECT MIN(country) FROM account WHERE partner_id = ";

/// One reading of the list.
struct Reading<'a> {
    backend: &'a Backend,
    scope: AccountScope,
    query: &'a AccountQuery,
    limits: Limits,
    terms: Vec<Term>,
}

impl Reading<'_> {
    async fn page(&self) -> Result<AccountPage> {
        let database = self.backend.store.reader();
        let plan = search::plan(database, &self.terms, self.limits.gather, |sql, term| self.push_keys(sql, term));
        let plan = plan.await?;
        let (rows, total) = tokio::try_join!(self.rows(&plan), self.total(&plan))?;
        self.cut(rows, total)
    }

    async fn rows(&self, plan: &Plan) -> Result<Vec<Row>> {
        match plan {
            Plan::Nothing => Ok(Vec::new()),
            Plan::Gather(term) => self.read(self.gathered(term, None)).await,
            Plan::Everything | Plan::Walk(_) if self.query.sort == AccountSort::Country => self.by_country(plan).await,
            Plan::Everything | Plan::Walk(_) => self.merged(plan, None).await,
        }
    }

    /// The rows of one country after the other, until there are enough.
    async fn by_country(&self, plan: &Plan) -> Result<Vec<Row>> {
        let begin = self.query.cursor.as_ref().map(|cursor| self.place(&cursor.key));
        let mut countries = self.countries().await?;
        if self.query.downwards() {
            countries.reverse();
            countries.retain(|country| begin.is_none_or(|begin| self.place(country.as_str()) <= begin));
        } else {
            countries.retain(|country| begin.is_none_or(|begin| self.place(country.as_str()) >= begin));
        }
        let mut rows = Vec::new();
        for country in countries {
            rows.extend(self.merged(plan, Some(country)).await?);
            if rows.len() > PAGE {
                break;
            }
        }
        rows.truncate(PAGE + 1);
        Ok(rows)
    }

    /// The countries in which the partner has accounts of the statuses asked for, in the order of the list.
    async fn countries(&self) -> Result<Vec<CountryCode>> {
        #[derive(FromQueryResult)]
        struct Country {
            code: String,
        }
        let database = self.backend.store.reader();
        let mut codes = Vec::new();
        for status in self.query.status.statuses() {
            let mut sql = Sql::new(self.backend.store.backend());
            sql.push("WITH RECURSIVE present (code) AS (SELECT ").push(NEXT_COUNTRY).bind(self.scope.partner().0);
            sql.push(" AND status = ").bind(status.key()).push(") UNION ALL SELECT ").push(NEXT_COUNTRY);
            sql.bind(self.scope.partner().0).push(" AND status = ").bind(status.key());
            sql.push(" AND country > present.code) FROM present WHERE present.code IS NOT NULL) ");
            sql.push("SELECT code FROM present WHERE code IS NOT NULL");
            codes.extend(Country::find_by_statement(sql.statement()).all(database).await?);
        }
        let mut countries: Vec<_> = codes.iter().filter_map(|row| CountryCode::parse(&row.code).ok()).collect();
        countries.sort_by_key(|country| self.place(country.as_str()));
        countries.dedup();
        Ok(countries)
    }

    /// The place of a country among all, counted from one; nought for none.
    fn place(&self, code: &str) -> usize {
        let mut all = catalogue::countries(self.query.locale).iter();
        all.position(|(country, _)| country.as_str() == code).map_or(0, |place| place + 1)
    }

    /// The rows of each status, merged.
    async fn merged(&self, plan: &Plan, country: Option<CountryCode>) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for &status in self.query.status.statuses() {
            let part = Part { status, country };
            rows.extend(match plan {
                Plan::Walk(term) => match self.walk(part).await? {
                    Some(found) => found,
                    None => self.read(self.gathered(term, Some(part))).await?,
                },
                _ => self.read(self.indexed(part, READ)).await?,
            });
        }
        rows.sort_by(
            |one, other| if self.query.downwards() { self.compare(other, one) } else { self.compare(one, other) },
        );
        rows.truncate(PAGE + 1);
        Ok(rows)
    }

    /// Those with every term among the next rows of the order; `None` when the walk would be too long.
    async fn walk(&self, part: Part) -> Result<Option<Vec<Row>>> {
        #[derive(FromQueryResult)]
        struct Key {
            id: i64,
        }
        // Nothing that the index does not have, where it is the one by name in SQLite.
        let columns = if self.terms.iter().all(|term| term.countries.is_empty()) {
            "a.id, a.search_text"
        } else {
            "a.id, a.search_text, a.country"
        };
        // A subquery with an order and a limit keeps its order, and stops when what asks of it has enough.
        let mut matching = Sql::new(self.backend.store.backend());
        matching.push("SELECT a.id FROM (");
        self.push_next(&mut matching, columns, part);
        self.push_order(&mut matching, part.country, self.limits.walk);
        matching.push(") AS a WHERE TRUE");
        self.push_terms(&mut matching);
        matching.limit(READ);
        let database = self.backend.store.reader();
        let keys = Key::find_by_statement(matching.statement()).all(database).await?;
        let mut found = Sql::new(self.backend.store.backend());
        found.push("SELECT ").push(COLUMNS).push(" FROM account a WHERE a.id IN ");
        found.bind_list(keys.iter().map(|key| key.id));
        let rows = self.read(found).await?;
        if keys.len() > PAGE {
            return Ok(Some(rows));
        }
        let mut next = Sql::new(self.backend.store.backend());
        self.push_next(&mut next, "a.number", part);
        let walked = search::count(database, next, self.limits.walk).await?;
        Ok((walked < self.limits.walk).then_some(rows))
    }

    async fn total(&self, plan: &Plan) -> Result<u64> {
        let database = self.backend.store.reader();
        let most = COUNTED + 1;
        match plan {
            Plan::Nothing => Ok(0),
            Plan::Gather(term) => search::count(database, self.among(term, None), most).await,
            Plan::Everything => {
                let mut total = 0;
                for status in self.query.status.statuses() {
                    let mut all = Sql::new(self.backend.store.backend());
                    all.push("SELECT a.number FROM account a WHERE a.partner_id = ").bind(self.scope.partner().0);
                    all.push(" AND a.status = ").bind(status.key());
                    push_assigned(&mut all, self.scope);
                    total += search::count(database, all, most - total).await?;
                    if total == most {
                        break;
                    }
                }
                Ok(total)
            }
            Plan::Walk(term) => {
                // Some of so many are most often enough to say that there are more than are counted.
                match search::count(database, self.among(term, Some(SAMPLE)), most).await? {
                    more if more > COUNTED => Ok(more),
                    _ => search::count(database, self.among(term, None), most).await,
                }
            }
        }
    }

    /// The accounts with `term`, or as many of them as `sample` says, that match.
    fn among(&self, term: &Term, sample: Option<u64>) -> Sql {
        let mut sql = Sql::new(self.backend.store.backend());
        sql.push("SELECT a.number FROM account a WHERE a.id IN (SELECT id FROM (");
        self.push_keys(&mut sql, term);
        if let Some(sample) = sample {
            sql.limit(sample);
        }
        sql.push(") AS keys)");
        push_statuses(&mut sql, self.query.status);
        self.push_terms(&mut sql);
        sql
    }

    /// The page of `part`, or of every status, gathered by `term`.
    fn gathered(&self, term: &Term, part: Option<Part>) -> Sql {
        let mut sql = Sql::new(self.backend.store.backend());
        // Once and for all: a planner that counted on finding a page of them soon would walk an order.
        sql.push("WITH a AS MATERIALIZED (SELECT ").push(COLUMNS);
        sql.push(" FROM account a WHERE a.id IN (SELECT id FROM (");
        self.push_keys(&mut sql, term);
        sql.push(") AS keys)");
        match part {
            None => push_statuses(&mut sql, self.query.status),
            Some(part) => part.push(&mut sql),
        }
        self.push_terms(&mut sql);
        sql.push(") SELECT a.* FROM a WHERE TRUE");
        let country = part.and_then(|part| part.country);
        self.push_beyond(&mut sql, country);
        self.push_order(&mut sql, country, READ);
        sql
    }

    /// The next `most` rows of `part`, in the order of its index.
    fn indexed(&self, part: Part, most: u64) -> Sql {
        let mut sql = Sql::new(self.backend.store.backend());
        self.push_next(&mut sql, COLUMNS, part);
        self.push_order(&mut sql, part.country, most);
        sql
    }

    /// Adds a query for the rows of `part` that come after the cursor's.
    fn push_next(&self, sql: &mut Sql, columns: &str, part: Part) {
        sql.push("SELECT ").push(columns).push(" FROM account a WHERE a.partner_id = ").bind(self.scope.partner().0);
        part.push(sql);
        push_assigned(sql, self.scope);
        self.push_beyond(sql, part.country);
    }

    /// Adds a query for the keys of the accounts in the scope with `term`; some several times.
    fn push_keys(&self, sql: &mut Sql, term: &Term) {
        if self.scope.assigned_to().is_none() {
            return ACCOUNTS.push_keys(sql, self.scope.partner(), term);
        }
        sql.push("SELECT a.id FROM (");
        ACCOUNTS.push_keys(sql, self.scope.partner(), term);
        sql.push(") AS a WHERE TRUE");
        push_assigned(sql, self.scope);
    }

    fn push_terms(&self, sql: &mut Sql) {
        for term in &self.terms {
            sql.push(" AND ");
            push_account_has(sql, "a", term);
        }
    }

    /// Adds the condition that the rows come after the cursor's.
    fn push_beyond(&self, sql: &mut Sql, country: Option<CountryCode>) {
        let Some(cursor) = &self.query.cursor else { return };
        let beyond = if self.query.downwards() { "<" } else { ">" };
        let number = stored_number(cursor.number);
        match self.sort_expression(sql, country.is_some()) {
            Some(key) => {
                sql.push(&format!(" AND ({}, a.number) {beyond} ({}", key.of_row, key.before_cursor));
                sql.bind(cursor.key.as_str()).push(key.after_cursor).push(", ").bind(number).push(")");
            }
            None if country.is_none_or(|country| country.as_str() == cursor.key) => {
                sql.push(&format!(" AND a.number {beyond} ")).bind(number);
            }
            None => {}
        }
    }

    /// Adds how the rows are ordered, and how many there are at most.
    fn push_order(&self, sql: &mut Sql, country: Option<CountryCode>, most: u64) {
        let direction = if self.query.downwards() { "DESC" } else { "ASC" };
        let key = self.sort_expression(sql, country.is_some());
        sql.push(" ORDER BY ");
        if let Some(key) = &key {
            sql.push(&format!("{} {direction}, ", key.of_row));
        }
        sql.push(&format!("a.number {direction}")).limit(most);
    }

    /// By what rows are sorted before their Account IDs; `None` when by these alone.
    fn sort_expression(&self, sql: &Sql, within_country: bool) -> Option<SortExpression> {
        let column = |name: &str| {
            Some(SortExpression { of_row: name.to_owned(), before_cursor: String::new(), after_cursor: "" })
        };
        match self.query.sort {
            AccountSort::Name => column("a.name_key"),
            AccountSort::City => column("a.city_key"),
            AccountSort::Number => None,
            AccountSort::Country if within_country => None,
            AccountSort::Country => {
                let codes: Vec<&str> =
                    catalogue::countries(self.query.locale).iter().map(|(country, _)| country.as_str()).collect();
                let place = format!("{}('{}', ", sql.position_function(), codes.join(","));
                Some(SortExpression { of_row: format!("{place}a.country)"), before_cursor: place, after_cursor: ")" })
            }
        }
    }

    async fn read(&self, select: Sql) -> Result<Vec<Row>> {
        Ok(Row::find_by_statement(select.statement()).all(self.backend.store.reader()).await?)
    }

    fn compare(&self, one: &Row, other: &Row) -> Ordering {
        let by_key = match self.query.sort {
            AccountSort::Name => one.name_key.cmp(&other.name_key),
            AccountSort::City => one.city_key.cmp(&other.city_key),
            // Rows are merged within a country.
            AccountSort::Number | AccountSort::Country => Ordering::Equal,
        };
        by_key.then(one.number.cmp(&other.number))
    }

    /// Cuts the rows to a page and says where its neighbours are.
    fn cut(&self, rows: Vec<Row>, total: u64) -> Result<AccountPage> {
        let before = self.query.cursor.as_ref().map(|cursor| cursor.before);
        let Page { rows, previous, next } = Page::cut(rows, before, |row, before| {
            let key = match self.query.sort {
                AccountSort::Name => &row.name_key,
                AccountSort::City => &row.city_key,
                AccountSort::Country => &row.country,
                AccountSort::Number => "",
            };
            Ok::<_, Error>(AccountCursor { key: key.to_owned(), number: account_number(row.number)?, before })
        })?;
        let rows = rows.into_iter().map(listed).collect::<Result<_>>()?;
        Ok(AccountPage { rows, previous, next, total, similar: false })
    }
}

/// An expression of SQL for a row, and the same around the value of a cursor.
struct SortExpression {
    of_row: String,
    before_cursor: String,
    after_cursor: &'static str,
}

/// What is read of an account.
const COLUMNS: &str = "a.number, a.name, a.name_key, a.city, a.city_key, a.country, a.status";

#[derive(FromQueryResult)]
struct Row {
    number: i32,
    name: String,
    name_key: String,
    city: Option<String>,
    city_key: String,
    country: String,
    status: String,
}

fn listed(row: Row) -> Result<ListedAccount> {
    Ok(ListedAccount {
        number: account_number(row.number)?,
        name: row.name,
        city: row.city,
        country: row.country,
        status: status(&row.status)?,
    })
}
