//! A person's own profile, and what the operator does with it.

use domain::{
    activity::{ActivityKind, Change},
    customer::FieldError,
    email::EmailAddress,
    id::{AccountId, PartnerId, PersonId},
    locale::Locale,
    password::NewPassword,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::{
    Backend,
    activity::{Actor, Record},
    entity::{membership, person},
    error::{Error, Result},
    passwords, person_name,
    rate_limit::{self, Limit},
    sessions::{self, SessionToken},
    store::Transaction,
};

/// How often a person can mistake their present password within a quarter of an hour.
const MAX_WRONG_PASSWORDS: i32 = 10;

/// Changes the person's name, and records it wherever they are a member.
///
/// # Errors
/// [`Error::Invalid`] when the name is refused.
#[tracing::instrument(name = "profile::rename", skip_all, fields(person = person.0))]
pub async fn rename(backend: &Backend, person: PersonId, name: &str) -> Result<()> {
    let name = person_name::parse(name).map_err(|error| Error::field("name", error))?;
    let transaction = backend.store.begin().await?;
    let row = lock(&transaction, person).await?;
    if row.name == name {
        return Ok(());
    }
    let change = person::ActiveModel { id: Unchanged(row.id), name: Set(name.clone()), ..Default::default() };
    change.update(&transaction).await?;
    let by = Actor::Oneself { person, name: &row.name };
    let change = Change { field: "person_name".to_owned(), old: row.name.clone(), new: name };
    record(backend, &transaction, row.id, by, ActivityKind::PersonRenamed, &[change]).await?;
    transaction.commit().await?;
    tracing::info!(person = row.id, "name changed");
    Ok(())
}

/// Remembers the language in which the person wants the console.
///
/// # Errors
/// Those of the database.
#[tracing::instrument(name = "profile::choose_locale", skip_all, fields(person = person.0))]
pub async fn choose_locale(backend: &Backend, person: PersonId, locale: Locale) -> Result<()> {
    person::Entity::update_many()
        .set(person::ActiveModel { locale: Set(Some(locale.tag().to_owned())), ..Default::default() })
        .filter(person::Column::Id.eq(person.0))
        .exec(backend.store.writer())
        .await?;
    Ok(())
}

/// Changes the person's password, ends every session of theirs but the one of `token`, and records it.
///
/// # Errors
/// [`Error::Invalid`] when the present password is wrong or the new one is refused;
/// [`Error::RateLimited`] after too many wrong ones.
#[tracing::instrument(name = "profile::change_password", skip_all, fields(person = person.0))]
pub async fn change_password(
    backend: &Backend,
    person: PersonId,
    token: &SessionToken,
    present: &str,
    new: &str,
) -> Result<()> {
    let row = person::Entity::find_by_id(person.0).one(backend.store.reader()).await?;
    let row = row.ok_or(Error::Unauthenticated)?;
    let limit = Limit::new("present password", &[&person.0.to_string()], MAX_WRONG_PASSWORDS);
    rate_limit::count(backend.store.writer(), backend.clock.now(), std::slice::from_ref(&limit)).await?;
    let new = match passwords::parse_new("new_password", new, &row.email, &row.name).await {
        Ok(new) => new,
        Err(error) => {
            rate_limit::release(backend.store.writer(), std::slice::from_ref(&limit), None).await?;
            return Err(error);
        }
    };
    let wrong = || Error::field("password", FieldError::WrongPassword);
    if !passwords::verify(present, row.password_hash.clone()).await? {
        tracing::warn!(person = row.id, "changing the password refused: the present one is wrong");
        return Err(wrong());
    }
    let hash = passwords::hash(new.expose()).await?;
    let transaction = backend.store.begin().await?;
    let now = lock(&transaction, person).await?;
    if now.password_hash != row.password_hash {
        return Err(wrong());
    }
    store_password(&transaction, row.id, hash).await?;
    sessions::end_others(&transaction, person, token).await?;
    rate_limit::reset(&transaction, &limit).await?;
    let by = Actor::Oneself { person, name: &now.name };
    record(backend, &transaction, row.id, by, ActivityKind::PasswordChanged, &[]).await?;
    transaction.commit().await?;
    tracing::info!(person = row.id, "password changed");
    Ok(())
}

/// Gives the person with this address a new password, ends their sessions, and records it. Done by the operator.
///
/// # Errors
/// [`Error::NotFound`] when nobody has the address; [`Error::Invalid`] when the password is refused.
pub async fn reset_password(backend: &Backend, email: &EmailAddress, new: &NewPassword) -> Result<()> {
    let by_email = || person::Entity::find().filter(person::Column::Email.eq(email.as_str()));
    let row = by_email().one(backend.store.reader()).await?.ok_or(Error::NotFound)?;
    passwords::check_strength("password", new, &row.email, &row.name).await?;
    let hash = passwords::hash(new.expose()).await?;
    let transaction = backend.store.begin().await?;
    let row = by_email().lock_exclusive().one(&transaction).await?.ok_or(Error::NotFound)?;
    store_password(&transaction, row.id, hash).await?;
    sessions::end_sessions_of(&transaction, PersonId(row.id)).await?;
    let change = Change { field: "person".to_owned(), old: String::new(), new: row.email };
    record(backend, &transaction, row.id, Actor::Operator, ActivityKind::PasswordChanged, &[change]).await?;
    transaction.commit().await?;
    tracing::info!(person = row.id, "password reset by the operator");
    Ok(())
}

async fn lock(transaction: &Transaction, person: PersonId) -> Result<person::Model> {
    person::Entity::find_by_id(person.0).lock_exclusive().one(transaction).await?.ok_or(Error::Unauthenticated)
}

async fn store_password(transaction: &Transaction, person: i64, hash: String) -> Result<()> {
    let change = person::ActiveModel { id: Unchanged(person), password_hash: Set(Some(hash)), ..Default::default() };
    change.update(transaction).await?;
    Ok(())
}

/// Records what was done to a person, in each partner and account of which they are a member.
pub(crate) async fn record(
    backend: &Backend,
    transaction: &Transaction,
    person: i64,
    by: Actor<'_>,
    kind: ActivityKind,
    changes: &[Change],
) -> Result<()> {
    transaction.unrecorded("whoever belongs to no partner is in nobody's activity");
    let own = membership::Entity::find().filter(membership::Column::PersonId.eq(person));
    for membership in own.order_by_asc(membership::Column::Id).all(transaction).await? {
        let record = Record::of_partner(backend, PartnerId(membership.partner_id), by, kind, changes);
        Record { account: membership.account_id.map(AccountId), ..record }.write(transaction).await?;
    }
    Ok(())
}
