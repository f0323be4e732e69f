//! The Account information page's data, and the saving of customer information.

use domain::view::account::AccountInformation;
use std::mem;

use domain::{
    account_number::AccountNumber,
    activity::ActivityKind,
    country::{CountryCode, catalogue},
    customer::{Conflict, CustomerField, CustomerForm, CustomerInformation, FieldError, Merge, merge},
    rights::{Action, Resource, decide},
    role::Caller,
    time::Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};

use super::{account_number, add::information_columns, authorise, authorise_with_facts, begin, page, status};
use crate::{
    Backend,
    activity::{self, Actor, Record},
    entity::{account, activity as activity_entity},
    error::{Error, Result},
    integrations::{self},
    search,
    store::Transaction,
    subscriptions::{self},
};

/// Finds an account for its page.
///
/// # Errors
/// [`Error::NotFound`] for what is not there or is none of the caller's business.
#[tracing::instrument(name = "accounts::information::find", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn find(backend: &Backend, caller: &Caller, number: AccountNumber) -> Result<AccountInformation> {
    let database = backend.store.reader();
    let (row, facts) = authorise_with_facts(database, caller, Action::ViewAccount, number).await?;
    let mut panels = page::load(database, row.id).await?;
    let (of_account, today) = (caller.seat.account().is_some(), backend.clock.now().date());
    let subscriptions = subscriptions::shown(mem::take(&mut panels.subscriptions), of_account, today)?;
    let licences = subscriptions::licences(&subscriptions);
    let may = |action| decide(caller, action, Resource::Account(facts));
    Ok(AccountInformation {
        number: account_number(row.number)?,
        status: status(&row.status)?,
        version: row.version,
        customer: stored_form(&row),
        services: integrations::shown(backend, caller, &row, &panels, &licences, facts).await?,
        contacts: panels.contacts,
        reports: panels.reports,
        cloud_location: row.cloud_location,
        micloud_connect: row.micloud_connect,
        sap_number: row.sap_number,
        pbx_type: row.pbx_type,
        edit: may(Action::EditCustomerInformation),
        edit_contacts: may(Action::EditSupportContacts),
        report: may(Action::ReportProblem),
        subscriptions,
        assign_orders: may(Action::AssignOrders),
        activity: panels.activity,
        deactivate: may(Action::DeactivateAccount),
        delete: may(Action::DeleteAccount),
        restore: may(Action::RestoreAccount),
        deleted_at: row.deleted_at.map(Timestamp),
    })
}

/// The name of an account that the caller may see.
///
/// # Errors
/// [`Error::NotFound`] for what is not there or is none of the caller's business.
#[tracing::instrument(name = "accounts::information::name", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn name(backend: &Backend, caller: &Caller, number: AccountNumber) -> Result<String> {
    Ok(authorise(backend.store.reader(), caller, Action::ViewAccount, number).await?.name)
}

/// The account of a caller who manages just one.
///
/// # Errors
/// [`Error::NotFound`] for those who manage several, or none.
#[tracing::instrument(name = "accounts::information::own_number", skip_all, fields(person = caller.person.0))]
pub async fn own_number(backend: &Backend, caller: &Caller) -> Result<AccountNumber> {
    let account = caller.seat.account().ok_or(Error::NotFound)?;
    let row = account::Entity::find_by_id(account.0).one(backend.store.reader()).await?;
    account_number(row.ok_or(Error::NotFound)?.number)
}

/// The stored row as the form that was accepted for it.
pub(crate) fn stored_form(row: &account::Model) -> CustomerForm {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    CustomerForm {
        name: row.name.clone(),
        country: row.country.clone(),
        subdivision: text(&row.subdivision),
        address1: text(&row.address1),
        address2: text(&row.address2),
        city: text(&row.city),
        postal_code: text(&row.postal_code),
        language: row.language.clone(),
        business_type: text(&row.business_type),
    }
}

/// What was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The version that the next edit has to state.
    pub version: i64,
    /// Customer information as it is stored now, with what others saved meanwhile.
    pub customer: CustomerForm,
    /// The record of activity by which it can be undone; `None` when nothing was changed.
    pub undo: Option<i64>,
}

/// Saves customer information that was edited from `version` on.
///
/// What others saved since then is kept where the edit left those fields alone.
///
/// # Errors
/// [`Error::Conflict`] with both values where the same fields were changed;
/// [`Error::Invalid`] for a version that never was;
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "accounts::information::save", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn save(
    backend: &Backend,
    caller: &Caller,
    number: AccountNumber,
    version: i64,
    wanted: &CustomerInformation,
) -> Result<Saved> {
    let (transaction, row) = begin(backend, caller, Action::EditCustomerInformation, number).await?;
    let stored = stored_form(&row);
    // What was stored before its form was settled differs from what is typed only to a machine.
    let stored = reread(&stored).map_or(stored, |information| information.to_form());
    let wanted = wanted.to_form();
    let merged = match base(&transaction, &row, &stored, version).await? {
        Some(base) => merge(&base, &stored, &wanted),
        // What this edit changed is not known any more: each value is for a person to choose.
        None => Merge { conflicts: wanted.differing(&stored), merged: wanted },
    };
    if !merged.conflicts.is_empty() {
        let by = last_editor(&transaction, row.id).await?;
        let conflict = Conflict { stored, merged: merged.merged, version: row.version, fields: merged.conflicts, by };
        return Err(Error::Conflict(Box::new(conflict)));
    }
    let changes = merged.merged.changes_from(&stored);
    if changes.is_empty() {
        return Ok(Saved { version: row.version, customer: stored, undo: None });
    }
    let merged = reread(&merged.merged)?;
    let version = row.version + 1;
    let record = Record::of(backend, &row, Actor::Person(caller), ActivityKind::CustomerInformationChanged, &changes);
    let undo = Record { version: Some(version), ..record }.write(&transaction).await?;
    update(&transaction, row, &merged, backend.clock.now()).await?;
    transaction.commit().await?;
    Ok(Saved { version, customer: merged.to_form(), undo: Some(undo) })
}

/// A form read again: two edits that hold the rules can break one together.
pub(crate) fn reread(form: &CustomerForm) -> Result<CustomerInformation> {
    let unknown = || Error::field(CustomerField::Country.key(), FieldError::UnknownChoice);
    let country = CountryCode::parse(&form.country).map_err(|_| unknown())?;
    CustomerInformation::parse(form, Some(catalogue::format(country))).map_err(Error::Invalid)
}

/// The most versions back to which customer information is reconstructed.
const MAX_VERSIONS_BACK: i64 = 100;

/// Customer information as it was at `version`: what is stored, with the recorded changes since then taken
/// back. `None` where that was more than [`MAX_VERSIONS_BACK`] versions ago.
async fn base(
    database: &impl ConnectionTrait,
    row: &account::Model,
    stored: &CustomerForm,
    version: i64,
) -> Result<Option<CustomerForm>> {
    if version == row.version {
        return Ok(Some(stored.clone()));
    }
    if version < 1 || version > row.version {
        return Err(Error::field("version", FieldError::UnknownChoice));
    }
    if row.version - version > MAX_VERSIONS_BACK {
        return Ok(None);
    }
    let since = activity_entity::Entity::find()
        .filter(activity_entity::Column::AccountId.eq(row.id))
        .filter(activity_entity::Column::AccountVersion.gt(version))
        .order_by_desc(activity_entity::Column::AccountVersion)
        .all(database)
        .await?;
    let mut base = stored.clone();
    for record in since {
        for change in activity::from_json(&record.changes)? {
            if let Some(field) = CustomerField::from_key(&change.field) {
                *base.get_mut(field) = change.old;
            }
        }
    }
    Ok(Some(base))
}

/// The name of who saved customer information last.
async fn last_editor(database: &impl ConnectionTrait, account: i64) -> Result<String> {
    let last = activity_entity::Entity::find()
        .filter(activity_entity::Column::AccountId.eq(account))
        .filter(activity_entity::Column::AccountVersion.is_not_null())
        .order_by_desc(activity_entity::Column::AccountVersion)
        .one(database)
        .await?;
    Ok(last.map(|record| record.person_name).unwrap_or_default())
}

/// Writes `new` into the row of an account.
pub(crate) async fn update(
    transaction: &Transaction,
    row: account::Model,
    new: &CustomerInformation,
    now: Timestamp,
) -> Result<()> {
    let change = account::ActiveModel {
        id: Unchanged(row.id),
        version: Set(row.version + 1),
        ..information_columns(new, now.0)
    };
    change.update(transaction).await?;
    search::index::update_account(transaction, row.id).await
}
