//! The words of what can be found: writing them, and asking for them.

use std::collections::BTreeMap;

use domain::{country::CountryCode, id::PartnerId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Unchanged, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use super::{
    terms::Term,
    text::{account_number_words, index_words, sap_words},
};
use crate::{
    entity::{account, account_word, support_contact},
    error::Result,
    sql::{Sql, is_among},
    store::Transaction,
};

/// What follows every word that begins with a prefix, when it is put behind the prefix.
const LAST: char = '\u{10FFFF}';

/// A table of words, by its name and the name of the column with the key of what has the word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WordTable {
    table: &'static str,
    key: &'static str,
    /// Whether the words of contacts and countries count as well.
    with_marked: bool,
}

/// The words of accounts.
pub(crate) const ACCOUNTS: WordTable = WordTable { table: "account_word", key: "account_id", with_marked: true };
/// The words of accounts without those of their contacts and countries: what else has to do with an account is
/// not found by them.
pub(crate) const ACCOUNT_NAMES: WordTable = WordTable { with_marked: false, ..ACCOUNTS };
/// The words of orders.
pub(crate) const ORDERS: WordTable = WordTable { table: "order_word", key: "order_id", with_marked: false };
/// The words of records of activity.
pub(crate) const ACTIVITY: WordTable = WordTable { table: "activity_word", key: "activity_id", with_marked: false };

impl WordTable {
    /// Adds a query for the keys, as `id`, of what of `partner` has `term`; some several times.
    pub(crate) fn push_keys(self, sql: &mut Sql, partner: PartnerId, term: &Term) {
        let Self { table, key, with_marked } = self;
        let select = format!("SELECT {key} AS id FROM {table} WHERE partner_id = ");
        let mut separator = "";
        for prefix in &term.prefixes {
            sql.push(separator).push(&select).bind(partner.0).push(" AND ");
            push_prefix(sql, "word", prefix);
            separator = " UNION ALL ";
            if with_marked {
                sql.push(separator).push(&select).bind(partner.0).push(" AND ");
                push_prefix(sql, "word", &contact_word(prefix));
            }
        }
        if with_marked && !term.countries.is_empty() {
            let words: Vec<String> = term.countries.iter().map(|code| country_word(code.as_str())).collect();
            sql.push(separator).push(&select).bind(partner.0).push(" AND word IN ").bind_list(words);
        }
    }

    /// Adds what stands behind FROM in a query for the words of `partner` that begin with the value of `column`.
    pub(crate) fn push_beginning_with(self, sql: &mut Sql, partner: PartnerId, column: &str) {
        sql.push(self.table).push(" WHERE partner_id = ").bind(partner.0);
        sql.push(&format!(" AND word >= {column} AND word < {column} || ")).bind(LAST.to_string());
    }
}

/// What follows every text that begins with `prefix`.
pub(crate) fn end_of(prefix: &str) -> String {
    format!("{prefix}{LAST}")
}

/// Adds the condition that `column` begins with `prefix`.
pub(crate) fn push_prefix(sql: &mut Sql, column: &str, prefix: &str) {
    sql.push(column).push(" >= ").bind(prefix).push(" AND ");
    sql.push(column).push(" < ").bind(end_of(prefix));
}

/// Adds the condition that the row `alias` has `term` among its own words.
pub(crate) fn push_has(sql: &mut Sql, alias: &str, term: &Term) {
    let mut separator = "(";
    for prefix in &term.prefixes {
        // A prefix has letters and digits only, so nothing in it is a wildcard.
        sql.push(separator).push(alias).push(".search_text LIKE ").bind(format!("% {prefix}%"));
        separator = " OR ";
    }
    sql.push(")");
}

/// Adds the condition that the account `alias` has `term` among its words or those of its contacts, or is in one
/// of its countries.
pub(crate) fn push_account_has(sql: &mut Sql, alias: &str, term: &Term) {
    sql.push("(");
    push_has(sql, alias, term);
    for prefix in &term.prefixes {
        sql.push(" OR ").push(alias).push(".search_text LIKE ").bind(format!("% {}%", contact_word(prefix)));
    }
    if !term.countries.is_empty() {
        let codes: Vec<&str> = term.countries.iter().map(CountryCode::as_str).collect();
        sql.push(" OR ").push(alias).push(".country IN ").bind_list(codes);
    }
    sql.push(")");
}

/// The text in which a row is matched: every word with a space before it.
pub(crate) fn search_text(words: &[String]) -> String {
    words.iter().flat_map(|word| [" ", word]).collect()
}

/// A word of the address of a contact, which is marked as such.
fn contact_word(word: &str) -> String {
    format!("@{word}")
}

/// The word for the country of an account, which nobody can type.
fn country_word(code: &str) -> String {
    format!("={code}")
}

/// By what an account is found.
pub(crate) struct AccountText<'a> {
    /// Customer name.
    pub(crate) name: &'a str,
    /// City.
    pub(crate) city: Option<&'a str>,
    /// ISO 3166-1 code.
    pub(crate) country: &'a str,
    /// Account ID.
    pub(crate) number: i32,
    /// SAP customer number.
    pub(crate) sap_number: Option<&'a str>,
    /// Addresses of the support contacts.
    pub(crate) contacts: &'a [String],
}

impl AccountText<'_> {
    /// Every word of the account, each once.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut all = index_words(self.name);
        all.extend(self.city.map(index_words).unwrap_or_default());
        all.extend(account_number_words(self.number));
        all.extend(self.sap_number.map(sap_words).unwrap_or_default());
        all.extend(self.contacts.iter().flat_map(|contact| index_words(contact)).map(|word| contact_word(&word)));
        all.push(country_word(self.country));
        let mut known = std::collections::HashSet::new();
        all.retain(|word| known.insert(word.clone()));
        all
    }
}

/// Brings the words of an account up to date with what is stored of it.
pub(crate) async fn update_account(transaction: &Transaction, id: i64) -> Result<()> {
    update_accounts(transaction, &[id]).await
}

/// The words that one statement writes.
const WORD_ROWS: usize = 500;

/// Brings the words of accounts up to date with what is stored of them.
pub(crate) async fn update_accounts(transaction: &Transaction, ids: &[i64]) -> Result<()> {
    let chosen = is_among(transaction, account::Column::Id, ids.iter().copied());
    let rows = account::Entity::find().filter(chosen).all(transaction).await?;
    let mut contacts: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let all: Vec<(i64, String)> = support_contact::Entity::find()
        .select_only()
        .columns([support_contact::Column::AccountId, support_contact::Column::Email])
        .filter(is_among(transaction, support_contact::Column::AccountId, ids.iter().copied()))
        .order_by_asc(support_contact::Column::Id)
        .into_tuple()
        .all(transaction)
        .await?;
    for (account, email) in all {
        contacts.entry(account).or_default().push(email);
    }
    let mut words = Vec::new();
    for row in rows {
        let text = AccountText {
            name: &row.name,
            city: row.city.as_deref(),
            country: &row.country,
            number: row.number,
            sap_number: row.sap_number.as_deref(),
            contacts: contacts.get(&row.id).map_or(&[], Vec::as_slice),
        };
        let of_account = text.words();
        let search_text = search_text(&of_account);
        if row.is_indexed && search_text == row.search_text {
            continue;
        }
        account_word::Entity::delete_many()
            .filter(account_word::Column::AccountId.eq(row.id))
            .exec(transaction)
            .await?;
        words.extend(of_account.into_iter().map(|word| account_word::ActiveModel {
            partner_id: Set(row.partner_id),
            word: Set(word),
            account_id: Set(row.id),
        }));
        let change = account::ActiveModel {
            id: Unchanged(row.id),
            search_text: Set(search_text),
            is_indexed: Set(true),
            ..Default::default()
        };
        change.update(transaction).await?;
    }
    for words in words.chunks(WORD_ROWS) {
        account_word::Entity::insert_many(words.iter().cloned()).exec_without_returning(transaction).await?;
    }
    Ok(())
}
