//! The list of orders: filtered, searched, one page at a time. How a search goes is said in [`search`].

use domain::view::orders::{Assignment, ListedOrder, OrderCursor, OrderFilter, OrderQuery};
use domain::view::paging::{PAGE, Page};
use std::collections::HashMap;

use domain::{order::expiring_until, rights::AccountScope, role::Caller};
use sea_orm::FromQueryResult;

use super::{assignments, authorise, shown, visible};
use crate::{
    Backend,
    entity::partner_order,
    error::Result,
    search::{
        self, Limits, Plan, Term,
        index::{ACCOUNT_NAMES, ORDERS, push_has},
    },
    sql::Sql,
};

/// The accounts of an order that the list names.
const NAMED: i64 = 2;

/// One page of the list.
pub type OrderPage = Page<ListedOrder, OrderCursor>;

/// One page of the orders that `caller` may see: all of the partner's; for an account manager those of
/// their accounts, and those of which licences are left to assign.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) for those who have none.
#[tracing::instrument(name = "orders::list::list", skip_all, fields(person = caller.person.0))]
pub async fn list(backend: &Backend, caller: &Caller, query: &OrderQuery) -> Result<OrderPage> {
    list_within(backend, caller, query, Limits::default()).await
}

/// The same, by a search with these limits.
///
/// # Errors
/// As [`list`].
pub async fn list_within(backend: &Backend, caller: &Caller, query: &OrderQuery, limits: Limits) -> Result<OrderPage> {
    let scope = authorise(backend, caller).await?;
    let terms = search::terms(&query.search);
    if terms.is_empty() && !query.search.trim().is_empty() {
        return Ok(OrderPage::empty());
    }
    let database = backend.store.reader();
    let gathered = match search::plan(database, &terms, limits.gather, |sql, term| push_keys(sql, scope, term)).await? {
        Plan::Nothing => return Ok(OrderPage::empty()),
        Plan::Gather(term) => Some(term),
        Plan::Everything | Plan::Walk(_) => None,
    };
    let statement = select(backend, scope, query, &terms, gathered.as_ref()).statement();
    let rows = partner_order::Model::find_by_statement(statement).all(database).await?;
    let (column, _) = query.filter.order();
    let Page { rows, previous, next } =
        Page::cut(rows, query.cursor.as_ref().map(|cursor| cursor.before), |row, before| {
            let day =
                if column == "ends_on" { row.ends_on.clone().unwrap_or_default() } else { row.purchased_on.clone() };
            Ok::<_, crate::Error>(OrderCursor { day, id: row.id, before })
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
    let mut counting = Sql::new(backend.store.backend());
    counting.push("SELECT order_id, COUNT(*) AS accounts FROM subscription WHERE order_id IN ");
    counting.bind_list(ids.iter().copied()).push(" GROUP BY order_id");
    let counting = Count::find_by_statement(counting.statement());
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

/// Adds a query for the keys of the orders with `term`, by themselves or by an account; some several times.
fn push_keys(sql: &mut Sql, scope: AccountScope, term: &Term) {
    ORDERS.push_keys(sql, scope.partner(), term);
    sql.push(" UNION ALL SELECT s.order_id FROM (");
    ACCOUNT_NAMES.push_keys(sql, scope.partner(), term);
    sql.push(") AS w JOIN subscription s ON s.account_id = w.id");
}

/// What an account manager sees besides the orders of which something is left.
const OF_ASSIGNED: &str = "o.id IN (SELECT s.order_id FROM account_assignment m \
    JOIN subscription s ON s.account_id = m.account_id WHERE m.membership_id = ";

fn select(backend: &Backend, scope: AccountScope, query: &OrderQuery, terms: &[Term], gathered: Option<&Term>) -> Sql {
    let before = query.cursor.as_ref().is_some_and(|cursor| cursor.before);
    let (column, descending) = query.filter.order();
    let downwards = descending != before;
    let direction = if downwards { "DESC" } else { "ASC" };
    let limit = i64::try_from(PAGE).unwrap_or_default() + 1;
    let mut sql = Sql::new(backend.store.backend());
    if let Some(term) = gathered {
        // Once and for all: a planner that counted on finding a page of them soon would walk an order.
        sql.push("WITH found AS MATERIALIZED (SELECT * FROM partner_order WHERE id IN (SELECT id FROM (");
        push_keys(&mut sql, scope, term);
        sql.push(") AS keys)) ");
    }
    let table = if gathered.is_some() { "found" } else { "partner_order" };
    let part = |sql: &mut Sql, only: &dyn Fn(&mut Sql)| {
        sql.push(&format!("SELECT o.* FROM {table} o WHERE o.partner_id = ")).bind(scope.partner().0);
        only(sql);
        conditions(sql, backend, scope, query, terms);
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

fn conditions(sql: &mut Sql, backend: &Backend, scope: AccountScope, query: &OrderQuery, terms: &[Term]) {
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
    for term in terms {
        sql.push(" AND (");
        push_has(sql, "o", term);
        sql.push(" OR EXISTS (SELECT 1 FROM subscription s JOIN account a ON a.id = s.account_id ");
        sql.push("WHERE s.order_id = o.id AND ");
        push_has(sql, "a", term);
        sql.push(" AND ");
        visible(sql, scope);
        sql.push("))");
    }
}
