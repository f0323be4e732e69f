//! The list of accounts: filtered, sorted, searched, one page at a time.
//!
//! A page is read in the order of an index from the place where the last page ended (keyset
//! paging), for each status that is wanted on its own, and the few rows are merged here. A search
//! takes one of two ways. Where few accounts have the rarest word, these are gathered by it and
//! sorted. Where many have it, the index of the order is walked, and a page is soon full.

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

/// The most accounts that a search gathers before it walks the order instead.
const GATHER: u64 = 2000;

/// The most accounts that are counted; beyond it the page says "more than".
pub const COUNTED: u64 = 1000;

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
pub async fn list(backend: &Backend, caller: &Caller, query: &ListQuery) -> Result<AccountPage> {
    let partner = Resource::Partner(caller.seat.partner());
    allow(decide(caller, Action::ListAccounts, partner))?;
    let scope = account_scope(caller).ok_or(Error::NotFound)?;
    let nothing = scope.assigned_to().is_some() && query.status == StatusFilter::Deleted;
    let Some(filter) = Filter::of(backend, scope, &query.search).await?.filter(|_| !nothing) else {
        return Ok(AccountPage { rows: Vec::new(), previous: None, next: None, total: 0 });
    };
    let (rows, total) = tokio::try_join!(read(backend, scope, &filter, query), count(backend, scope, &filter, query))?;
    cut(rows, total, query)
}

/// The account that is meant by an Account ID, or by enough of its name to mean one.
///
/// # Errors
/// [`Error::Invalid`] under the name `account` when it means none, or several.
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
    /// Few accounts have one of the words, the rare one: of these the others are still to be matched.
    Gathered { rare: String, words: Vec<String> },
    /// Many have every word: all are matched while the order is walked.
    Walked { words: Vec<String> },
}

impl Filter {
    /// `None` when nothing can match.
    async fn of(backend: &Backend, scope: AccountScope, search: &str) -> Result<Option<Self>> {
        let mut words = words::searched(search);
        if words.is_empty() {
            return Ok(search.trim().is_empty().then_some(Self::Everything));
        }
        // The longest word is most often the rarest; each is tried until one is rare enough.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        for word in &words {
            let some = with_word(scope, word).limit(GATHER + 1).to_owned();
            match counted(backend, some).await? {
                0 => return Ok(None),
                1..=GATHER => return Ok(Some(Self::Gathered { rare: word.clone(), words })),
                _ => {}
            }
        }
        Ok(Some(Self::Walked { words }))
    }

    fn apply(&self, scope: AccountScope) -> Select<account::Entity> {
        let partner = Expr::col((account::Entity, account::Column::PartnerId));
        let all = account::Entity::find();
        let mut select = match self {
            // With the partner as no index has it, the accounts are found by their keys and not in an order of the
            // list that is walked until enough of them came along.
            Self::Gathered { rare, .. } => all
                .filter(partner.add(0).eq(scope.partner().0))
                .filter(account::Column::Id.in_subquery(with_word(scope, rare))),
            Self::Everything | Self::Walked { .. } => all.filter(partner.eq(scope.partner().0)),
        };
        if let Self::Gathered { words, .. } | Self::Walked { words } = self {
            for word in words {
                // A folded word has letters and digits only, so nothing in it is a wildcard.
                select = select.filter(account::Column::SearchText.like(format!("% {word}%")));
            }
        }
        select
    }
}

/// The keys of the partner's accounts with a word that begins with `prefix`; some several times.
fn with_word(scope: AccountScope, prefix: &str) -> SelectStatement {
    let mut select = Query::select();
    select
        .column(account_word::Column::AccountId)
        .from(account_word::Entity)
        .and_where(account_word::Column::PartnerId.eq(scope.partner().0))
        .and_where(account_word::Column::Word.gte(prefix))
        .and_where(account_word::Column::Word.lt(words::end_of(prefix)));
    if scope.assigned_to().is_some() {
        select.and_where(account_word::Column::AccountId.in_subquery(assigned(scope)));
    }
    select
}

fn assigned(scope: AccountScope) -> SelectStatement {
    let membership = scope.assigned_to().map_or(0, |membership| membership.0);
    Query::select()
        .column(account_assignment::Column::AccountId)
        .from(account_assignment::Entity)
        .and_where(account_assignment::Column::MembershipId.eq(membership))
        .to_owned()
}

/// The accounts of `scope` and `filter` that have `status`: where every query of the list begins.
fn scoped(scope: AccountScope, filter: &Filter, status: AccountStatus) -> Select<account::Entity> {
    let mut select = filter.apply(scope).filter(account::Column::Status.eq(status.key()));
    if scope.assigned_to().is_some() {
        select = select.filter(account::Column::Id.in_subquery(assigned(scope)));
    }
    select
}

async fn read(backend: &Backend, scope: AccountScope, filter: &Filter, query: &ListQuery) -> Result<Vec<Row>> {
    let limit = PAGE + 1;
    let mut rows = Vec::new();
    for &status in query.status.statuses() {
        let select = scoped(scope, filter, status)
            .select_only()
            .column(account::Column::Number)
            .column(account::Column::Name)
            .column(account::Column::NameKey)
            .column(account::Column::City)
            .column(account::Column::CityKey)
            .column(account::Column::Country)
            .column(account::Column::Status);
        let select = ordered(select, query).limit(u64::try_from(limit).unwrap_or(u64::MAX));
        rows.extend(select.into_model::<Row>().all(backend.store.reader()).await?);
    }
    let towards_end = query.descending == query.cursor.as_ref().is_some_and(|cursor| cursor.before);
    rows.sort_by(|one, other| {
        let order = compare(one, other, query.sort);
        if towards_end { order } else { order.reverse() }
    });
    rows.truncate(limit);
    Ok(rows)
}

fn ordered(mut select: Select<account::Entity>, query: &ListQuery) -> Select<account::Entity> {
    let before = query.cursor.as_ref().is_some_and(|cursor| cursor.before);
    let order = if query.descending == before { Order::Asc } else { Order::Desc };
    if let Some(cursor) = &query.cursor {
        select = select.filter(beyond(query.sort, &order, cursor));
    }
    if let Some(column) = sort_column(query.sort) {
        select = select.order_by(column, order.clone());
    }
    select.order_by(account::Column::Number, order)
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

async fn count(backend: &Backend, scope: AccountScope, filter: &Filter, query: &ListQuery) -> Result<u64> {
    let mut total = 0;
    for &status in query.status.statuses() {
        let some = scoped(scope, filter, status)
            .select_only()
            .column(account::Column::Number)
            .limit(COUNTED + 1 - total)
            .into_query();
        total += counted(backend, some).await?;
        if total > COUNTED {
            break;
        }
    }
    Ok(total)
}

/// How many rows `select` gives.
async fn counted(backend: &Backend, select: SelectStatement) -> Result<u64> {
    let count = Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(select, "some").to_owned();
    let row = backend.store.reader().query_one(&count).await?;
    let counted: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(counted).unwrap_or_default())
}
