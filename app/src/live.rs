//! Hearing of what others change: one event stream for the whole application.

use domain::account_number::AccountNumber;
use leptos::prelude::*;

/// The name, and the data, of the event that says that the connection is alive.
pub const ALIVE: &str = "alive";

/// The header of requests that follow a change, not something that the person did.
pub const FOLLOWS: &str = "tenantry-follows";

/// What has been heard.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    /// The account that is listened to; everything of the partner without one.
    account: RwSignal<Option<AccountNumber>>,
    /// The latest records of activity that the page shows: to be told of these is no news.
    shown: StoredValue<Box<dyn Fn() -> Vec<i64> + Send + Sync>>,
    news: RwSignal<u64>,
}

impl Live {
    /// Begins to listen, once the page is hydrated.
    pub(crate) fn provide() {
        let live = Self {
            account: RwSignal::new(None),
            shown: StoredValue::new(Box::new(Vec::new)),
            news: RwSignal::new(0),
        };
        provide_context(live);
    }

    /// The one of the application.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// How often something was changed that the page may show; whoever reads it follows.
    pub(crate) fn news(self) -> u64 {
        self.news.get()
    }

    /// Listens to one account from now on, or to all of the partner's; `shown` gives the latest records of activity
    /// that the page shows. Ends when the page is left.
    pub(crate) fn listen_to(self, account: Option<AccountNumber>, shown: impl Fn() -> Vec<i64> + Send + Sync + 'static) {
        self.account.set(account);
        self.shown.set_value(Box::new(shown));
        on_cleanup(move || {
            let _ = self.account.try_set(None);
            self.shown.try_set_value(Box::new(Vec::new));
        });
    }
}
