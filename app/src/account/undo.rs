//! Undoing a change of an account.

use domain::account_number::AccountNumber;
use leptos::prelude::*;

use super::{AccountState, AccountView};
use crate::{error::WireError, form::Sent, message::Done};

/// Takes back a change that the person made a short while ago; `place` is the panel in which that is said.
#[server(prefix = "/api", endpoint = "undo")]
pub async fn undo(
    number: AccountNumber,
    record: i64,
    #[server(default)] place: String,
) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let again = service::undo::undo(&request.backend, &caller, number, record).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    let next = super::next(&request, number, &crate::paths::encode(&place), true);
    Ok(Done::with(Outcome::Undone, next, now).undone_by(number, again))
}

/// Takes over an account of which a change was undone, if its page is open.
pub(crate) fn undone() -> impl Fn(AccountView, Sent) + Send + Sync + 'static {
    let OpenAccount(open) = expect_context();
    move |view, sent| {
        if let Some(open) = open.get_untracked() {
            open.set(view, sent);
        }
    }
}

/// The account whose page is open, for what stands outside of its page.
#[derive(Clone, Copy)]
pub(crate) struct OpenAccount(RwSignal<Option<AccountState>>);

impl OpenAccount {
    /// Begins without one.
    pub(crate) fn provide() {
        provide_context(Self(RwSignal::new(None)));
    }

    /// Makes `state` known until its page is left.
    pub(crate) fn open(state: AccountState) {
        let Self(open) = expect_context();
        open.set(Some(state));
        on_cleanup(move || {
            // By then the page of another account may be open.
            if open.try_get_untracked().flatten() == Some(state) {
                open.set(None);
            }
        });
    }
}
