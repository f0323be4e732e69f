//! Streams of events that stay open: how many a session has, and what proxies are told.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use service::sessions::SessionToken;

/// The most streams of one session: more than anybody has windows.
const PER_SESSION: usize = 20;

/// The streams that are open, by session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams(Arc<Mutex<HashMap<String, usize>>>);

/// A stream that is open, until it is dropped.
#[derive(Debug)]
pub(super) struct OpenStream {
    streams: Streams,
    session: String,
}

impl Streams {
    /// Counts one more; `None` when the session has as many as it can.
    pub(super) fn open(&self, token: &SessionToken) -> Option<OpenStream> {
        let session = token.to_cookie();
        let mut counts = self.counts();
        let count = counts.entry(session.clone()).or_default();
        if *count >= PER_SESSION {
            return None;
        }
        *count += 1;
        Some(OpenStream { streams: self.clone(), session })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut counts = self.streams.counts();
        if let Some(count) = counts.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.session);
            }
        }
    }
}

/// Tells proxies to pass on each event at once: nginx collects answers by default, others change them.
pub(super) fn unbuffered(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    response
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    #[test]
    fn a_session_has_so_many_streams_and_gets_each_back() {
        let streams = Streams::default();
        let token = |digit: &str| SessionToken::from_cookie(&digit.repeat(64)).unwrap();
        let mut open: Vec<OpenStream> = (0..PER_SESSION).map(|_| streams.open(&token("a")).unwrap()).collect();
        assert!(streams.open(&token("a")).is_none());
        let other = streams.open(&token("b"));
        assert!(other.is_some());
        open.pop();
        open.push(streams.open(&token("a")).unwrap());
        drop((open, other));
        assert!(streams.counts().is_empty());
    }
}
