//! `GET /events`: tells an open page that something changed, by server-sent events.

use std::{convert::Infallible, time::Duration};

use app::error::WireError;
use axum::{
    extract::{Query, Request, State},
    http::StatusCode,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use domain::account_number::AccountNumber;
use futures_util::{Stream, stream};
use serde::Deserialize;
use service::{
    Backend,
    live::{self, Latest, RecentRecords, Topic},
    sessions::{self, SessionToken},
};
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval_at},
};

use super::{
    AppState, request,
    streams::{self, OpenStream},
};

/// The address.
pub(super) const PATH: &str = app::paths::EVENTS;

/// How often it is looked whether the session of who listens has ended, or their rights. What is told
/// meanwhile is only that something changed.
const CHECK: Duration = Duration::from_secs(30);

/// After how long a silent connection says that it is alive, by an event that a page can hear.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a page listens to.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// An account; everything of the caller's partner if none is named.
    account: Option<AccountNumber>,
}

/// Sends an event for each change: the key of the record of activity that tells of it, or 0 for any other.
/// The first event holds the keys of the latest records, by which a page knows whether it is older.
pub(super) async fn events(State(state): State<AppState>, Query(asked): Query<Asked>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let page = match request::read(&state, &parts).await {
        Ok(page) => page,
        Err(error) => return error.status().into_response(),
    };
    let (Ok(caller), Some(token)) = (page.caller(), page.token) else {
        // It tells a page that listens again not to do so any more.
        return StatusCode::NO_CONTENT.into_response();
    };
    let topic = match live::topic(&state.backend, &caller, asked.account).await {
        Ok(topic) => topic,
        Err(error) => return WireError::from(error).status().into_response(),
    };
    let Some(open) = state.streams.open(&token) else { return StatusCode::TOO_MANY_REQUESTS.into_response() };
    // It listens first and looks then: what is committed between the two is told twice, not never.
    let mut receiver = state.backend.store.live().listen(topic);
    let told = *receiver.borrow_and_update();
    let recent = match live::recent_records(&state.backend, topic).await {
        Ok(recent) => recent,
        Err(error) => return WireError::from(error).status().into_response(),
    };
    let mut check = interval_at(tokio::time::Instant::now() + CHECK, CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let first = Some(recent).filter(|recent| !recent.is_empty());
    let listener = Listener { backend: state.backend, token, topic, asked, receiver, told, check, first, _open: open };
    // Comments are hidden from pages, and so are events without data.
    let alive = Event::default().event(app::live::ALIVE).data(app::live::ALIVE);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE).event(alive);
    streams::unbuffered(Sse::new(listener.events()).keep_alive(keep_alive).into_response())
}

struct Listener {
    backend: Backend,
    token: SessionToken,
    topic: Topic,
    asked: Asked,
    receiver: watch::Receiver<Latest>,
    told: Latest,
    check: Interval,
    /// The latest records when the page began to listen; the page may be older.
    first: Option<RecentRecords>,
    _open: OpenStream,
}

impl Listener {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut listener| {
            let event = listener.next().await?;
            Some((Ok(Event::default().data(event)), listener))
        })
    }

    /// Nothing when the session has ended, or its person may no longer see what they listen to.
    async fn still_may(&self) -> Option<()> {
        let person = sessions::find_unused(&self.backend, &self.token).await.ok()??;
        let topic = live::topic(&self.backend, &person.caller()?, self.asked.account).await.ok()?;
        (topic == self.topic).then_some(())
    }

    /// The next event; `None` when the session has ended, or the server stops.
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first.to_string());
        }
        loop {
            tokio::select! {
                changed = self.receiver.changed() => {
                    changed.ok()?;
                    let latest = *self.receiver.borrow_and_update();
                    let told = std::mem::replace(&mut self.told, latest);
                    return Some(latest.record_since(told).to_string());
                }
                _ = self.check.tick() => self.still_may().await?,
            }
        }
    }
}
