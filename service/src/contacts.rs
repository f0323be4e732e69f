//! Support contacts: to whom problems with an account are reported. There is always one at least.

use domain::mail::Delivery;
use domain::view::contacts::{FoundPerson, LastMail, SupportContact};
use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::{FieldError, required_email},
    email::EmailAddress,
    mail::MailFailure,
    rights::Action,
    role::Caller,
    text::normalize_line,
};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Set,
    Statement,
};
use serde::{Deserialize, Serialize};

use crate::{
    Backend,
    accounts::{self, authorise},
    activity::{self, Actor, Record},
    entity::{account, support_contact},
    error::{Error, Result},
    idempotency::{self, Claim},
    json_rows::JsonRows,
    outbox::{self, MailText},
    search,
    store::Transaction,
};

/// The most contacts of one account.
pub const MOST: u16 = 20;

/// The field that errors name.
const FIELD: &str = "contact";

/// An account's contacts, in the order in which they were added, each with the last mail to it and, of a
/// person of the partner, the name.
pub(crate) const ROWS: JsonRows<ContactRow> = JsonRows::new(
    "support_contact",
    &["id", "email", "name", "state", "failure", "last_error"],
    "SELECT c.id, c.email, l.state, l.failure, l.last_error, \
        (SELECT p.name FROM person p JOIN membership m ON m.person_id = p.id \
            WHERE p.email = c.email AND m.partner_id = a.partner_id AND m.account_id IS NULL) AS name \
        FROM account a JOIN support_contact c ON c.account_id = a.id LEFT JOIN mail l ON l.id = \
            (SELECT MAX(id) FROM mail WHERE account_id = $1 AND recipient = c.email) \
        WHERE a.id = $1 ORDER BY c.id",
);

/// A row of [`ROWS`].
#[derive(Debug, Deserialize)]
pub(crate) struct ContactRow {
    id: i64,
    email: String,
    name: Option<String>,
    state: Option<String>,
    failure: Option<String>,
    last_error: Option<String>,
}

impl From<ContactRow> for SupportContact {
    fn from(row: ContactRow) -> Self {
        let (failure, detail) = (row.failure.as_deref().and_then(MailFailure::from_key), row.last_error);
        let last_mail = row.state.map(|state| LastMail { delivery: Delivery::from_key(&state), failure, detail });
        Self { id: row.id, email: row.email, name: row.name, last_mail }
    }
}

#[derive(FromQueryResult)]
struct PersonRow {
    name: String,
    email: String,
}

/// The people of the account's partner of whose name or address a word begins with each of the words
/// typed; at most ten.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "contacts::find_people", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn find_people(
    backend: &Backend,
    caller: &Caller,
    number: AccountNumber,
    typed: &str,
) -> Result<Vec<FoundPerson>> {
    let database = backend.store.reader();
    let row = authorise(database, caller, Action::EditSupportContacts, number).await?;
    people(database, row.partner_id, typed).await
}

/// The most people of a partner among whom somebody is looked for; others are added by their address.
const SEARCHED: i64 = 2_000;

async fn people(database: &impl ConnectionTrait, partner: i64, typed: &str) -> Result<Vec<FoundPerson>> {
    let sql = "SELECT p.name, p.email FROM membership m JOIN person p ON p.id = m.person_id \
        WHERE m.partner_id = $1 AND m.account_id IS NULL ORDER BY p.name, p.id LIMIT $2";
    let statement =
        Statement::from_sql_and_values(database.get_database_backend(), sql, [partner.into(), SEARCHED.into()]);
    let all = PersonRow::find_by_statement(statement).all(database).await?;
    let terms = search::terms(typed);
    let matches = |person: &PersonRow| {
        let words = search::index_words(&format!("{} {}", person.name, person.email));
        !terms.is_empty() && terms.iter().all(|term| term.matches(&words))
    };
    let found = all.into_iter().filter(matches).take(10);
    Ok(found.map(|PersonRow { name, email }| FoundPerson { name, email }).collect())
}

/// Adds a contact: an address, or enough of a name to mean one person of the partner.
///
/// # Errors
/// [`Error::Invalid`] when it is neither, or there already; [`Error::NotFound`] and
/// [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "contacts::add", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn add(backend: &Backend, caller: &Caller, number: AccountNumber, typed: &str) -> Result<EmailAddress> {
    let (transaction, row) = accounts::begin(backend, caller, Action::EditSupportContacts, number).await?;
    let content = [number.to_string(), typed.to_owned()];
    let claimed = match idempotency::claim(backend, &transaction, caller, "add_contact", &content).await? {
        Claim::Repeat(email) => {
            return EmailAddress::parse(&email).map_err(|error| Error::Internal(format!("{email}: {error}")));
        }
        Claim::First(claimed) => claimed,
    };
    let email = resolve(&transaction, row.partner_id, typed).await?;
    let present = present(&transaction, row.id).await?;
    if present.iter().any(|contact| contact.email == email.as_str()) {
        return Err(Error::field(FIELD, FieldError::Duplicate));
    }
    if present.len() >= usize::from(MOST) {
        return Err(Error::field(FIELD, FieldError::TooMany { max: MOST }));
    }
    let now = backend.clock.now();
    let contact = support_contact::ActiveModel {
        id: NotSet,
        account_id: Set(row.id),
        email: Set(email.to_string()),
        created_at: Set(now.0),
    };
    support_contact::Entity::insert(contact).exec_without_returning(&transaction).await?;
    search::index::update_account(&transaction, row.id).await?;
    record(&transaction, backend, caller, &row, ActivityKind::SupportContactAdded, "", email.as_str()).await?;
    claimed.complete(&transaction, email.as_str()).await?;
    transaction.commit().await?;
    Ok(email)
}

/// The address that was typed, or that of the one person whose name was.
async fn resolve(database: &impl ConnectionTrait, partner: i64, typed: &str) -> Result<EmailAddress> {
    if normalize_line(typed).is_empty() {
        return Err(Error::field(FIELD, FieldError::Required));
    }
    if EmailAddress::is_meant(typed) {
        return required_email(typed).map_err(|error| Error::field(FIELD, error));
    }
    let mut found = people(database, partner, typed).await?;
    match (found.pop(), found.is_empty()) {
        (Some(person), true) => {
            EmailAddress::parse(&person.email).map_err(|error| Error::Internal(format!("{}: {error}", person.email)))
        }
        (Some(_), false) => Err(Error::field(FIELD, FieldError::SeveralPeople)),
        (None, _) => Err(Error::field(FIELD, FieldError::NobodyFound)),
    }
}

/// A contact that was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedContact {
    /// The key that its row had, and has again when the removal is undone.
    pub id: i64,
    /// The record of activity by which the removal is undone.
    pub record: i64,
}

/// Removes a contact. One that is not there any more is gone already.
///
/// # Errors
/// [`Error::Invalid`] for the last one; [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "contacts::remove", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn remove(
    backend: &Backend,
    caller: &Caller,
    number: AccountNumber,
    email: &EmailAddress,
) -> Result<Option<RemovedContact>> {
    let (transaction, row) = accounts::begin(backend, caller, Action::EditSupportContacts, number).await?;
    let present = present(&transaction, row.id).await?;
    let Some(contact) = present.iter().find(|contact| contact.email == email.as_str()) else { return Ok(None) };
    if present.len() == 1 {
        return Err(Error::field(FIELD, FieldError::LastContact));
    }
    let id = contact.id;
    let record = delete(&transaction, backend, caller, &row, contact, ActivityKind::SupportContactRemoved).await?;
    transaction.commit().await?;
    Ok(Some(RemovedContact { id, record }))
}

/// What a record of a removal keeps besides the address.
#[derive(Serialize, Deserialize)]
struct Reversal {
    contact: i64,
}

async fn delete(
    transaction: &Transaction,
    backend: &Backend,
    caller: &Caller,
    row: &account::Model,
    contact: &support_contact::Model,
    kind: ActivityKind,
) -> Result<i64> {
    support_contact::Entity::delete_by_id(contact.id).exec(transaction).await?;
    search::index::update_account(transaction, row.id).await?;
    let changes = [change(&contact.email, "")];
    let reversal = Some(activity::reversal_to_json(&Reversal { contact: contact.id })?);
    let record = Record::of(backend, row, Actor::Person(caller), kind, &changes);
    Record { reversal, ..record }.write(transaction).await
}

/// Takes back that a contact was added or removed. One that was removed stands where it was. Gives the
/// record of the counter-change.
///
/// # Errors
/// [`Error::Outdated`] when it cannot be any more.
pub(crate) async fn take_back(
    transaction: &Transaction,
    backend: &Backend,
    caller: &Caller,
    row: &account::Model,
    undone: &Change,
    reversal: Option<&str>,
) -> Result<i64> {
    let kind = ActivityKind::ChangeUndone;
    let present = present(transaction, row.id).await?;
    if let Some(contact) = present.iter().find(|contact| contact.email == undone.new) {
        return if present.len() == 1 {
            Err(Error::Outdated)
        } else {
            delete(transaction, backend, caller, row, contact, kind).await
        };
    }
    let is_there = present.iter().any(|contact| contact.email == undone.old);
    if undone.old.is_empty() || is_there || present.len() >= usize::from(MOST) {
        return Err(Error::Outdated);
    }
    let kept = reversal.and_then(|reversal| serde_json::from_str::<Reversal>(reversal).ok());
    let contact = support_contact::ActiveModel {
        id: kept.map_or(NotSet, |kept| Set(kept.contact)),
        account_id: Set(row.id),
        email: Set(undone.old.clone()),
        created_at: Set(backend.clock.now().0),
    };
    support_contact::Entity::insert(contact).exec_without_returning(transaction).await?;
    search::index::update_account(transaction, row.id).await?;
    record(transaction, backend, caller, row, kind, "", &undone.old).await
}

/// Sends a test message to a contact; `text` makes it of the account's name. While one is still under
/// way, no second is sent.
///
/// # Errors
/// [`Error::RateLimited`] after too many messages; [`Error::NotFound`] when there is no such contact; also, and
/// [`Error::Forbidden`], by rights.
#[tracing::instrument(name = "contacts::send_test", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn send_test(
    backend: &Backend,
    caller: &Caller,
    number: AccountNumber,
    email: &EmailAddress,
    text: impl FnOnce(&str) -> MailText,
) -> Result<()> {
    let (transaction, row) = accounts::begin(backend, caller, Action::EditSupportContacts, number).await?;
    let content = [number.to_string(), email.to_string()];
    let claimed = match idempotency::claim(backend, &transaction, caller, "send_test_message", &content).await? {
        Claim::Repeat(_) => return Ok(()),
        Claim::First(claimed) => claimed,
    };
    let contacts = ROWS.load(&transaction, row.id).await?.into_iter().map(SupportContact::from);
    let contact = contacts.into_iter().find(|contact| contact.email == email.as_str()).ok_or(Error::NotFound)?;
    if contact.last_mail.is_some_and(|mail| mail.delivery == Delivery::Waiting) {
        return Ok(());
    }
    let now = backend.clock.now();
    outbox::count(&transaction, caller.person, &row, std::slice::from_ref(&contact.email), now).await?;
    outbox::write(&transaction, row.id, None, [contact.email.clone()], &text(&row.name), now).await?;
    record(&transaction, backend, caller, &row, ActivityKind::TestMessageSent, "", &contact.email).await?;
    claimed.complete(&transaction, "").await?;
    transaction.commit().await
}

/// The contacts that are there, in the order in which they were added.
pub(crate) async fn present(transaction: &Transaction, account: i64) -> Result<Vec<support_contact::Model>> {
    Ok(support_contact::Entity::find()
        .filter(support_contact::Column::AccountId.eq(account))
        .order_by_asc(support_contact::Column::Id)
        .all(transaction)
        .await?)
}

async fn record(
    transaction: &Transaction,
    backend: &Backend,
    caller: &Caller,
    row: &account::Model,
    kind: ActivityKind,
    old: &str,
    new: &str,
) -> Result<i64> {
    Record::of(backend, row, Actor::Person(caller), kind, &[change(old, new)]).write(transaction).await
}

/// The name of a support contact in records of activity.
pub(crate) const SUPPORT_CONTACT: &str = "support_contact";

fn change(old: &str, new: &str) -> Change {
    Change { field: SUPPORT_CONTACT.to_owned(), old: old.to_owned(), new: new.to_owned() }
}
