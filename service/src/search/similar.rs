//! What somebody may have meant who made one typing error in a word.

use std::collections::BTreeSet;

use domain::id::PartnerId;
use sea_orm::FromQueryResult;

use super::{index::ACCOUNTS, terms::Term};
use crate::{Backend, error::Result, sql::Sql};

/// The fewest letters of a word in which an error is looked for.
const LETTERS_MIN: usize = 5;

/// The most letters of a word in which an error is looked for.
const LETTERS_MAX: usize = 20;

/// The first and the last letter of each alphabet, as folded text has them.
const ALPHABETS: [(char, char); 5] = [('a', 'z'), ('α', 'ω'), ('а', 'я'), ('א', 'ת'), ('ا', 'ي')];

/// The searches that differ from `terms` by one letter of one term, which is then one with which words of
/// the partner's accounts begin.
pub(crate) async fn corrections(backend: &Backend, partner: PartnerId, terms: &[Term]) -> Result<Vec<Vec<Term>>> {
    let mut all = Vec::new();
    for (place, term) in terms.iter().enumerate() {
        let candidates = candidates(&term.prefixes[0]);
        let prefixes = present(backend, partner, candidates).await?;
        if !prefixes.is_empty() {
            let mut corrected = terms.to_vec();
            corrected[place] = Term { prefixes, countries: Vec::new() };
            all.push(corrected);
        }
    }
    Ok(all)
}

/// Those of `prefixes` with which a word of the partner's accounts begins.
async fn present(backend: &Backend, partner: PartnerId, prefixes: BTreeSet<String>) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Present {
        prefix: String,
    }
    if prefixes.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(backend.store.backend());
    sql.push("SELECT list.value AS prefix FROM ").bind_list(prefixes).push(" AS list WHERE EXISTS (SELECT 1 FROM ");
    ACCOUNTS.push_beginning_with(&mut sql, partner, "list.value");
    sql.push(") LIMIT ").bind(PRESENT_MAX);
    let found = Present::find_by_statement(sql.statement()).all(backend.store.reader()).await?;
    Ok(found.into_iter().map(|row| row.prefix).collect())
}

/// The most corrections of a word that are searched for together.
const PRESENT_MAX: i64 = 8;

/// Every text that comes of `word` by leaving out, exchanging, replacing or adding one letter.
fn candidates(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = word.chars().collect();
    let alphabet = ALPHABETS.iter().find(|(first, last)| letters.iter().all(|letter| (first..=last).contains(&letter)));
    let Some(&(first, last)) = alphabet.filter(|_| (LETTERS_MIN..=LETTERS_MAX).contains(&letters.len())) else {
        return BTreeSet::new();
    };
    let with = |change: &dyn Fn(&mut Vec<char>)| {
        let mut letters = letters.clone();
        change(&mut letters);
        letters.into_iter().collect::<String>()
    };
    let mut all = BTreeSet::new();
    for place in 0..=letters.len() {
        all.extend((first..=last).map(|letter| with(&|letters| letters.insert(place, letter))));
        if place < letters.len() {
            all.extend((first..=last).map(|letter| with(&|letters| letters[place] = letter)));
            all.insert(with(&|letters| _ = letters.remove(place)));
        }
        if place + 1 < letters.len() {
            all.insert(with(&|letters| letters.swap(place, place + 1)));
        }
    }
    all.remove(word);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_may_be_missing_too_much_wrong_or_in_the_wrong_place() {
        for typed in ["spdition", "speddition", "spedetion", "psedition", "pedition"] {
            assert!(candidates(typed).contains("spedition"), "{typed}");
        }
        assert!(candidates("αθηας").contains("αθηνας"));
        assert!(candidates("oboe").is_empty());
        assert!(candidates("1234").is_empty());
    }
}
