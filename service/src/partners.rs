//! Partners, which only the operator creates.

use domain::{
    account::AccountStatus, account_number::AccountNumber, activity::ActivityKind, customer::required_line,
    email::EmailAddress, id::PartnerId, password::NewPassword, role::Role,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set,
};

use crate::{
    Backend,
    accounts::{status, stored_number},
    activity::{Actor, Record},
    entity::{account, membership, partner, person},
    error::{Error, Result},
    integrations::stored,
    passwords, person_name,
};

/// The first partner admin of a new partner.
#[derive(Debug)]
pub struct FirstAdmin {
    /// Their name.
    pub name: String,
    /// Their address, with which they sign in.
    pub email: EmailAddress,
    /// Their password; not needed for a person who already has one.
    pub password: Option<NewPassword>,
}

/// Adds a partner with its first admin. Done by the operator on the command line, who needs no
/// right but access to the server.
///
/// # Errors
/// [`Error::Invalid`] when a name or the password is refused, or a new person has none.
#[tracing::instrument(name = "partners::add", skip_all)]
pub async fn add(backend: &Backend, name: &str, admin: FirstAdmin) -> Result<PartnerId> {
    let now = backend.clock.now();
    let name = required_line(name, 120).map_err(|error| Error::field("name", error))?;
    let admin_name = person_name::parse(&admin.name).map_err(|error| Error::field("admin_name", error))?;
    let hash = match &admin.password {
        Some(password) => {
            passwords::check_strength("password", password, admin.email.as_str(), &admin_name).await?;
            Some(passwords::hash(password.expose()).await?)
        }
        None => None,
    };
    let transaction = backend.store.begin().await?;
    let row = partner::ActiveModel { id: NotSet, name: Set(name), created_at: Set(now.0) };
    let partner = partner::Entity::insert(row).exec_with_returning(&transaction).await?.id;
    let known = person::Entity::find().filter(person::Column::Email.eq(admin.email.as_str())).one(&transaction).await?;
    let person = match (known, hash) {
        (Some(person), _) => person.id,
        (None, None) => return Err(Error::field("password", domain::customer::FieldError::Required)),
        (None, hash) => {
            let row = person::ActiveModel {
                id: NotSet,
                email: Set(admin.email.to_string()),
                name: Set(admin_name),
                password_hash: Set(hash),
                locale: Set(None),
                created_at: Set(now.0),
            };
            person::Entity::insert(row).exec_with_returning(&transaction).await?.id
        }
    };
    let row = membership::ActiveModel {
        id: NotSet,
        person_id: Set(person),
        partner_id: Set(partner),
        account_id: Set(None),
        role: Set(Role::PartnerAdmin.key().to_owned()),
        created_at: Set(now.0),
    };
    membership::Entity::insert(row).exec_without_returning(&transaction).await?;
    let by = Actor::Operator;
    Record::of_partner(backend, PartnerId(partner), by, ActivityKind::PartnerAdded, &[]).write(&transaction).await?;
    transaction.commit().await?;
    Ok(PartnerId(partner))
}

/// Marks an account as its partner's own, which takes no integrations. Done by the operator.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account; [`Error::Internal`] when it is not active or has
/// integrations that are on.
#[tracing::instrument(name = "partners::mark_own_account", skip_all, fields(account = %number))]
pub async fn mark_own_account(backend: &Backend, number: AccountNumber) -> Result<()> {
    let transaction = backend.store.begin().await?;
    let by_number = account::Entity::find().filter(account::Column::Number.eq(stored_number(number)));
    let row = by_number.lock_exclusive().one(&transaction).await?.ok_or(Error::NotFound)?;
    if status(&row.status)? != AccountStatus::Active {
        return Err(Error::Internal("it is not active; reactivate or restore it first".to_owned()));
    }
    let services = stored::load(&transaction, row.id).await?;
    if services.integrations.values().any(|integration| integration.on) {
        return Err(Error::Internal("it has integrations that are on; switch them off first".to_owned()));
    }
    let change = account::ActiveModel { id: Unchanged(row.id), partners_own: Set(true), ..Default::default() };
    change.update(&transaction).await?;
    Record::of(backend, &row, Actor::Operator, ActivityKind::OwnAccountMarked, &[]).write(&transaction).await?;
    transaction.commit().await
}
