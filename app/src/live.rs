//! Hearing of what others change: one event stream for the whole application.

use domain::account_number::AccountNumber;
use leptos::prelude::*;
#[cfg(not(feature = "ssr"))]
use leptos::wasm_bindgen::{JsCast, closure::Closure};

use crate::form::Sent;
#[cfg(not(feature = "ssr"))]
use crate::session::Session;

/// The name, and the data, of the event that says that the connection is alive.
pub const ALIVE: &str = "alive";

/// The header of requests that follow a change, not something that the person did.
pub const FOLLOWS: &str = "tenantry-follows";

/// What has been heard.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    /// Who listens; nobody on pages that show nothing that others change.
    listener: RwSignal<Option<Listener>>,
    /// The latest records of activity that the page shows: to be told of these is no news.
    shown: StoredValue<Box<dyn Fn() -> Vec<i64> + Send + Sync>>,
    news: RwSignal<u64>,
    /// What was told while nobody looked, or while an answer was awaited that may say the same.
    held_back: StoredValue<Vec<String>>,
    /// How many answers are awaited.
    awaited: StoredValue<u32>,
    /// Whether the stream is there.
    connected: RwSignal<bool>,
}

/// A page that listens.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Listener {
    page: Sent,
    /// The account that is listened to; everything of the partner without one.
    account: Option<AccountNumber>,
}

impl Live {
    /// Begins to listen, once the page is hydrated and as long as somebody is signed in.
    pub(crate) fn provide() {
        let live = Self {
            listener: RwSignal::new(None),
            shown: StoredValue::new(Box::new(Vec::new)),
            news: RwSignal::new(0),
            held_back: StoredValue::default(),
            awaited: StoredValue::new(0),
            connected: RwSignal::new(true),
        };
        provide_context(live);
        #[cfg(not(feature = "ssr"))]
        {
            let session = Session::current();
            let account = Memo::new(move |_| {
                live.listener.get().filter(|_| !session.has_ended()).map(|listener| listener.account)
            });
            Effect::new(move |_| {
                if let Some(account) = account.get() {
                    stream::open(live, account);
                }
            });
            let seen = Closure::<dyn Fn()>::new(move || live.catch_up()).into_js_value();
            let _ = document().add_event_listener_with_callback("visibilitychange", seen.unchecked_ref());
        }
    }

    /// The one of the application.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// How often something was changed that the page may show; whoever reads it follows.
    pub(crate) fn news(self) -> u64 {
        self.news.get()
    }

    /// Has what is shown fetched anew.
    pub(crate) fn look_again(self) {
        self.news.update(|news| *news += 1);
    }

    /// Whether changes can be heard of at the moment, followed.
    pub(crate) fn connected(self) -> bool {
        self.connected.get()
    }

    /// Listens to one account from now on, or to all of the partner's; `shown` gives the latest records of activity
    /// that the page shows. Ends when the page is left.
    pub(crate) fn listen_to(
        self,
        account: Option<AccountNumber>,
        shown: impl Fn() -> Vec<i64> + Send + Sync + 'static,
    ) {
        let listener = Listener { page: Sent::now(), account };
        self.shown.set_value(Box::new(shown));
        self.listener.set(Some(listener));
        on_cleanup(move || {
            // By then the next page may listen.
            if self.listener.try_get_untracked().flatten() == Some(listener) {
                self.listener.set(None);
            }
        });
    }

    /// Waits for an answer, which may say what is heard meanwhile.
    pub(crate) fn await_answer(self) {
        self.awaited.update_value(|awaited| *awaited += 1);
    }

    /// The answer is there, and what it says is shown.
    pub(crate) fn answered(self) {
        self.awaited.update_value(|awaited| *awaited -= 1);
        self.catch_up();
    }

    /// Takes an event: the keys of records of activity that tell of changes.
    #[cfg(not(feature = "ssr"))]
    fn told(self, records: String) {
        self.held_back.update_value(|held_back| held_back.push(records));
        self.catch_up();
    }

    /// Follows what was held back, once somebody looks and no answer is awaited.
    fn catch_up(self) {
        if document().hidden() || self.awaited.get_value() > 0 {
            return;
        }
        let told = self.held_back.try_update_value(std::mem::take).unwrap_or_default();
        let shown = self.shown.with_value(|shown| shown());
        if told.iter().any(|records| is_news(records, &shown)) {
            self.look_again();
        }
    }
}

/// Whether the records that are `told` are not all among those `shown`. Their keys come in no order: what
/// began first may be committed last. 0 stands for anything.
fn is_news(told: &str, shown: &[i64]) -> bool {
    let is_shown = |record: &str| record.parse().is_ok_and(|record: i64| record != 0 && shown.contains(&record));
    !told.split(' ').all(is_shown)
}

#[cfg(not(feature = "ssr"))]
mod stream {
    use std::time::Duration;

    use domain::account_number::AccountNumber;
    use leptos::{
        leptos_dom::helpers::{IntervalHandle, TimeoutHandle},
        prelude::*,
        wasm_bindgen::{JsCast, closure::Closure},
        web_sys::{EventSource, MessageEvent},
    };

    use super::{ALIVE, Live};
    use crate::paths;

    /// After so long without a sign of life the stream is opened anew; the server gives one every fifteen seconds.
    const TIMEOUT: Duration = Duration::from_secs(40);

    /// How often it is looked for signs of life.
    const CHECK_INTERVAL: Duration = Duration::from_secs(10);

    /// How long it waits before the stream is opened again that was closed.
    const RETRY_DELAY: Duration = Duration::from_secs(3);

    /// Opens the stream of `account`, or of the partner, until the calling effect runs again.
    pub(super) fn open(live: Live, account: Option<AccountNumber>) {
        let attempt = RwSignal::new(0_u32);
        Effect::new(move |_| {
            let is_first = attempt.get() == 0;
            if let Some(connection) = Connection::new(live, account, attempt) {
                on_cleanup(move || connection.close());
            }
            if !is_first {
                // What was missed meanwhile is asked for.
                live.news.update(|news| *news += 1);
            }
        });
    }

    #[derive(Clone, Copy)]
    struct Connection {
        source: StoredValue<EventSource, LocalStorage>,
        check: IntervalHandle,
        retry: StoredValue<Option<TimeoutHandle>>,
    }

    impl Connection {
        fn new(live: Live, account: Option<AccountNumber>, attempt: RwSignal<u32>) -> Option<Self> {
            let address = match account {
                Some(number) => format!("{}?account={number}", paths::EVENTS),
                None => paths::EVENTS.to_owned(),
            };
            let source = EventSource::new(&address).ok()?;
            let silent = StoredValue::new(0_u64);
            let heard = move || {
                let _ = silent.try_set_value(0);
                let _ = live.connected.try_set(true);
            };
            let retry = StoredValue::new(None::<TimeoutHandle>);
            let again = move || {
                let _ = live.connected.try_set(false);
                let open = move || {
                    attempt.try_update(|count| *count += 1);
                };
                retry.try_set_value(set_timeout_with_handle(open, RETRY_DELAY).ok());
            };
            let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                heard();
                live.told(event.data().as_string().unwrap_or_default());
            });
            source.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
            let on_alive = Closure::<dyn Fn()>::new(heard);
            let _ = source.add_event_listener_with_callback(ALIVE, on_alive.into_js_value().unchecked_ref());
            let own = source.clone();
            // A browser goes on listening by itself after a connection was lost, but not after another answer than it
            // expected, that of a gateway whose server is being started anew, say.
            let on_error = Closure::<dyn Fn()>::new(move || {
                let _ = live.connected.try_set(false);
                if own.ready_state() == EventSource::CLOSED {
                    again();
                }
            });
            source.set_onerror(Some(on_error.into_js_value().unchecked_ref()));
            let check = move || {
                silent.try_update_value(|silent| *silent += CHECK_INTERVAL.as_secs());
                if silent.try_get_value().is_some_and(|silent| silent >= TIMEOUT.as_secs()) && !document().hidden() {
                    let _ = silent.try_set_value(0);
                    let _ = live.connected.try_set(false);
                    attempt.try_update(|count| *count += 1);
                }
            };
            let check = set_interval_with_handle(check, CHECK_INTERVAL).ok()?;
            Some(Self { source: StoredValue::new_local(source), check, retry })
        }

        fn close(self) {
            self.check.clear();
            if let Some(retry) = self.retry.try_get_value().flatten() {
                retry.clear();
            }
            self.source.try_with_value(|source| {
                source.set_onmessage(None);
                source.set_onerror(None);
                source.close();
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_the_page_does_not_show_is_news_whatever_its_key() {
        for (told, shown, news) in [
            ("12", &[12, 11, 9][..], false),
            ("13", &[12, 11, 9], true),
            ("10", &[12, 11, 9], true),
            ("0", &[12, 11, 9], true),
            ("12 11 9", &[12, 11, 9], false),
            ("12 11 10", &[12, 11, 9], true),
            ("1", &[], true),
        ] {
            assert_eq!(is_news(told, shown), news, "{told} told, {shown:?} shown");
        }
    }
}
