//! Records of activity.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::paging::Page;
use crate::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    id::PersonId,
    time::Timestamp,
};

/// Where a page begins: after, or before, a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityCursor {
    /// When that was.
    pub at: Timestamp,
    /// Its place among those of that time.
    pub id: i64,
    /// Whether the page ends before it instead of beginning after it.
    pub before: bool,
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityQuery {
    /// What was typed into the search field: words of values, of an account's name, or an Account ID.
    pub search: String,
    /// Words of the name of who did it.
    pub person: String,
    /// What was done.
    pub kind: Option<ActivityKind>,
    /// The first day, in UTC.
    pub from: Option<Date>,
    /// The last day, in UTC.
    pub until: Option<Date>,
    /// Where the page begins; `None` for the latest records.
    pub cursor: Option<ActivityCursor>,
}

/// A record of activity as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityRecord {
    /// Its key, by which a change can be undone.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who: a name of that moment; empty for the operator, or for somebody of whom no more may be told.
    pub person_name: String,
    /// Who, if it was a person of whom may be told; their name may be that of another.
    pub person: Option<PersonId>,
    /// Their present address; `None` also where they are gone.
    pub person_email: Option<String>,
    /// What was done.
    pub kind: ActivityKind,
    /// From which values to which.
    pub changes: Vec<Change>,
    /// The account, with its present name; `None` for what concerns none, or one that was purged.
    pub account: Option<(AccountNumber, String)>,
}

/// One page of records, the latest first: the page before it is of later ones.
pub type ActivityPage = Page<ActivityRecord, ActivityCursor>;
