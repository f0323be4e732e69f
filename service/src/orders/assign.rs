//! Assigning licences of an order to accounts, splitting it, and correcting what was assigned.

use domain::view::orders::RemovedAssignment;
use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::FieldError,
    order::TrackingNumber,
    rights::Action,
    role::Caller,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Set, Statement,
};

use super::lock_visible;
use crate::{
    Backend, accounts,
    activity::{Actor, Record},
    entity::{account, partner_order, subscription},
    error::{Error, Result},
    idempotency::{self, Claim},
    search,
    store::Transaction,
};

/// Assigns `quantity` licences of the order to an account, beside what it has of it already. `version`
/// is the order's that the caller saw.
///
/// # Errors
/// [`Error::Outdated`] when somebody changed the order meanwhile; [`Error::Invalid`] when not so many
/// are left, or the account is none that the caller may see; [`Error::NotFound`] for an order that they may
/// not see; that and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "orders::assign::assign", skip_all, fields(person = caller.person.0))]
pub async fn assign(
    backend: &Backend,
    caller: &Caller,
    order: &TrackingNumber,
    version: i64,
    to: AccountNumber,
    quantity: u32,
) -> Result<()> {
    let begun = accounts::begin(backend, caller, Action::AssignOrders, to).await;
    let (transaction, to) = begun.map_err(|error| unknown_account(caller, error))?;
    let content = [order.to_string(), version.to_string(), to.number.to_string(), quantity.to_string()];
    let claimed = match idempotency::claim(backend, &transaction, caller, "assign_order", &content).await? {
        Claim::Repeat(_) => return Ok(()),
        Claim::First(claimed) => claimed,
    };
    let order = seen(&transaction, caller, order, version).await?;
    let quantity = i64::from(quantity);
    if quantity > order.remaining {
        return Err(too_many(order.remaining));
    }
    let changing = Changing { backend, transaction: &transaction, caller };
    let order = changing.add(order, &to, quantity, ActivityKind::OrderAssigned).await?;
    changing.touch(order).await?;
    claimed.complete(&transaction, "").await?;
    transaction.commit().await
}

/// Takes back all that an account has of the order.
///
/// # Errors
/// Those of [`correct`].
pub async fn remove(
    backend: &Backend,
    caller: &Caller,
    order: &TrackingNumber,
    version: i64,
    from: AccountNumber,
) -> Result<RemovedAssignment> {
    let before = change(backend, caller, order, version, from, from, 0).await?;
    Ok(RemovedAssignment { account: from, number: before.number, quantity: before.quantity })
}

/// Takes back a removal: the account has its subscription again, under the number that it had. `version` is
/// the order's after the removal.
///
/// # Errors
/// Those of [`assign`]; [`Error::Outdated`] also when the number is taken again.
pub async fn undo_removal(
    backend: &Backend,
    caller: &Caller,
    order: &TrackingNumber,
    version: i64,
    removed: &RemovedAssignment,
) -> Result<()> {
    let (transaction, account) = accounts::begin(backend, caller, Action::AssignOrders, removed.account).await?;
    let order = seen(&transaction, caller, order, version).await?;
    if !(1..=order.remaining).contains(&removed.quantity) || !is_free(&transaction, &order, &removed.number).await? {
        return Err(Error::Outdated);
    }
    let changing = Changing { backend, transaction: &transaction, caller };
    if changing.subscription(&order, &account).await?.is_some() {
        return Err(Error::Outdated);
    }
    changing.insert(&order, &account, removed.number.clone(), removed.quantity).await?;
    let order = partner_order::Model { remaining: order.remaining - removed.quantity, ..order };
    changing.record(&order, &account, 0, removed.quantity, ActivityKind::ChangeUndone).await?;
    changing.touch(order).await?;
    transaction.commit().await
}

/// The number of the `place`th subscription of an order.
fn subscription_number(order: &partner_order::Model, place: i64) -> String {
    format!("{}-{place}", order.tracking_number)
}

/// Whether `number` was once that of a subscription of `order`, and is no longer.
async fn is_free(transaction: &Transaction, order: &partner_order::Model, number: &str) -> Result<bool> {
    let place = number.strip_prefix(order.tracking_number.as_str()).and_then(|rest| rest.strip_prefix('-'));
    let place = place.and_then(|place| place.parse::<i64>().ok()).unwrap_or_default();
    if !(1..=order.subscriptions).contains(&place) || subscription_number(order, place) != number {
        return Ok(false);
    }
    let taken = subscription::Entity::find()
        .filter(subscription::Column::OrderId.eq(order.id))
        .filter(subscription::Column::Number.eq(number));
    Ok(taken.one(transaction).await?.is_none())
}

/// Corrects what of the order is assigned to an account: `quantity` licences from now on, or none, and
/// for the account `to`, which may be another one.
///
/// # Errors
/// Those of [`assign`].
#[tracing::instrument(name = "orders::assign::correct", skip_all, fields(person = caller.person.0))]
pub async fn correct(
    backend: &Backend,
    caller: &Caller,
    order: &TrackingNumber,
    version: i64,
    from: AccountNumber,
    to: AccountNumber,
    quantity: u32,
) -> Result<()> {
    change(backend, caller, order, version, from, to, quantity).await?;
    Ok(())
}

/// Changes what of the order is assigned to `from`; gives what was.
async fn change(
    backend: &Backend,
    caller: &Caller,
    order: &TrackingNumber,
    version: i64,
    from: AccountNumber,
    to: AccountNumber,
    quantity: u32,
) -> Result<subscription::Model> {
    let action = Action::AssignOrders;
    // Both accounts are locked by their keys, so that two corrections that meet do not wait for each
    // other in a circle.
    let from_id = accounts::authorise_change(backend, caller, action, from).await?.id;
    let to_row = accounts::authorise_change(backend, caller, action, to).await;
    let to_id = to_row.map_err(|error| unknown_account(caller, error))?.id;
    let (first, second) = if from_id <= to_id { (from, to_id) } else { (to, from_id) };
    let (transaction, first) = accounts::begin(backend, caller, action, first).await?;
    let by_id = account::Entity::find_by_id(second).lock_exclusive();
    let second = by_id.one(&transaction).await?.ok_or(Error::Outdated)?;
    accounts::permit(&transaction, caller, action, Some(&second)).await?;
    let (from, to) = if from_id <= to_id { (&first, &second) } else { (&second, &first) };
    let order = seen(&transaction, caller, order, version).await?;
    let changing = Changing { backend, transaction: &transaction, caller };
    let before = changing.subscription(&order, from).await?.ok_or(Error::Outdated)?;
    let order = changing.correct(order, &before, from, to, i64::from(quantity)).await?;
    changing.touch(order).await?;
    transaction.commit().await?;
    Ok(before)
}

/// An account that is none of the caller's is an error of what they typed.
fn unknown_account(caller: &Caller, error: Error) -> Error {
    let of_partner = caller.seat.account().is_none();
    if of_partner && matches!(error, Error::NotFound) {
        Error::field("account", FieldError::UnknownAccount)
    } else {
        error
    }
}

fn too_many(remaining: i64) -> Error {
    let max = u32::try_from(remaining).unwrap_or(u32::MAX);
    Error::field("quantity", FieldError::Quantity { max })
}

/// The order, locked, if the caller may see it and saw it as it is.
async fn seen(
    transaction: &Transaction,
    caller: &Caller,
    order: &TrackingNumber,
    version: i64,
) -> Result<partner_order::Model> {
    let order = lock_visible(transaction, caller, order).await?;
    if order.version == version { Ok(order) } else { Err(Error::Outdated) }
}

/// A change of what is assigned, with the accounts and the order locked.
struct Changing<'a> {
    backend: &'a Backend,
    transaction: &'a Transaction,
    caller: &'a Caller,
}

impl Changing<'_> {
    /// Assigns `quantity` more licences to `account`; the order as it is then.
    async fn add(
        &self,
        mut order: partner_order::Model,
        account: &account::Model,
        quantity: i64,
        kind: ActivityKind,
    ) -> Result<partner_order::Model> {
        let present = self.subscription(&order, account).await?;
        let before = present.as_ref().map_or(0, |present| present.quantity);
        if let Some(present) = present {
            self.set(present.id, before + quantity).await?;
        } else {
            order.subscriptions += 1;
            let number = subscription_number(&order, order.subscriptions);
            self.insert(&order, account, number, quantity).await?;
        }
        order.remaining -= quantity;
        self.record(&order, account, before, before + quantity, kind).await?;
        Ok(order)
    }

    async fn insert(
        &self,
        order: &partner_order::Model,
        account: &account::Model,
        number: String,
        quantity: i64,
    ) -> Result<()> {
        let row = subscription::ActiveModel {
            id: NotSet,
            order_id: Set(order.id),
            account_id: Set(account.id),
            number: Set(number),
            quantity: Set(quantity),
            created_at: Set(self.backend.clock.now().0),
        };
        subscription::Entity::insert(row).exec_without_returning(self.transaction).await?;
        Ok(())
    }

    async fn correct(
        &self,
        mut order: partner_order::Model,
        present: &subscription::Model,
        from: &account::Model,
        to: &account::Model,
        quantity: i64,
    ) -> Result<partner_order::Model> {
        let free = order.remaining + present.quantity;
        if quantity > free {
            return Err(too_many(free));
        }
        if from.id == to.id && quantity > 0 {
            self.set(present.id, quantity).await?;
            order.remaining = free - quantity;
            self.record(&order, from, present.quantity, quantity, ActivityKind::OrderCorrected).await?;
            return Ok(order);
        }
        subscription::Entity::delete_by_id(present.id).exec(self.transaction).await?;
        order.remaining = free;
        self.record(&order, from, present.quantity, 0, ActivityKind::OrderCorrected).await?;
        if quantity == 0 { Ok(order) } else { self.add(order, to, quantity, ActivityKind::OrderCorrected).await }
    }

    async fn subscription(
        &self,
        order: &partner_order::Model,
        account: &account::Model,
    ) -> Result<Option<subscription::Model>> {
        Ok(subscription::Entity::find()
            .filter(subscription::Column::OrderId.eq(order.id))
            .filter(subscription::Column::AccountId.eq(account.id))
            .one(self.transaction)
            .await?)
    }

    async fn set(&self, id: i64, quantity: i64) -> Result<()> {
        let change = subscription::ActiveModel { id: Unchanged(id), quantity: Set(quantity), ..Default::default() };
        change.update(self.transaction).await?;
        Ok(())
    }

    /// Records how many licences `account` had and has of the order, and brings its SAP customer number
    /// up to date.
    async fn record(
        &self,
        order: &partner_order::Model,
        account: &account::Model,
        before: i64,
        after: i64,
        kind: ActivityKind,
    ) -> Result<()> {
        let text = |count: i64| if count == 0 { String::new() } else { count.to_string() };
        let mut changes =
            vec![Change { field: format!("order:{}", order.tracking_number), old: text(before), new: text(after) }];
        changes.extend(self.follow_sap_number(account).await?);
        let by = Actor::Person(self.caller);
        Record::of(self.backend, account, by, kind, &changes).write(self.transaction).await?;
        Ok(())
    }

    /// The account's SAP customer number is that of the last order assigned to it that has one.
    async fn follow_sap_number(&self, account: &account::Model) -> Result<Option<Change>> {
        let row = account::Entity::find_by_id(account.id).one(self.transaction).await?.ok_or(Error::NotFound)?;
        let sql = "SELECT o.sap_customer_number AS number FROM subscription s JOIN partner_order o ON o.id = s.order_id \
            WHERE s.account_id = $1 AND o.sap_customer_number IS NOT NULL ORDER BY s.id DESC LIMIT 1";
        let last = Statement::from_sql_and_values(self.transaction.get_database_backend(), sql, [account.id.into()]);
        let number = SapNumber::find_by_statement(last).one(self.transaction).await?.map(|found| found.number);
        if number == row.sap_number {
            return Ok(None);
        }
        let change =
            account::ActiveModel { id: Unchanged(row.id), sap_number: Set(number.clone()), ..Default::default() };
        change.update(self.transaction).await?;
        search::index::update_account(self.transaction, row.id).await?;
        let old = row.sap_number.unwrap_or_default();
        Ok(Some(Change { field: "sap_number".to_owned(), old, new: number.unwrap_or_default() }))
    }

    /// Stores what has changed of the order itself, as its next version.
    async fn touch(&self, order: partner_order::Model) -> Result<()> {
        let change = partner_order::ActiveModel {
            id: Unchanged(order.id),
            remaining: Set(order.remaining),
            subscriptions: Set(order.subscriptions),
            version: Set(order.version + 1),
            ..Default::default()
        };
        change.update(self.transaction).await?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct SapNumber {
    number: String,
}

#[derive(FromQueryResult)]
struct Held {
    order_id: i64,
    quantity: i64,
}

/// Gives back to their orders the licences of an account that is about to be purged.
pub(crate) async fn release(transaction: &Transaction, account: i64) -> Result<()> {
    let held = "SELECT order_id, quantity FROM subscription WHERE account_id = $1 ORDER BY order_id";
    let database = transaction.get_database_backend();
    let held = Statement::from_sql_and_values(database, held, [account.into()]);
    for held in Held::find_by_statement(held).all(transaction).await? {
        let sql = "UPDATE partner_order SET remaining = remaining + $1, version = version + 1 WHERE id = $2";
        let values = [held.quantity.into(), held.order_id.into()];
        transaction.execute_raw(Statement::from_sql_and_values(database, sql, values)).await?;
    }
    subscription::Entity::delete_many().filter(subscription::Column::AccountId.eq(account)).exec(transaction).await?;
    Ok(())
}
