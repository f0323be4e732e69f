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
    /// Whether a page listens at all.
    listens: RwSignal<bool>,
    /// The latest records of activity that the page shows: to be told of these is no news.
    shown: StoredValue<Box<dyn Fn() -> Vec<i64> + Send + Sync>>,
    news: RwSignal<u64>,
    /// Whether the stream is there.
    connected: RwSignal<bool>,
}

impl Live {
    /// Begins to listen, once the page is hydrated and as long as somebody is signed in.
    pub(crate) fn provide() {
        let live = Self {
            account: RwSignal::new(None),
            listens: RwSignal::new(false),
            shown: StoredValue::new(Box::new(Vec::new)),
            news: RwSignal::new(0),
            connected: RwSignal::new(true),
        };
        provide_context(live);
        #[cfg(not(feature = "ssr"))]
        Effect::new(move |_| {
            if live.listens.get() {
                stream::open(live, live.account.get());
            }
        });
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
        self.shown.set_value(Box::new(shown));
        self.account.set(account);
        self.listens.set(true);
        on_cleanup(move || {
            let _ = self.listens.try_set(false);
        });
    }

    /// Takes an event: the keys of records of activity that tell of changes.
    #[cfg(not(feature = "ssr"))]
    fn told(self, records: &str) {
        if is_news(records, &self.shown.with_value(|shown| shown())) {
            self.news.update(|news| *news += 1);
        }
    }
}

/// Whether the records that are `told` are not all among those `shown`. Their keys come in no order: what
/// began first may be committed last. 0 stands for anything.
#[cfg(any(test, not(feature = "ssr")))]
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
                live.told(&event.data().as_string().unwrap_or_default());
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
