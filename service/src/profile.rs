//! A person's own profile.

use domain::{
    customer::{FieldCheck, FieldError, required_line},
    id::PersonId,
    locale::Locale,
    password::{NewPassword, NewPasswordError},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use crate::{
    Backend,
    entity::person,
    error::{Error, Result},
    passwords,
    sessions::{self, SessionToken},
};

/// The most characters of a person's name.
pub const NAME_MAX: u16 = 120;

/// Changes the person's name.
///
/// # Errors
/// [`Error::Invalid`] when the name is refused.
pub async fn rename(backend: &Backend, person: PersonId, name: &str) -> Result<()> {
    let mut check = FieldCheck::default();
    let Some(name) = check.take("name", required_line(name, NAME_MAX)) else {
        return Err(Error::Invalid(check.into_errors()));
    };
    update(backend, person, person::ActiveModel { name: Set(name), ..Default::default() }).await
}

/// Remembers the language in which the person wants the console.
///
/// # Errors
/// Those of the database.
pub async fn choose_locale(backend: &Backend, person: PersonId, locale: Locale) -> Result<()> {
    let change = person::ActiveModel { locale: Set(Some(locale.tag().to_owned())), ..Default::default() };
    update(backend, person, change).await
}

async fn update(backend: &Backend, person: PersonId, change: person::ActiveModel) -> Result<()> {
    person::Entity::update_many()
        .set(change)
        .filter(person::Column::Id.eq(person.0))
        .exec(backend.store.writer())
        .await?;
    Ok(())
}

/// Changes the person's password and ends every session of theirs but the one of `token`.
///
/// # Errors
/// [`Error::Invalid`] when the present password is wrong or the new one is refused;
/// [`Error::RateLimited`] after too many wrong ones.
pub async fn change_password(
    backend: &Backend,
    person: PersonId,
    token: &SessionToken,
    present: &str,
    new: &str,
) -> Result<()> {
    let new = NewPassword::parse(new).map_err(|error| Error::field("new_password", refused(error)))?;
    let row = person::Entity::find_by_id(person.0).one(backend.store.reader()).await?;
    let row = row.ok_or(Error::Unauthenticated)?;
    let attempt = crate::attempts::Attempt::begin(backend, &row.email, "own profile").await?;
    if !passwords::verify(present, row.password_hash).await? {
        return Err(Error::field("password", FieldError::WrongPassword));
    }
    attempt.succeeded(backend).await?;
    let hash = passwords::hash(new.expose()).await?;
    let transaction = backend.store.begin().await?;
    person::Entity::update_many()
        .set(person::ActiveModel { password_hash: Set(Some(hash)), ..Default::default() })
        .filter(person::Column::Id.eq(person.0))
        .exec(&transaction)
        .await?;
    sessions::end_others(&transaction, person, token).await?;
    transaction.unrecorded("activity is of accounts and partners, not of a person's own profile");
    transaction.commit().await
}

fn refused(error: NewPasswordError) -> FieldError {
    match error {
        NewPasswordError::TooShort => FieldError::TooShort { min: NewPassword::MIN },
        NewPasswordError::TooLong => FieldError::Text(domain::text::TextError::TooLong { max: NewPassword::MAX }),
    }
}
