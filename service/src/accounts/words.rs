//! The words by which an account is found.
//!
//! Text is folded, so that `Müller`, `MULLER` and `muller` are the same, and parted into words. A
//! search finds the accounts of which, for each word typed, some word begins with it.

use domain::account_number::AccountNumber;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{
    entity::{account, account_word},
    error::Result,
    store::Transaction,
};

/// The most words that a search takes into account; more would only narrow it further.
pub(crate) const MOST: usize = 6;

/// The text without case and accents: for sorting names as people look them up.
pub(crate) fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|&character| !is_combining_mark(character))
        .flat_map(char::to_lowercase)
        .flat_map(plain)
        .collect()
}

/// Letters that no decomposition makes plain.
fn plain(character: char) -> impl Iterator<Item = char> {
    let text = match character {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        _ => "",
    };
    text.chars().chain(text.is_empty().then_some(character))
}

/// The folded words of `text`, in order.
pub(crate) fn words(text: &str) -> Vec<String> {
    fold(text)
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The words of what was typed into the search field. An Account ID may be typed in groups, or
/// pasted with its label.
pub(crate) fn searched(typed: &str) -> Vec<String> {
    if let Ok(number) = AccountNumber::parse(typed) {
        return vec![number.to_string()];
    }
    let mut words = words(typed);
    if words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_digit())) && words.concat().len() <= 9 {
        let number = words.concat();
        words = if number.is_empty() { Vec::new() } else { vec![number] };
    }
    words.truncate(MOST);
    words
}

/// What follows every word that begins with `prefix`: the greatest scalar value follows every
/// continuation of it.
pub(crate) fn end_of(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// The text in which a row is matched: every word with a space before it.
pub(crate) fn search_text(words: &[String]) -> String {
    words.iter().flat_map(|word| [" ", word]).collect()
}

/// Every word of an account, each once.
pub(crate) fn of_account(name: &str, city: Option<&str>, number: i32, sap_number: Option<&str>) -> Vec<String> {
    let mut all = words(name);
    all.extend(city.map(words).unwrap_or_default());
    all.push(number.to_string());
    all.extend(sap_number.map(words).unwrap_or_default());
    let mut seen = std::collections::HashSet::new();
    all.retain(|word| seen.insert(word.clone()));
    all
}

/// Replaces the stored words of `account` by `words`.
pub(crate) async fn replace(transaction: &Transaction, account: &account::Model, words: &[String]) -> Result<()> {
    account_word::Entity::delete_many()
        .filter(account_word::Column::AccountId.eq(account.id))
        .exec(transaction)
        .await?;
    let rows = words.iter().map(|word| account_word::ActiveModel {
        partner_id: Set(account.partner_id),
        word: Set(word.clone()),
        account_id: Set(account.id),
    });
    account_word::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_find_names_however_they_type_them() {
        assert_eq!(words("Müller & Söhne GmbH"), ["muller", "sohne", "gmbh"]);
        assert_eq!(words("Straße Łódź Ægir"), ["strasse", "lodz", "aegir"]);
        assert_eq!(words("日本電気"), ["日本電気"]);
        assert_eq!(fold("ÉCOLE Été"), "ecole ete");
    }

    #[test]
    fn an_account_id_may_be_typed_in_groups() {
        assert_eq!(searched("482 913-576"), ["482913576"]);
        assert_eq!(searched("482 91"), ["48291"]);
        assert_eq!(searched("rossi 482"), ["rossi", "482"]);
        assert_eq!(searched("Account ID 301\u{A0}418\u{A0}208"), ["301418208"]);
        assert_eq!(searched("３０１－４１８－２０８"), ["301418208"]);
        assert_eq!(searched(" -%_ "), Vec::<String>::new());
    }

    #[test]
    fn each_word_is_kept_once() {
        assert_eq!(of_account("Roma Roma", Some("Roma"), 100_000_003, None), ["roma", "100000003"]);
    }
}
