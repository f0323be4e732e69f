//! The list of accounts: filtered, sorted, searched, one page at a time.
//!
//! A page is read in the order of an index from the place where the last page ended (keyset
//! paging), for each status that is wanted on its own, and the few rows are merged here. A search
//! takes one of two ways. Where few accounts have the rarest word, these are gathered by it and
//! sorted. Where many have it, the index of the order is walked, and a page is soon full; where it
//! is not, because those accounts come late in the order, they are gathered after all.

use std::cmp::Ordering;

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    customer::FieldError,
    rights::{AccountScope, Action, Resource, account_scope, decide},
    role::Caller,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use serde::{Deserialize, Serialize};

use super::{account_number, status, stored_number, words};
use crate::{
    Backend,
    entity::{account, account_assignment, account_word},
    error::{Error, Result, allow},
    paging::{PAGE, Page},
};

/// How many rows are read for a page: one more says that there is another page.
const READ: u64 = PAGE as u64 + 1;

/// The most accounts that are counted; beyond it the page says "more than".
pub const COUNTED: u64 = 1000;

/// How far a search looks before it takes another way. Every way finds the same accounts; by default it is the
/// quickest.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// The most accounts with its rarest word that are gathered before the order is walked.
    pub gather: u64,
    /// The most accounts that are walked past before all with its rarest word are gathered after all.
    pub walk: u64,
}

impl Default for Reach {
    fn default() -> Self {
        Self { gather: 16_000, walk: 64_000 }
    }
}

/// By what the list is sorted. Within equals it goes by Account ID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Customer name.
    #[default]
    Name,
    /// Account ID.
    Number,
    /// City.
    City,
    /// Country, by its code.
    Country,
}

/// Which accounts are listed by their status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusFilter {
    /// Active and deactivated ones.
    #[default]
    All,
    /// Active ones.
    Active,
    /// Deactivated ones.
    Deactivated,
    /// Deleted ones, which a partner admin can restore.
    Deleted,
}

impl StatusFilter {
    fn statuses(self) -> &'static [AccountStatus] {
        match self {
            Self::All => &[AccountStatus::Active, AccountStatus::Deactivated],
            Self::Active => &[AccountStatus::Active],
            Self::Deactivated => &[AccountStatus::Deactivated],
            Self::Deleted => &[AccountStatus::Deleted],
        }
    }
}

/// Where a page begins: after, or before, a row. Everything else of a row may have changed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The value by which that row was sorted.
    pub key: String,
    /// Its Account ID.
    pub number: AccountNumber,
    /// Whether the page ends before that row instead of beginning after it.
    pub before: bool,
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// What was typed into the search field.
    pub search: String,
    /// Which statuses.
    pub status: StatusFilter,
    /// The order.
    pub sort: Sort,
    /// Whether the order is turned round.
    pub descending: bool,
    /// Where the page begins; `None` for the first.
    pub cursor: Option<Cursor>,
}

impl ListQuery {
    /// The order of reading: a page before its cursor is read backwards.
    fn order(&self) -> Order {
        let before = self.cursor.as_ref().is_some_and(|cursor| cursor.before);
        if self.descending == before { Order::Asc } else { Order::Desc }
    }
}

/// One account in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAccount {
    /// Account ID.
    pub number: AccountNumber,
    /// Customer name.
    pub name: String,
    /// City.
    pub city: Option<String>,
    /// Country, as its ISO 3166-1 code.
    pub country: String,
    /// Whether it is in use.
    pub status: AccountStatus,
}

/// One page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPage {
    /// The rows, in order.
    pub rows: Vec<ListedAccount>,
    /// Where the page before this one is, if there is one.
    pub previous: Option<Cursor>,
    /// Where the page after this one is, if there is one.
    pub next: Option<Cursor>,
    /// How many accounts match on all pages, counted up to [`COUNTED`] and no further: one more
    /// than that means more.
    pub total: u64,
}

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

/// One page of the accounts that `caller` may see.
///
/// # Errors
/// [`Error::NotFound`] for those who have no list.
#[tracing::instrument(name = "accounts::list::list", skip_all, fields(person = caller.person.0))]
pub async fn list(backend: &Backend, caller: &Caller, query: &ListQuery) -> Result<AccountPage> {
    list_reaching(backend, caller, query, Reach::default()).await
}

/// The same, by a search that reaches so far.
///
/// # Errors
/// As [`list`].
#[tracing::instrument(name = "accounts::list::list_reaching", skip_all, fields(person = caller.person.0))]
pub async fn list_reaching(backend: &Backend, caller: &Caller, query: &ListQuery, reach: Reach) -> Result<AccountPage> {
    let partner = Resource::Partner(caller.seat.partner());
    allow(decide(caller, Action::ListAccounts, partner))?;
    let scope = account_scope(caller).ok_or(Error::NotFound)?;
    let nothing = scope.assigned_to().is_some() && query.status == StatusFilter::Deleted;
    let reading = Reading { backend, scope, query, reach };
    let Some(filter) = reading.filter().await?.filter(|_| !nothing) else {
        return Ok(AccountPage { rows: Vec::new(), previous: None, next: None, total: 0 });
    };
    let (rows, total) = tokio::try_join!(reading.rows(&filter), reading.count(&filter))?;
    cut(rows, total, query)
}

/// The account that is meant by an Account ID, or by enough of its name to mean one.
///
/// # Errors
/// [`Error::Invalid`] under the name `account` when it means none, or several.
#[tracing::instrument(name = "accounts::list::meant", skip_all, fields(person = caller.person.0))]
pub async fn meant(backend: &Backend, caller: &Caller, typed: &str) -> Result<AccountNumber> {
    let refused = |error| Err(Error::field("account", error));
    if typed.trim().is_empty() {
        return refused(FieldError::Required);
    }
    if let Ok(number) = AccountNumber::parse(typed) {
        return Ok(number);
    }
    let page = list(backend, caller, &ListQuery { search: typed.to_owned(), ..ListQuery::default() }).await?;
    match page.rows.as_slice() {
        [] => refused(FieldError::UnknownAccount),
        [only] => Ok(only.number),
        _ => refused(FieldError::SeveralAccounts),
    }
}

/// What a search narrows the list to.
enum Filter {
    /// No search: everything in the scope.
    Everything,
    /// Few accounts have `rare` of `words`: these are gathered, and the others matched.
    Gathered { rare: String, words: Vec<String> },
    /// Many have every word, the fewest presumably `rare`: all are matched while the order is walked.
    Walked { rare: String, words: Vec<String> },
}

/// One reading of the list.
struct Reading<'a> {
    backend: &'a Backend,
    scope: AccountScope,
    query: &'a ListQuery,
    reach: Reach,
}

impl Reading<'_> {
    /// What is searched for; `None` when nothing can match.
    async fn filter(&self) -> Result<Option<Filter>> {
        let search = &self.query.search;
        let mut words = words::searched(search);
        if words.is_empty() {
            return Ok(search.trim().is_empty().then_some(Filter::Everything));
        }
        // The longest word is most often the rarest; each is tried until one is rare enough.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        for rare in &words {
            let found = self.counted(self.with_word(rare).limit(self.reach.gather + 1).to_owned()).await?;
            if found == 0 {
                return Ok(None);
            }
            if found <= self.reach.gather {
                return Ok(Some(Filter::Gathered { rare: rare.clone(), words }));
            }
        }
        Ok(words.first().cloned().map(|rare| Filter::Walked { rare, words }))
    }

    async fn rows(&self, filter: &Filter) -> Result<Vec<Row>> {
        let statuses = self.query.status.statuses();
        let gather = |rare, statuses: &[AccountStatus], words: &[String]| {
            self.page(self.gathered(self.with_word(rare), statuses, words)).into_query()
        };
        let mut rows = Vec::new();
        match filter {
            Filter::Gathered { rare, words } => rows = self.read(&gather(rare, statuses, words)).await?,
            Filter::Everything => {
                for &status in statuses {
                    rows.extend(self.read(&self.page(self.indexed(status)).into_query()).await?);
                }
            }
            Filter::Walked { rare, words } => {
                for &status in statuses {
                    rows.extend(match self.walk(status, words).await? {
                        Some(found) => found,
                        None => self.read(&gather(rare, &[status], words)).await?,
                    });
                }
            }
        }
        let query = self.query;
        rows.sort_by(|one, other| match query.order() {
            Order::Desc => compare(other, one, query.sort),
            _ => compare(one, other, query.sort),
        });
        rows.truncate(PAGE + 1);
        Ok(rows)
    }

    /// Those with all of `words` among the next accounts of the order; `None` when the walk would be too long.
    async fn walk(&self, status: AccountStatus, words: &[String]) -> Result<Option<Vec<Row>>> {
        let next =
            self.page(self.indexed(status)).column(account::Column::SearchText).limit(self.reach.walk).into_query();
        // A subquery with an order and a limit keeps its order, and stops when what asks of it has enough.
        let mut matching = Query::select();
        matching.expr(Expr::cust("*")).from_subquery(next.clone(), "next").limit(READ);
        for word in words {
            matching.and_where(has(word));
        }
        let rows = self.read(&matching).await?;
        let all = rows.len() > PAGE || self.counted(next).await? < self.reach.walk;
        Ok(all.then_some(rows))
    }

    async fn count(&self, filter: &Filter) -> Result<u64> {
        let statuses = self.query.status.statuses();
        let limited = |select: Select<account::Entity>, most| {
            self.counted(select.select_only().column(account::Column::Number).limit(most).into_query())
        };
        let among = |keys, words| limited(self.gathered(keys, statuses, words), COUNTED + 1);
        match filter {
            Filter::Everything => {
                let mut total = 0;
                for &status in statuses {
                    total += limited(self.indexed(status), COUNTED + 1 - total).await?;
                    if total > COUNTED {
                        break;
                    }
                }
                Ok(total)
            }
            Filter::Gathered { rare, words } => among(self.with_word(rare), words).await,
            Filter::Walked { rare, words } => {
                // Some of so many are most often enough to say that there are more than are counted.
                let keys = self.with_word(rare);
                match among(keys.clone().limit(self.reach.gather).to_owned(), words).await? {
                    more if more > COUNTED => Ok(more),
                    _ => among(keys, words).await,
                }
            }
        }
    }

    /// The accounts with `status`, as an index of the list has them.
    fn indexed(&self, status: AccountStatus) -> Select<account::Entity> {
        let partner = account::Column::PartnerId.eq(self.scope.partner().0);
        let select = account::Entity::find().filter(partner).filter(account::Column::Status.eq(status.key()));
        if self.scope.assigned_to().is_some() {
            return select.filter(account::Column::Id.in_subquery(self.assigned()));
        }
        select
    }

    /// The accounts among `keys` with one of `statuses` and all of `words`.
    fn gathered(&self, keys: SelectStatement, statuses: &[AccountStatus], words: &[String]) -> Select<account::Entity> {
        // With the partner as no index has it, the accounts are found by their keys and not in an order of the
        // list that is walked until enough of them came along.
        let partner = Expr::col((account::Entity, account::Column::PartnerId)).add(0).eq(self.scope.partner().0);
        let found = account::Entity::find().filter(partner).filter(account::Column::Id.in_subquery(keys));
        let found = found.filter(account::Column::Status.is_in(statuses.iter().map(|status| status.key())));
        words.iter().fold(found, |found, word| found.filter(has(word)))
    }

    /// The keys of the accounts with a word that begins with `prefix`; some several times.
    fn with_word(&self, prefix: &str) -> SelectStatement {
        let mut select = Query::select();
        select
            .column(account_word::Column::AccountId)
            .from(account_word::Entity)
            .and_where(account_word::Column::PartnerId.eq(self.scope.partner().0))
            .and_where(account_word::Column::Word.gte(prefix))
            .and_where(account_word::Column::Word.lt(words::end_of(prefix)));
        if self.scope.assigned_to().is_some() {
            select.and_where(account_word::Column::AccountId.in_subquery(self.assigned()));
        }
        select
    }

    /// The keys of the accounts that are assigned to the caller.
    fn assigned(&self) -> SelectStatement {
        let membership = self.scope.assigned_to().map_or(0, |membership| membership.0);
        Query::select()
            .column(account_assignment::Column::AccountId)
            .from(account_assignment::Entity)
            .and_where(account_assignment::Column::MembershipId.eq(membership))
            .to_owned()
    }

    /// The page of `select` that is asked for, and one row more.
    fn page(&self, select: Select<account::Entity>) -> Select<account::Entity> {
        let (sort, order) = (self.query.sort, self.query.order());
        let mut select = select
            .select_only()
            .column(account::Column::Number)
            .column(account::Column::Name)
            .column(account::Column::NameKey)
            .column(account::Column::City)
            .column(account::Column::CityKey)
            .column(account::Column::Country)
            .column(account::Column::Status);
        if let Some(cursor) = &self.query.cursor {
            select = select.filter(beyond(sort, &order, cursor));
        }
        if let Some(column) = sort_column(sort) {
            select = select.order_by(column, order.clone());
        }
        select.order_by(account::Column::Number, order).limit(READ)
    }

    async fn read(&self, select: &SelectStatement) -> Result<Vec<Row>> {
        let rows = self.backend.store.reader().query_all(select).await?;
        Ok(rows.iter().map(|row| Row::from_query_result(row, "")).collect::<std::result::Result<_, _>>()?)
    }

    /// How many rows `select` gives.
    async fn counted(&self, select: SelectStatement) -> Result<u64> {
        let count = Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(select, "some").to_owned();
        let row = self.backend.store.reader().query_one(&count).await?;
        let counted: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(counted).unwrap_or_default())
    }
}

/// That an account has a word that begins with `prefix`, of which nothing is a wildcard: a folded word has
/// letters and digits only.
fn has(prefix: &str) -> Expr {
    Expr::col(account::Column::SearchText).like(format!("% {prefix}%"))
}

fn sort_column(sort: Sort) -> Option<account::Column> {
    match sort {
        Sort::Name => Some(account::Column::NameKey),
        Sort::Number => None,
        Sort::City => Some(account::Column::CityKey),
        Sort::Country => Some(account::Column::Country),
    }
}

/// The rows that come after the cursor's in the direction of reading.
fn beyond(sort: Sort, order: &Order, cursor: &Cursor) -> Condition {
    let number = stored_number(cursor.number);
    let place = match sort_column(sort) {
        Some(column) => (
            Expr::tuple([Expr::col(column), Expr::col(account::Column::Number)]),
            Expr::tuple([Expr::val(cursor.key.as_str()), Expr::val(number)]),
        ),
        None => (Expr::col(account::Column::Number), Expr::val(number)),
    };
    let (row, cursor) = place;
    Condition::all().add(if *order == Order::Asc { row.gt(cursor) } else { row.lt(cursor) })
}

fn compare(one: &Row, other: &Row, sort: Sort) -> Ordering {
    sort_key(one, sort).cmp(sort_key(other, sort)).then(one.number.cmp(&other.number))
}

fn sort_key(row: &Row, sort: Sort) -> &str {
    match sort {
        Sort::Name => &row.name_key,
        Sort::Number => "",
        Sort::City => &row.city_key,
        Sort::Country => &row.country,
    }
}

/// Cuts the rows to a page and says where its neighbours are.
fn cut(rows: Vec<Row>, total: u64, query: &ListQuery) -> Result<AccountPage> {
    let before = query.cursor.as_ref().map(|cursor| cursor.before);
    let Page { rows, previous, next } = Page::cut(rows, before, |row, before| {
        let number = account_number(row.number)?;
        Ok(Cursor { key: sort_key(row, query.sort).to_owned(), number, before })
    })?;
    Ok(AccountPage { rows: rows.into_iter().map(listed).collect::<Result<_>>()?, previous, next, total })
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
