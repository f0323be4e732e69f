//! The account whose page is open: what is stored of it, as far as the page knows.

use domain::account_number::AccountNumber;
use leptos::{prelude::*, task::spawn_local};

use super::{AccountView, load_account, undo::OpenAccount};
use crate::{error::WireError, form::Sent, live::Live, paths, session::Session};

/// The account of the page. Panels read parts of it, and change with those alone.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct AccountState {
    /// Account ID.
    pub(crate) number: AccountNumber,
    view: RwSignal<AccountView>,
    /// When the answer was asked for that is shown.
    shown: StoredValue<Sent>,
}

impl AccountState {
    /// Begins with what the page was loaded with, and follows what others change.
    pub(crate) fn provide(view: AccountView) -> Self {
        let number = view.information.number;
        let state = Self { number, view: RwSignal::new(view), shown: StoredValue::new(Sent::now()) };
        provide_context(state);
        OpenAccount::open(state);
        let live = Live::current();
        live.listen_to(Some(number), move || {
            state.view.try_with_untracked(AccountView::recent_records).unwrap_or_default()
        });
        Effect::new(move |before: Option<u64>| {
            let news = live.news();
            if before.is_some_and(|before| before != news) {
                state.refresh();
            }
            news
        });
        state
    }

    /// A part of what is stored, followed.
    pub(crate) fn part<T>(self, part: impl Fn(&AccountView) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.view.with(&part))
    }

    /// Reads what is stored, not followed.
    pub(crate) fn read<T>(self, read: impl FnOnce(&AccountView) -> T) -> T {
        self.view.with_untracked(read)
    }

    /// An e-mail address of the page as people read it.
    pub(crate) fn readable(self, email: &str) -> String {
        self.read(|view| view.readable_addresses.get(email).cloned()).unwrap_or_else(|| email.to_owned())
    }

    /// Takes over what is stored now, as a server function answered that was called at `sent`.
    pub(crate) fn set(self, view: AccountView, sent: Sent) {
        if view.information.number != self.number {
            return;
        }
        match self.shown.try_get_value() {
            // Which of two that were under way together is newer, only the server knows.
            Some(shown) if sent < shown => self.refresh(),
            Some(_) => {
                self.shown.set_value(sent);
                self.view.try_set(view);
            }
            None => {}
        }
    }

    /// Asks the server what is stored now.
    pub(crate) fn refresh(self) {
        let (sent, session) = (Sent::now(), Session::current());
        spawn_local(async move {
            match load_account(self.number.to_string()).await {
                Ok(view) => self.set(view, sent),
                Err(WireError::Unauthenticated) => session.ended(),
                Err(_) => {}
            }
        });
    }

    /// The address of the page.
    pub(crate) fn path(self) -> String {
        paths::account(self.number)
    }

    /// The address of the page at one of its panels, to which that panel's forms are posted.
    pub(crate) fn panel_path(self, panel: &str) -> String {
        format!("{}#{panel}", self.path())
    }
}

impl AccountView {
    /// The latest records of activity that are shown, by their keys.
    fn recent_records(&self) -> Vec<i64> {
        self.activity.iter().map(|record| record.id).collect()
    }
}
