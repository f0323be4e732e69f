//! The one error that reaches people.

use domain::{
    customer::{Conflict, FieldErrors},
    integrations::{Effect, IntegrationKey},
    rights::Reason,
};
use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use serde::{Deserialize, Serialize};

/// Why a request did not happen. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireError {
    /// Not signed in, or no longer.
    Unauthenticated,
    /// It does not exist for this person.
    NotFound,
    /// They may see it, but not do this.
    Forbidden(Reason),
    /// Someone else changed the same fields meanwhile.
    Conflict(Box<Conflict>),
    /// It causes something elsewhere, which has to be confirmed first.
    Unconfirmed {
        /// What it causes.
        effects: Vec<Effect>,
    },
    /// Integrations must be in use first.
    Needs {
        /// Which.
        needs: Vec<IntegrationKey>,
    },
    /// It is no longer as it was seen; nobody can say what is wanted now.
    Outdated,
    /// Fields were refused; none are named when the request itself could not be read.
    Invalid {
        /// What is wrong, field by field.
        fields: FieldErrors,
    },
    /// More was sent than is taken.
    TooLarge {
        /// The most, in mebibytes.
        max: u32,
    },
    /// Too many attempts.
    RateLimited {
        /// Seconds to wait.
        retry_after: i64,
    },
    /// The server failed. What happened is in its log under the reference, and nowhere else.
    Internal {
        /// Under what it is logged.
        reference: String,
    },
    /// The browser could not reach the server.
    Unreachable,
}

impl FromServerFnError for WireError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_) => Self::unreadable(),
            // On the server it is the request that could not be read, in the browser the answer.
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) if cfg!(feature = "ssr") => {
                Self::unreadable()
            }
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => Self::Unreachable,
            other => Self::internal(&other),
        }
    }
}

impl WireError {
    /// The request itself could not be read. Leptos would call that an error of the server.
    fn unreadable() -> Self {
        let error = Self::Invalid { fields: Vec::new() };
        #[cfg(feature = "ssr")]
        crate::request::set_status(error.status());
        error
    }

    /// Logs what happened under the request's id, and keeps nothing else of it.
    #[cfg(feature = "ssr")]
    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Self {
        let reference = crate::request::id();
        tracing::error!(reference, %error, "internal error");
        Self::Internal { reference }
    }

    #[cfg(not(feature = "ssr"))]
    fn internal(_error: &dyn std::fmt::Display) -> Self {
        Self::Unreachable
    }

    /// The HTTP status that goes with the error.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn status(&self) -> axum::http::StatusCode {
        use axum::http::StatusCode;
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Conflict(_) | Self::Unconfirmed { .. } | Self::Needs { .. } | Self::Outdated => StatusCode::CONFLICT,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal { .. } | Self::Unreachable => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<service::Error> for WireError {
    fn from(error: service::Error) -> Self {
        use service::Error;
        match error {
            Error::Unauthenticated => Self::Unauthenticated,
            Error::NotFound => Self::NotFound,
            Error::Forbidden(reason) => Self::Forbidden(reason),
            Error::Conflict(conflict) => Self::Conflict(conflict),
            Error::Unconfirmed(effects) => Self::Unconfirmed { effects },
            Error::Needs(needs) => Self::Needs { needs },
            Error::Outdated => Self::Outdated,
            Error::Invalid(fields) => Self::Invalid { fields },
            Error::RateLimited { retry_after } => Self::RateLimited { retry_after },
            error @ (Error::Database(_) | Error::Inconsistent { .. } | Error::Internal(_)) => Self::internal(&error),
        }
    }
}
