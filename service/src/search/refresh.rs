//! Bringing the keys and words of rows up to date that an older release has written.

use domain::{activity::ActivityKind, id::PartnerId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Set, sea_query::Expr,
};

use super::{index, text};
use crate::{
    Backend,
    activity::{add_words, from_json, words_of},
    entity::{account, activity, order_word, partner_order},
    error::Result,
    orders,
    sql::Sql,
    store::Transaction,
};

/// The rows of one transaction: few enough that other writers hardly wait.
const PART: u64 = 50;

/// Brings every row up to date that is not, some at a time; gives how many these were. Broken off, it goes on
/// where it was; several processes may do it at once.
///
/// # Errors
/// Those of the database.
pub async fn refresh(backend: &Backend) -> Result<u64> {
    let mut refreshed = 0;
    while has_stale::<account::Entity>(backend).await? {
        refreshed += refresh_accounts(backend).await?;
    }
    while has_stale::<partner_order::Entity>(backend).await? {
        refreshed += refresh_orders(backend).await?;
    }
    while has_stale::<activity::Entity>(backend).await? {
        refreshed += refresh_activity(backend).await?;
    }
    Ok(refreshed)
}

/// Why this has no record of activity.
const REASON: &str = "by what rows are found changes nothing that people see of them";

/// The rows that are not up to date.
fn stale<E: EntityTrait>() -> Select<E> {
    // In the words of the index.
    E::find().filter(Expr::cust("NOT is_indexed"))
}

async fn has_stale<E: EntityTrait>(backend: &Backend) -> Result<bool> {
    Ok(stale::<E>().limit(1).one(backend.store.reader()).await?.is_some())
}

async fn refresh_accounts(backend: &Backend) -> Result<u64> {
    let transaction = backend.store.begin().await?;
    let rows = stale::<account::Entity>().order_by_asc(account::Column::Id).limit(PART).lock_exclusive();
    let rows = rows.all(&transaction).await?;
    for row in &rows {
        let keys = account::ActiveModel {
            id: Unchanged(row.id),
            name_key: Set(text::sort_key(&row.name)),
            city_key: Set(row.city.as_deref().map(text::sort_key).unwrap_or_default()),
            ..Default::default()
        };
        keys.update(&transaction).await?;
        index::update_account(&transaction, row.id).await?;
    }
    transaction.unrecorded(REASON);
    transaction.commit().await?;
    Ok(rows.len() as u64)
}

async fn refresh_orders(backend: &Backend) -> Result<u64> {
    let transaction = backend.store.begin().await?;
    let rows = stale::<partner_order::Entity>().order_by_asc(partner_order::Column::Id).limit(PART).lock_exclusive();
    let rows = rows.all(&transaction).await?;
    for row in &rows {
        refresh_order(&transaction, row).await?;
    }
    transaction.unrecorded(REASON);
    transaction.commit().await?;
    Ok(rows.len() as u64)
}

async fn refresh_order(transaction: &Transaction, row: &partner_order::Model) -> Result<()> {
    let numbers = [row.tracking_number.as_str(), row.sap_order.as_deref().unwrap_or_default()];
    let words = orders::words_of(numbers.into_iter().chain(row.purchase_orders.lines()));
    let change = partner_order::ActiveModel {
        id: Unchanged(row.id),
        search_text: Set(index::search_text(&words)),
        is_indexed: Set(true),
        ..Default::default()
    };
    change.update(transaction).await?;
    order_word::Entity::delete_many().filter(order_word::Column::OrderId.eq(row.id)).exec(transaction).await?;
    let words = words.into_iter().map(|word| order_word::ActiveModel {
        partner_id: Set(row.partner_id),
        word: Set(word),
        order_id: Set(row.id),
    });
    order_word::Entity::insert_many(words).exec_without_returning(transaction).await?;
    Ok(())
}

async fn refresh_activity(backend: &Backend) -> Result<u64> {
    let transaction = backend.store.begin().await?;
    let rows = stale::<activity::Entity>().order_by_asc(activity::Column::Id).limit(PART).lock_exclusive();
    let rows = rows.all(&transaction).await?;
    for row in &rows {
        refresh_record(&transaction, row).await?;
    }
    transaction.unrecorded(REASON);
    transaction.commit().await?;
    Ok(rows.len() as u64)
}

async fn refresh_record(transaction: &Transaction, row: &activity::Model) -> Result<()> {
    // A kind of a newer release is left to that release.
    let words = match ActivityKind::from_key(&row.kind) {
        Some(kind) => match from_json(&row.changes) {
            Ok(changes) => words_of(kind, &changes),
            Err(error) => {
                tracing::error!(record = row.id, %error, "a record of activity cannot be found by its words");
                Vec::new()
            }
        },
        None => Vec::new(),
    };
    let mut old = Sql::new(transaction.get_database_backend());
    old.push("DELETE FROM activity_word WHERE partner_id = ").bind(row.partner_id);
    old.push(" AND activity_id = ").bind(row.id).push(" AND word IN ");
    old.bind_list(row.search_text.as_deref().unwrap_or_default().split_ascii_whitespace());
    transaction.execute_raw(old.statement()).await?;
    let change = activity::ActiveModel {
        id: Unchanged(row.id),
        person_key: Set(row.person_id.map_or_else(String::new, |_| text::fold(&row.person_name))),
        search_text: Set((!words.is_empty()).then(|| index::search_text(&words))),
        is_indexed: Set(true),
        ..Default::default()
    };
    change.update(transaction).await?;
    add_words(transaction, PartnerId(row.partner_id), row.id, words).await
}
