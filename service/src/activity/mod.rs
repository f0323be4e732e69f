//! The record of activity: who did what, when, from which value to which, and what was refused.
//!
//! A record is written in the transaction of the change it tells of, and never changed afterwards.

pub mod export;
pub mod find;

use std::collections::BTreeMap;

use domain::{
    activity::{ActivityKind, Change},
    id::{AccountId, PartnerId, PersonId},
    rights::Action,
    role::Caller,
    time::Timestamp,
};
use sea_orm::{ActiveValue::NotSet, EntityTrait, Set};
use serde::Serialize;

use crate::{
    Backend,
    entity::{account, activity, activity_word},
    error::{Error, Result},
    live::Changed,
    rate_limit::{self, Limit},
    search,
    store::{Event, Transaction},
};

/// The most words of one record by which it is found.
const WORDS: usize = 64;

/// The words that one statement writes.
const WORD_ROWS: usize = 500;

/// Who did something.
#[derive(Clone, Copy)]
pub(crate) enum Actor<'a> {
    /// A person, from their seat.
    Person(&'a Caller),
    /// A person, to their own profile.
    Oneself {
        /// Who.
        person: PersonId,
        /// Under which name.
        name: &'a str,
    },
    /// The operator, on the command line, or the server by itself.
    Operator,
    /// Something that has no sign-in, by its name: a gateway by its serial number.
    Named(&'a str),
}

/// What is recorded.
pub(crate) struct Record<'a> {
    /// When it was done.
    pub(crate) at: Timestamp,
    /// Within which partner.
    pub(crate) partner: PartnerId,
    /// To which account.
    pub(crate) account: Option<AccountId>,
    /// To which version of its customer information this led.
    pub(crate) version: Option<i64>,
    /// By whom.
    pub(crate) by: Actor<'a>,
    /// What was done.
    pub(crate) kind: ActivityKind,
    /// What changed by it.
    pub(crate) changes: &'a [Change],
    /// What takes it back, where its changes do not tell all; as JSON.
    pub(crate) reversal: Option<String>,
}

impl<'a> Record<'a> {
    /// What was just done to `account`.
    pub(crate) fn of(
        backend: &Backend,
        account: &account::Model,
        by: Actor<'a>,
        kind: ActivityKind,
        changes: &'a [Change],
    ) -> Self {
        Self {
            account: Some(AccountId(account.id)),
            ..Self::of_partner(backend, PartnerId(account.partner_id), by, kind, changes)
        }
    }

    /// What was just done to `partner` as a whole.
    pub(crate) fn of_partner(
        backend: &Backend,
        partner: PartnerId,
        by: Actor<'a>,
        kind: ActivityKind,
        changes: &'a [Change],
    ) -> Self {
        let at = backend.clock.now();
        Self { at, partner, account: None, version: None, by, kind, changes, reversal: None }
    }

    /// Adds the record to `transaction`; gives its key. Open pages hear of it after the commit.
    pub(crate) async fn write(self, transaction: &Transaction) -> Result<i64> {
        let (partner, account) = (Some(self.partner), self.account);
        let id = self.write_silently(transaction).await?;
        transaction.after_commit(Event::Changed(Changed { partner, account, record: Some(id) }));
        Ok(id)
    }

    /// The same, of which no page hears.
    async fn write_silently(self, transaction: &Transaction) -> Result<i64> {
        let words = words_of(self.kind, self.changes);
        let row = self.row(&words)?;
        let id = activity::Entity::insert(row).exec(transaction).await?.last_insert_id;
        add_words(transaction, self.partner, id, words).await?;
        transaction.recorded();
        Ok(id)
    }

    /// The row of the record, found by `words`.
    pub(crate) fn row(&self, words: &[String]) -> Result<activity::ActiveModel> {
        let (person, name) = match self.by {
            Actor::Person(caller) => (Some(caller.person.0), caller.name.as_str()),
            Actor::Oneself { person, name } => (Some(person.0), name),
            Actor::Operator => (None, ""),
            Actor::Named(name) => (None, name),
        };
        Ok(activity::ActiveModel {
            id: NotSet,
            partner_id: Set(self.partner.0),
            account_id: Set(self.account.map(|account| account.0)),
            account_version: Set(self.version),
            person_id: Set(person),
            person_name: Set(name.to_owned()),
            at: Set(self.at.0),
            kind: Set(self.kind.key().to_owned()),
            changes: Set(to_json(self.changes)?),
            // Of those without a sign-in there may be very many; they are no people to filter by.
            person_key: Set(person.map_or_else(String::new, |_| search::fold(name))),
            search_text: Set((!words.is_empty()).then(|| search::index::search_text(words))),
            is_indexed: Set(true),
            reversal: Set(self.reversal.clone()),
        })
    }
}

/// Adds several records to `transaction` at once, all of one partner. Open pages hear of the last of each
/// account after the commit.
pub(crate) async fn write_all(transaction: &Transaction, records: &[Record<'_>]) -> Result<()> {
    let Some(partner) = records.first().map(|record| record.partner) else { return Ok(()) };
    let rows: Result<Vec<_>> =
        records.iter().map(|record| record.row(&words_of(record.kind, record.changes))).collect();
    let written = activity::Entity::insert_many(rows?).exec_with_returning(transaction).await?;
    let words: Vec<_> = written
        .iter()
        .flat_map(|row| {
            row.search_text.iter().flat_map(|text| text.split_ascii_whitespace()).map(|word| (row.id, word))
        })
        .map(|(id, word)| activity_word::ActiveModel {
            partner_id: Set(partner.0),
            word: Set(word.to_owned()),
            activity_id: Set(id),
        })
        .collect();
    for words in words.chunks(WORD_ROWS) {
        activity_word::Entity::insert_many(words.iter().cloned()).exec_without_returning(transaction).await?;
    }
    let mut last: BTreeMap<Option<i64>, i64> = BTreeMap::new();
    for row in &written {
        let id = last.entry(row.account_id).or_default();
        *id = row.id.max(*id);
    }
    for (account, id) in last {
        let changed = Changed { partner: Some(partner), account: account.map(AccountId), record: Some(id) };
        transaction.after_commit(Event::Changed(changed));
    }
    transaction.recorded();
    Ok(())
}

pub(crate) async fn add_words(
    transaction: &Transaction,
    partner: PartnerId,
    id: i64,
    words: Vec<String>,
) -> Result<()> {
    if words.is_empty() {
        return Ok(());
    }
    let rows = words.into_iter().map(|word| activity_word::ActiveModel {
        partner_id: Set(partner.0),
        word: Set(word),
        activity_id: Set(id),
    });
    activity_word::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    Ok(())
}

/// The words by which a record of `changes` is found: those of the values, and of a switch the words of
/// what was switched. The adding of an account is found by the account's own words.
pub(crate) fn words_of(kind: ActivityKind, changes: &[Change]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    if kind == ActivityKind::AccountAdded {
        return all;
    }
    for change in changes {
        let texts = match change.field.split_once(':') {
            Some((_, switched)) => [switched, ""],
            None => [change.new.as_str(), change.old.as_str()],
        };
        for word in texts.into_iter().flat_map(search::index_words) {
            if all.len() < WORDS && !all.contains(&word) {
                all.push(word);
            }
        }
    }
    all
}

/// How many attempts of one person are refused, and recorded, in a quarter of an hour: far more than anyone
/// comes by who does not try to fill the activity of others.
const MAX_REFUSALS: i32 = 100;

/// Records that `caller` was refused `action`, with `account` or with all of their partner.
///
/// What the caller's own partner is told does not depend on whether there is an account of another partner, or
/// none. That other partner is told of the attempt, and not who made it.
///
/// # Errors
/// [`Error::RateLimited`] when they have tried too often.
pub(crate) async fn record_refusal(
    backend: &Backend,
    caller: &Caller,
    action: Action,
    account: Option<&account::Model>,
    error: &Error,
) -> Result<()> {
    let partner = caller.seat.partner();
    let reason = match error {
        Error::Forbidden(reason) => reason.key(),
        _ => "hidden",
    };
    let changes = [Change { field: "action".to_owned(), old: reason.to_owned(), new: action.key().to_owned() }];
    let kind = ActivityKind::AttemptRefused;
    let (own, foreign) = match account {
        Some(account) if account.partner_id == partner.0 => (Some(account), None),
        account => (None, account),
    };
    let transaction = backend.store.begin().await?;
    let limit = Limit::new("refused attempts", &[&caller.person.0.to_string()], MAX_REFUSALS);
    rate_limit::count(&transaction, backend.clock.now(), &[limit]).await?;
    let record = Record::of_partner(backend, partner, Actor::Person(caller), kind, &changes);
    Record { account: own.map(|account| AccountId(account.id)), ..record }.write(&transaction).await?;
    if let Some(foreign) = foreign {
        // Nobody can make the pages of another partner ask for themselves again and again.
        Record::of(backend, foreign, Actor::Operator, kind, &changes).write_silently(&transaction).await?;
    }
    transaction.commit().await
}

/// What takes a change back, as it is stored.
pub(crate) fn reversal_to_json(reversal: &impl Serialize) -> Result<String> {
    serde_json::to_string(reversal).map_err(|error| Error::Internal(format!("a reversal cannot be written: {error}")))
}

/// The changes as they are stored.
pub(crate) fn to_json(changes: &[Change]) -> Result<String> {
    serde_json::to_string(changes).map_err(|error| Error::Internal(format!("changes cannot be written: {error}")))
}

/// The changes of a stored record.
pub(crate) fn from_json(text: &str) -> Result<Vec<Change>> {
    serde_json::from_str(text).map_err(|error| Error::Internal(format!("a record of activity cannot be read: {error}")))
}
