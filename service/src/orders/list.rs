//! The list of orders: filtered, searched, one page at a time.
//!
//! As in the list of accounts, a search gathers the orders of its rarest word where these are few, and
//! walks the order of the list where they are many.

use std::collections::HashMap;

use domain::{order::expiring_until, rights::AccountScope, role::Caller};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use super::{Assignment, ShownOrder, assignments, authorise, shown, visible};
use crate::{
    Backend,
    accounts::words,
    entity::partner_order,
    error::Result,
    paging::{PAGE, Page},
    sql::Sql,
};

/// The most orders that a search gathers.
const GATHER: usize = 2000;

/// The accounts of an order that the list names.
const NAMED: i64 = 2;

/// Which orders are listed, and with it in which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderFilter {
    /// All, the latest purchase first.
    #[default]
    All,
    /// Those of which licences are not assigned yet, the latest purchase first.
    Unassigned,
    /// Those that end within thirty days, the next to end first.
    Expiring,
    /// Those that have ended, the last to end first.
    Expired,
    /// Those that one import made, the latest purchase first.
    Import(i64),
}

impl OrderFilter {
    /// By which column the list is sorted, and whether downwards.
    const fn order(self) -> (&'static str, bool) {
        match self {
            Self::All | Self::Unassigned | Self::Import(_) => ("purchased_on", true),
            Self::Expiring => ("ends_on", false),
            Self::Expired => ("ends_on", true),
        }
    }
}

/// Where a page begins: after, or before, an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderCursor {
    /// The day by which that order was sorted.
    pub day: String,
    /// Its place among those of that day.
    pub id: i64,
    /// Whether the page ends before it instead of beginning after it.
    pub before: bool,
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderQuery {
    /// What was typed into the search field.
    pub search: String,
    /// Which orders.
    pub filter: OrderFilter,
    /// Where the page begins; `None` for the first.
    pub cursor: Option<OrderCursor>,
}

/// One order in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOrder {
    /// The order.
    pub order: ShownOrder,
    /// The first of what is assigned of it.
    pub assignments: Vec<Assignment>,
    /// To how many accounts it is assigned in all.
    pub accounts: i64,
}

/// One page of the list.
pub type OrderPage = Page<ListedOrder, OrderCursor>;

/// One page of the orders that `caller` may see: all of the partner's; for an account manager those of
/// their accounts, and those of which licences are left to assign.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) for those who have none.
pub async fn list(backend: &Backend, caller: &Caller, query: &OrderQuery) -> Result<OrderPage> {
    let scope = authorise(backend, caller).await?;
    let words = super::searched(&query.search);
    if words.is_empty() && !query.search.trim().is_empty() {
        return Ok(OrderPage::empty());
    }
    let gathered = gather(backend, scope, &words).await?;
    let statement = select(backend, scope, query, &words, gathered.as_deref());
    let database = backend.store.reader();
    let rows = partner_order::Model::find_by_statement(statement.statement(database.get_database_backend()))
        .all(database)
        .await?;
    let (column, _) = query.filter.order();
    let Page { rows, previous, next } =
        Page::cut(rows, query.cursor.as_ref().map(|cursor| cursor.before), |row, before| {
            let day =
                if column == "ends_on" { row.ends_on.clone().unwrap_or_default() } else { row.purchased_on.clone() };
            Ok(OrderCursor { day, id: row.id, before })
        })?;
    Ok(Page { rows: with_assignments(backend, scope, rows).await?, previous, next })
}

async fn with_assignments(
    backend: &Backend,
    scope: AccountScope,
    rows: Vec<partner_order::Model>,
) -> Result<Vec<ListedOrder>> {
    #[derive(FromQueryResult)]
    struct Count {
        order_id: i64,
        accounts: i64,
    }
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let database = backend.store.reader();
    let mut counting = Sql::default();
    counting.push("SELECT order_id, COUNT(*) AS accounts FROM subscription WHERE order_id IN ");
    counting.bind_all(ids.iter().copied()).push(" GROUP BY order_id");
    let counting = Count::find_by_statement(counting.statement(database.get_database_backend()));
    let counts = async { Ok(counting.all(database).await?) };
    let (named, counts) = tokio::try_join!(assignments(database, scope, &ids, NAMED), counts)?;
    let counts: HashMap<i64, i64> = counts.into_iter().map(|count| (count.order_id, count.accounts)).collect();
    let mut by_order: HashMap<i64, Vec<Assignment>> = HashMap::new();
    for (order, assignment) in named {
        by_order.entry(order).or_default().push(assignment);
    }
    let today = backend.clock.now().date();
    rows.into_iter()
        .map(|row| {
            let (assignments, accounts) = (by_order.remove(&row.id), counts.get(&row.id).copied());
            let order = shown(row, today)?;
            Ok(ListedOrder {
                order,
                assignments: assignments.unwrap_or_default(),
                accounts: accounts.unwrap_or_default(),
            })
        })
        .collect()
}

/// The orders that the rarest of `words` may mean, by themselves or by an account; `None` where these
/// are many, or nothing is searched.
async fn gather(backend: &Backend, scope: AccountScope, words: &[String]) -> Result<Option<Vec<i64>>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: i64,
    }
    let database = backend.store.reader();
    let mut longest_first: Vec<&String> = words.iter().collect();
    longest_first.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in longest_first {
        let (partner, end) = (scope.partner().0, words::end_of(word));
        let mut sql = Sql::default();
        sql.push("SELECT id FROM (SELECT order_id AS id FROM order_word WHERE partner_id = ").bind(partner);
        sql.push(" AND word >= ").bind(word.as_str()).push(" AND word < ").bind(end.as_str());
        sql.push(
            " UNION ALL SELECT s.order_id FROM account_word w JOIN subscription s ON s.account_id = w.account_id ",
        );
        sql.push("WHERE w.partner_id = ").bind(partner);
        sql.push(" AND w.word >= ").bind(word.as_str()).push(" AND w.word < ").bind(end.as_str());
        sql.push(") AS found LIMIT ").bind(i64::try_from(GATHER).unwrap_or(i64::MAX) + 1);
        let statement = sql.statement(database.get_database_backend());
        let mut ids: Vec<i64> =
            Found::find_by_statement(statement).all(database).await?.into_iter().map(|found| found.id).collect();
        if ids.len() <= GATHER {
            ids.sort_unstable();
            ids.dedup();
            return Ok(Some(ids));
        }
    }
    Ok(None)
}

/// What an account manager sees besides the orders of which something is left.
const OF_ASSIGNED: &str = "o.id IN (SELECT s.order_id FROM account_assignment m \
    JOIN subscription s ON s.account_id = m.account_id WHERE m.membership_id = ";

fn select(
    backend: &Backend,
    scope: AccountScope,
    query: &OrderQuery,
    words: &[String],
    gathered: Option<&[i64]>,
) -> Sql {
    let before = query.cursor.as_ref().is_some_and(|cursor| cursor.before);
    let (column, descending) = query.filter.order();
    let downwards = descending != before;
    let direction = if downwards { "DESC" } else { "ASC" };
    let limit = i64::try_from(PAGE).unwrap_or_default() + 1;
    let mut sql = Sql::default();
    let part = |sql: &mut Sql, only: &dyn Fn(&mut Sql)| {
        // Gathered orders are found by their keys: with the partner as no index has it, no order is walked.
        let partner = if gathered.is_some() { "o.partner_id + 0" } else { "o.partner_id" };
        sql.push("SELECT o.* FROM partner_order o WHERE ").push(partner).push(" = ").bind(scope.partner().0);
        only(sql);
        conditions(sql, backend, scope, query, words, gathered);
        if let Some(cursor) = &query.cursor {
            sql.push(&format!(" AND (o.{column}, o.id) {} (", if downwards { "<" } else { ">" }));
            sql.bind(cursor.day.as_str()).push(", ").bind(cursor.id).push(")");
        }
        sql.push(&format!(" ORDER BY o.{column} {direction}, o.id {direction} LIMIT ")).bind(limit);
    };
    match scope.assigned_to() {
        None => part(&mut sql, &|_| ()),
        // Two ways, each with an index of its own.
        Some(membership) => {
            sql.push("SELECT * FROM (SELECT * FROM (");
            part(&mut sql, &|sql| _ = sql.push(" AND o.remaining > 0"));
            sql.push(") AS left_over UNION SELECT * FROM (");
            part(&mut sql, &|sql| _ = sql.push(" AND ").push(OF_ASSIGNED).bind(membership.0).push(")"));
            sql.push(&format!(") AS assigned) AS o ORDER BY o.{column} {direction}, o.id {direction} LIMIT "))
                .bind(limit);
        }
    }
    sql
}

fn conditions(
    sql: &mut Sql,
    backend: &Backend,
    scope: AccountScope,
    query: &OrderQuery,
    words: &[String],
    gathered: Option<&[i64]>,
) {
    let today = backend.clock.now().date();
    match query.filter {
        OrderFilter::All => &mut *sql,
        OrderFilter::Unassigned => sql.push(" AND o.remaining > 0"),
        OrderFilter::Expiring => sql
            .push(" AND o.ends_on >= ")
            .bind(today.to_string())
            .push(" AND o.ends_on <= ")
            .bind(expiring_until(today).to_string())
            .push(" AND o.starts_on <= ")
            .bind(today.to_string()),
        OrderFilter::Expired => sql.push(" AND o.ends_on < ").bind(today.to_string()),
        OrderFilter::Import(import) => sql.push(" AND o.import_id = ").bind(import),
    };
    if let Some(ids) = gathered {
        sql.push(" AND o.id IN ").bind_all(ids.iter().copied());
    }
    for word in words {
        // A folded word has letters and digits only, so nothing in it is a wildcard.
        let pattern = format!("% {word}%");
        sql.push(" AND (o.search_text LIKE ").bind(pattern.as_str());
        sql.push(" OR EXISTS (SELECT 1 FROM subscription s JOIN account a ON a.id = s.account_id ");
        sql.push("WHERE s.order_id = o.id AND a.search_text LIKE ").bind(pattern).push(" AND ");
        visible(sql, scope);
        sql.push("))");
    }
}
