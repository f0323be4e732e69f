//! What can go wrong in a use case.

use domain::{
    customer::{Conflict, FieldErrors},
    integrations::{Effect, IntegrationKey, Refusal},
    rights::{Decision, Reason},
};
use sea_orm::DbErr;

/// The result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// The source of an error, of whatever type.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a use case did not happen. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller is not signed in, or no longer.
    #[error("not signed in")]
    Unauthenticated,
    /// What was asked for does not exist for this caller.
    #[error("not found")]
    NotFound,
    /// The caller may see it, but not do this.
    #[error("forbidden: {0:?}")]
    Forbidden(Reason),
    /// Someone else changed the same fields meanwhile; a person has to choose.
    #[error("changed by someone else meanwhile")]
    Conflict(Box<Conflict>),
    /// It is no longer as the caller saw it; nobody can say what they want now.
    #[error("not as it was seen")]
    Outdated,
    /// Fields were refused.
    #[error("invalid: {0:?}")]
    Invalid(FieldErrors),
    /// It causes something elsewhere that was not confirmed.
    #[error("to be confirmed first: {0:?}")]
    Unconfirmed(Vec<Effect>),
    /// It needs these integrations in use first.
    #[error("needs {0:?}")]
    Needs(Vec<IntegrationKey>),
    /// Too many attempts; the same may be tried again after so many seconds.
    #[error("too many attempts, wait {retry_after} s")]
    RateLimited {
        /// Seconds to wait.
        retry_after: i64,
    },
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// The database holds a value that this release cannot read.
    #[error("{table}.{column} of row {row} cannot be read: {source}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row, by its key.
        row: i64,
        /// Why the value cannot be read.
        source: BoxError,
    },
    /// An invariant was violated.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// A stored value that cannot be read.
    pub(crate) fn inconsistent(
        table: &'static str,
        column: &'static str,
        row: i64,
        source: impl Into<BoxError>,
    ) -> Self {
        Self::Inconsistent { table, column, row, source: source.into() }
    }

    /// A refusal of one field.
    pub(crate) fn field(field: &str, error: domain::customer::FieldError) -> Self {
        Self::Invalid(vec![(field.to_owned(), error)])
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown | Refusal::NothingToSetUp => Self::NotFound,
            Refusal::Needs(needs) => Self::Needs(needs),
        }
    }
}

/// Maps a [`Decision`] to `Ok` or the error it means.
pub(crate) fn allow(decision: Decision) -> Result<()> {
    match decision {
        Decision::Allowed => Ok(()),
        Decision::Forbidden(reason) => Err(Error::Forbidden(reason)),
        Decision::Hidden => Err(Error::NotFound),
    }
}
