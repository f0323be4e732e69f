//! Orders of licences: importing them, finding them, assigning them to accounts.

pub mod assign;
pub mod import;
pub mod list;

use domain::view::orders::{Assignment, OrderDetails, OrderView};
use domain::{
    order::{SubscriptionStatus, Term, TrackingNumber},
    rights::{AccountScope, Action, account_scope},
    role::Caller,
};
use jiff::civil::Date;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect};

pub(crate) use self::assign::release;
use crate::{
    Backend,
    accounts::{account_number, authorise_in_partner},
    entity::{partner_order, subscription},
    error::{Error, Result},
    search,
    sql::Sql,
    subscriptions::{application, day},
};

/// The most assignments of an order that its page shows.
pub const SHOWN: i64 = 200;

/// The words by which an order of these numbers is found.
pub(crate) fn words_of<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in numbers.into_iter().flat_map(search::number_words) {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    all
}

/// Finds an order for its page.
///
/// # Errors
/// [`Error::NotFound`] for what is not there or is none of the caller's business.
#[tracing::instrument(name = "orders::find", skip_all, fields(person = caller.person.0))]
pub async fn find(backend: &Backend, caller: &Caller, number: &TrackingNumber) -> Result<OrderDetails> {
    let scope = authorise(backend, caller).await?;
    let database = backend.store.reader();
    let row = by_number(scope.partner().0, number).one(database).await?.ok_or(Error::NotFound)?;
    let assignments = assignments(database, scope, &[row.id], SHOWN).await?;
    // Those that the caller may see come first.
    if row.remaining == 0 && assignments.first().is_none_or(|(_, one)| one.account.is_none()) {
        return Err(Error::NotFound);
    }
    let assignments = assignments.into_iter().map(|(_, assignment)| assignment).collect();
    let accounts =
        subscription::Entity::find().filter(subscription::Column::OrderId.eq(row.id)).count(database).await?;
    Ok(OrderDetails { order: shown(row, backend.clock.now().date())?, assignments, accounts })
}

/// Asks whether `caller` may see orders; gives the accounts to which they may assign.
async fn authorise(backend: &Backend, caller: &Caller) -> Result<AccountScope> {
    authorise_in_partner(backend, caller, Action::AssignOrders).await?;
    account_scope(caller).ok_or(Error::NotFound)
}

fn by_number(partner: i64, number: &TrackingNumber) -> sea_orm::Select<partner_order::Entity> {
    partner_order::Entity::find()
        .filter(partner_order::Column::PartnerId.eq(partner))
        .filter(partner_order::Column::TrackingNumber.eq(number.as_str()))
}

/// Finds an order and locks it until the transaction ends.
async fn lock(
    transaction: &crate::store::Transaction,
    partner: i64,
    number: &TrackingNumber,
) -> Result<partner_order::Model> {
    by_number(partner, number).lock_exclusive().one(transaction).await?.ok_or(Error::NotFound)
}

/// The same of an order that `caller` may see.
async fn lock_visible(
    transaction: &crate::store::Transaction,
    caller: &Caller,
    number: &TrackingNumber,
) -> Result<partner_order::Model> {
    let scope = account_scope(caller).ok_or(Error::NotFound)?;
    let order = lock(transaction, scope.partner().0, number).await?;
    let is_visible = order.remaining > 0 || has_visible_assignment(transaction, scope, order.id).await?;
    if is_visible { Ok(order) } else { Err(Error::NotFound) }
}

fn shown(row: partner_order::Model, today: Date) -> Result<OrderView> {
    let starts_on = day(&row.starts_on)?;
    let ends_on = row.ends_on.as_deref().map(day).transpose()?;
    let wrong = |_| Error::Internal(format!("{} is stored as a tracking number", row.tracking_number));
    Ok(OrderView {
        tracking_number: TrackingNumber::parse(&row.tracking_number).map_err(wrong)?,
        application: application(&row.application)?,
        plan: row.plan,
        quantity: row.quantity,
        remaining: row.remaining,
        purchased_on: day(&row.purchased_on)?,
        starts_on,
        ends_on,
        status: SubscriptionStatus::on(today, starts_on, ends_on),
        term: Term::between(starts_on, ends_on),
        sap_order: row.sap_order,
        sap_customer_number: row.sap_customer_number,
        purchase_orders: row.purchase_orders.lines().map(str::to_owned).collect(),
        version: row.version,
    })
}

#[derive(FromQueryResult)]
struct AssignmentRow {
    order_id: i64,
    number: String,
    quantity: i64,
    account: i32,
    name: String,
    is_visible: bool,
}

/// What is assigned of `orders`, of each at most the first `most`: each with the key of its order.
async fn assignments(
    database: &impl ConnectionTrait,
    scope: AccountScope,
    orders: &[i64],
    most: i64,
) -> Result<Vec<(i64, Assignment)>> {
    let mut sql = Sql::new(database.get_database_backend());
    sql.push("SELECT * FROM (SELECT s.order_id, s.number, s.quantity, a.number AS account, a.name, ");
    visible(&mut sql, scope);
    // Those that the caller may see come first.
    sql.push(" AS is_visible, s.id, ROW_NUMBER() OVER (PARTITION BY s.order_id ORDER BY ");
    visible(&mut sql, scope);
    sql.push(" DESC, s.id) AS place ");
    sql.push("FROM subscription s JOIN account a ON a.id = s.account_id WHERE s.order_id IN ");
    sql.bind_list(orders.iter().copied());
    sql.push(") AS assigned WHERE place <= ").bind(most).push(" ORDER BY order_id, place");
    let rows = AssignmentRow::find_by_statement(sql.statement()).all(database).await?;
    rows.into_iter().map(|row| Ok((row.order_id, row.assignment()?))).collect()
}

/// Whether something of `order` is assigned to an account of `scope`.
async fn has_visible_assignment(database: &impl ConnectionTrait, scope: AccountScope, order: i64) -> Result<bool> {
    let first = assignments(database, scope, &[order], 1).await?;
    Ok(first.first().is_some_and(|(_, one)| one.account.is_some()))
}

impl AssignmentRow {
    fn assignment(self) -> Result<Assignment> {
        let account = self.is_visible.then(|| account_number(self.account)).transpose()?;
        let account = account.map(|number| (number, self.name));
        Ok(Assignment { number: self.number, quantity: self.quantity, account })
    }
}

/// Whether the account of `s` is one of `scope`'s: of an account manager, one that is assigned to them.
fn visible(sql: &mut Sql, scope: AccountScope) {
    match scope.assigned_to() {
        None => sql.push("TRUE"),
        Some(membership) => sql
            .push("EXISTS (SELECT 1 FROM account_assignment m WHERE m.account_id = s.account_id AND m.membership_id = ")
            .bind(membership.0)
            .push(")"),
    };
}
