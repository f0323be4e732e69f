//! Adding an account.

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    country::PostalCode,
    customer::{CustomerField, CustomerForm, CustomerInformation, FieldError},
    email::EmailAddress,
    rights::Action,
    role::Caller,
};
use sea_orm::{ActiveValue::NotSet, EntityTrait, Set, TryInsertResult};

use super::{authorise_in_partner, stored_number};
use crate::{
    Backend,
    activity::{Actor, Record},
    entity::{account, account_number, support_contact},
    error::{Error, Result},
    idempotency::{self, Claim},
    random, search,
    store::Transaction,
};

/// The name under which a request to add an account is known again.
const OPERATION: &str = "add_account";

/// An account to be added.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Customer information.
    pub customer: CustomerInformation,
    /// The key of the region in which its data will be held.
    pub cloud_location: String,
    /// The first support contact: an account is never without one.
    pub support_contact: EmailAddress,
}

/// Adds an account to the caller's partner and gives it an Account ID.
///
/// # Errors
/// [`Error::Invalid`] for a cloud location that is not configured; [`Error::Forbidden`] and
/// [`Error::NotFound`] by rights.
#[tracing::instrument(name = "accounts::add::add", skip_all, fields(person = caller.person.0))]
pub async fn add(backend: &Backend, caller: &Caller, new: NewAccount) -> Result<AccountNumber> {
    let partner = authorise_in_partner(backend, caller, Action::AddAccount).await?;
    if !backend.settings.cloud_locations.iter().any(|location| location.key == new.cloud_location) {
        return Err(Error::field("cloud_location", FieldError::UnknownChoice));
    }
    let now = backend.clock.now();
    let transaction = backend.store.begin().await?;
    let claimed = match idempotency::claim(backend, &transaction, caller, OPERATION, &content(&new)).await? {
        Claim::Repeat(number) => return super::account_number(number.parse().unwrap_or_default()),
        Claim::First(claimed) => claimed,
    };
    let number = draw_number(&transaction).await?;
    let row = insert(&transaction, partner.0, number, &new, now.0).await?;
    let contact = support_contact::ActiveModel {
        id: NotSet,
        account_id: Set(row.id),
        email: Set(new.support_contact.to_string()),
        created_at: Set(now.0),
    };
    support_contact::Entity::insert(contact).exec_without_returning(&transaction).await?;
    search::index::update_account(&transaction, row.id).await?;
    let changes = changes(&new);
    let by = Actor::Person(caller);
    let record = Record::of(backend, &row, by, ActivityKind::AccountAdded, &changes);
    Record { version: Some(row.version), ..record }.write(&transaction).await?;
    claimed.complete(&transaction, &number.to_string()).await?;
    transaction.commit().await?;
    Ok(number)
}

/// What a request for an account asks for.
fn content(new: &NewAccount) -> [String; 3] {
    let form = new.customer.to_form();
    let fields = CustomerField::ALL.map(|field| form.get(field).to_owned());
    [fields.join("\n"), new.cloud_location.clone(), new.support_contact.to_string()]
}

fn changes(new: &NewAccount) -> Vec<Change> {
    let mut changes = new.customer.to_form().changes_from(&CustomerForm::default());
    for (field, value) in
        [("cloud_location", new.cloud_location.clone()), ("support_contact", new.support_contact.to_string())]
    {
        changes.push(Change { field: field.to_owned(), old: String::new(), new: value });
    }
    changes
}

/// Draws a number that was never given out, and keeps it from being given out again.
async fn draw_number(transaction: &Transaction) -> Result<AccountNumber> {
    for _ in 0..100 {
        let number = AccountNumber::from_index(random::below(AccountNumber::COUNT)?);
        let row = account_number::ActiveModel { number: Set(stored_number(number)) };
        let inserted = account_number::Entity::insert(row)
            .on_conflict_do_nothing_on([account_number::Column::Number])
            .exec_without_returning(transaction)
            .await?;
        if matches!(inserted, TryInsertResult::Inserted(1)) {
            return Ok(number);
        }
    }
    Err(Error::Internal("no free Account ID was drawn in 100 tries".to_owned()))
}

async fn insert(
    transaction: &Transaction,
    partner: i64,
    number: AccountNumber,
    new: &NewAccount,
    now: i64,
) -> Result<account::Model> {
    let row = row(partner, number, &new.customer, &new.cloud_location, now);
    Ok(account::Entity::insert(row).exec_with_returning(transaction).await?)
}

/// The row of a new account, without the words by which it is found.
pub(crate) fn row(
    partner: i64,
    number: AccountNumber,
    customer: &CustomerInformation,
    cloud_location: &str,
    now: i64,
) -> account::ActiveModel {
    account::ActiveModel {
        id: NotSet,
        partner_id: Set(partner),
        number: Set(stored_number(number)),
        status: Set(AccountStatus::Active.key().to_owned()),
        version: Set(1),
        created_at: Set(now),
        cloud_location: Set(cloud_location.to_owned()),
        micloud_connect: Set(false),
        sap_number: Set(None),
        pbx_type: Set(None),
        partners_own: Set(false),
        bandwidth_optimisation: Set(false),
        deleted_at: Set(None),
        status_before: Set(None),
        search_text: Set(String::new()),
        is_indexed: Set(false),
        ..information_columns(customer, now)
    }
}

/// The columns that hold customer information, set to `customer`.
pub(crate) fn information_columns(customer: &CustomerInformation, now: i64) -> account::ActiveModel {
    account::ActiveModel {
        updated_at: Set(now),
        name: Set(customer.name.clone()),
        name_key: Set(search::sort_key(&customer.name)),
        country: Set(customer.country.to_string()),
        subdivision: Set(customer.subdivision.clone()),
        address1: Set(customer.address1.clone()),
        address2: Set(customer.address2.clone()),
        city: Set(customer.city.clone()),
        city_key: Set(customer.city.as_deref().map(search::sort_key).unwrap_or_default()),
        postal_code: Set(customer.postal_code.as_ref().map(PostalCode::to_string)),
        language: Set(customer.language.tag().to_owned()),
        business_type: Set(customer.business_type.map(|kind| kind.key().to_owned())),
        ..Default::default()
    }
}
