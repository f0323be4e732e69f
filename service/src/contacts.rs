//! Support contacts: to whom problems with an account are reported. There is always one at least.

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

use crate::{
    Backend,
    accounts::{self, authorise, panels},
    activity::{Actor, Record},
    entity::{account, support_contact},
    error::{Error, Result},
    idempotency::{self, Claim},
    outbox::{self, Delivery, MailText},
    search,
    store::Transaction,
};

/// The most contacts of one account.
pub const MOST: u16 = 20;

/// The field that errors name.
const FIELD: &str = "contact";

/// A support contact as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownContact {
    /// The key of its row.
    pub id: i64,
    /// Address.
    pub email: String,
    /// The name, of a person of the partner.
    pub name: Option<String>,
    /// What became of the last mail to it.
    pub last_mail: Option<LastMail>,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastMail {
    /// Whether it was sent.
    pub delivery: Delivery,
    /// Why it was not, so far.
    pub failure: Option<MailFailure>,
    /// The mail server's words for that.
    pub detail: Option<String>,
}

/// A person of the partner.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct FoundPerson {
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
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
    let all = FoundPerson::find_by_statement(statement).all(database).await?;
    let terms = search::terms(typed);
    let matches = |person: &FoundPerson| {
        let words = search::index_words(&format!("{} {}", person.name, person.email));
        !terms.is_empty() && terms.iter().all(|term| term.matches(&words))
    };
    Ok(all.into_iter().filter(matches).take(10).collect())
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
    let email = meant(&transaction, row.partner_id, typed).await?;
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

/// The address that was typed or meant.
async fn meant(database: &impl ConnectionTrait, partner: i64, typed: &str) -> Result<EmailAddress> {
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

/// Removes a contact. One that is not there any more is gone already.
///
/// # Errors
/// [`Error::Invalid`] for the last one; [`Error::NotFound`] and [`Error::Forbidden`] by rights.
#[tracing::instrument(name = "contacts::remove", skip_all, fields(person = caller.person.0, account = %number))]
pub async fn remove(backend: &Backend, caller: &Caller, number: AccountNumber, email: &EmailAddress) -> Result<()> {
    let (transaction, row) = accounts::begin(backend, caller, Action::EditSupportContacts, number).await?;
    let present = present(&transaction, row.id).await?;
    let Some(contact) = present.iter().find(|contact| contact.email == email.as_str()) else { return Ok(()) };
    if present.len() == 1 {
        return Err(Error::field(FIELD, FieldError::LastContact));
    }
    support_contact::Entity::delete_by_id(contact.id).exec(&transaction).await?;
    search::index::update_account(&transaction, row.id).await?;
    record(&transaction, backend, caller, &row, ActivityKind::SupportContactRemoved, email.as_str(), "").await?;
    transaction.commit().await
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
    let contacts = panels::load(&transaction, &row).await?.contacts;
    let contact = contacts.into_iter().find(|contact| contact.email == email.as_str()).ok_or(Error::NotFound)?;
    if contact.last_mail.is_some_and(|mail| mail.delivery == Delivery::Waiting) {
        return Ok(());
    }
    let now = backend.clock.now();
    outbox::count(&transaction, caller.person, &row, std::slice::from_ref(&contact.email), now).await?;
    outbox::write(&transaction, row.id, None, [contact.email.clone()], &text(&row.name), now).await?;
    record(&transaction, backend, caller, &row, ActivityKind::TestMessageSent, "", &contact.email).await?;
    claimed.complete(&transaction, "").await?;
    transaction.commit().await?;
    backend.mail_waits.notify_one();
    Ok(())
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
) -> Result<()> {
    let change = Change { field: "support_contact".to_owned(), old: old.to_owned(), new: new.to_owned() };
    Record::of(backend, row, Actor::Person(caller), kind, &[change]).write(transaction).await?;
    Ok(())
}
