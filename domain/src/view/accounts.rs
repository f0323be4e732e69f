//! The list of accounts.

use serde::{Deserialize, Serialize};

use crate::{account::AccountStatus, account_number::AccountNumber, locale::Locale};

/// By what the list is sorted. Within equals it goes by Account ID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountSort {
    /// Customer name.
    #[default]
    Name,
    /// Account ID.
    Number,
    /// City.
    City,
    /// Country, by its name in the locale of the query.
    Country,
}

/// Which accounts are listed by their status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusFilter {
    /// Active and deactivated ones.
    #[default]
    All,
    /// Active ones.
    Active,
    /// Deactivated ones.
    Deactivated,
    /// Deleted ones, which a partner admin can restore.
    Deleted,
}

impl StatusFilter {
    /// The statuses that it lists.
    #[must_use]
    pub const fn statuses(self) -> &'static [AccountStatus] {
        match self {
            Self::All => &[AccountStatus::Active, AccountStatus::Deactivated],
            Self::Active => &[AccountStatus::Active],
            Self::Deactivated => &[AccountStatus::Deactivated],
            Self::Deleted => &[AccountStatus::Deleted],
        }
    }
}

/// Where a page begins: after, or before, a row. Everything else of a row may have changed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountCursor {
    /// The value by which that row was sorted; of a country its code.
    pub key: String,
    /// Its Account ID.
    pub number: AccountNumber,
    /// Whether the page ends before that row instead of beginning after it.
    pub before: bool,
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountQuery {
    /// What was typed into the search field.
    pub search: String,
    /// Which statuses.
    pub status: StatusFilter,
    /// The order.
    pub sort: AccountSort,
    /// Whether the order is turned round.
    pub descending: bool,
    /// In whose names countries are sorted.
    pub locale: Locale,
    /// Where the page begins; `None` for the first.
    pub cursor: Option<AccountCursor>,
}

impl AccountQuery {
    /// Whether the order is read downwards: a page before its cursor is read backwards.
    #[must_use]
    pub fn downwards(&self) -> bool {
        let before = self.cursor.as_ref().is_some_and(|cursor| cursor.before);
        self.descending != before
    }
}

/// One account in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedAccount {
    /// Account ID.
    pub number: AccountNumber,
    /// Customer name.
    pub name: String,
    /// City.
    pub city: Option<String>,
    /// Country, as its ISO 3166-1 code.
    pub country: String,
    /// Whether it is in use.
    pub status: AccountStatus,
}

/// One page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPage {
    /// The rows, in order.
    pub rows: Vec<ListedAccount>,
    /// Where the page before this one is, if there is one.
    pub previous: Option<AccountCursor>,
    /// Where the page after this one is, if there is one.
    pub next: Option<AccountCursor>,
    /// How many accounts match on all pages, counted up to [`COUNTED`] and no further: one more
    /// than that means more.
    pub total: u64,
    /// Whether nothing matches, and these are accounts that match but for one letter of a word.
    pub similar: bool,
}
