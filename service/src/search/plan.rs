//! The choice between gathering what has a term and walking the order of a list.

use std::cmp::Reverse;

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::terms::Term;
use crate::{error::Result, sql::Sql};

/// How far a search goes on one way before it takes the other. Both find the same rows; by default the
/// quicker is taken.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most rows with the rarest term that are gathered instead of walking the order.
    pub gather: u64,
    /// The most rows of the order that are looked at before all with the rarest term are gathered after all.
    pub walk: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // Gathering a row costs about ten times as much as walking past one.
        Self { gather: 2_000, walk: 40_000 }
    }
}

/// How the rows of a search are read.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// Nothing is searched for.
    Everything,
    /// No row has every term.
    Nothing,
    /// Few rows have this term: they are gathered, and the other terms are matched.
    Gather(Term),
    /// Many rows have every term, the fewest presumably this one: the order is walked.
    Walk(Term),
}

/// The plan for finding the rows with all of `terms`. `push_keys` adds a query for the keys of the rows with
/// a term to a statement; a key may come several times.
pub(crate) async fn plan(
    database: &impl ConnectionTrait,
    terms: &[Term],
    gather: u64,
    push_keys: impl Fn(&mut Sql, &Term),
) -> Result<Plan> {
    // The longest term is most often the rarest.
    let mut longest_first: Vec<&Term> = terms.iter().collect();
    longest_first.sort_by_key(|term| Reverse(term.prefixes[0].len()));
    for term in &longest_first {
        let mut keys = Sql::new(database.get_database_backend());
        push_keys(&mut keys, term);
        match count(database, keys, gather + 1).await? {
            0 => return Ok(Plan::Nothing),
            found if found <= gather => return Ok(Plan::Gather((*term).clone())),
            _ => {}
        }
    }
    Ok(longest_first.first().map_or(Plan::Everything, |term| Plan::Walk((*term).clone())))
}

/// How many rows `select` gives, counted up to `most`.
pub(crate) async fn count(database: &impl ConnectionTrait, select: Sql, most: u64) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Counted {
        counted: i64,
    }
    let row = Counted::find_by_statement(select.counting(most).statement()).one(database).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.counted).unwrap_or_default()))
}
