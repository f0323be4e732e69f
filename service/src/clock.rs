//! The one place from which the time comes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::SystemTime,
};

use domain::time::Timestamp;

/// A source of the present time: the system's, or one that stands still until it is set.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// A clock that shows `time` until [`Clock::set`] is called on it or on a clone of it.
    #[must_use]
    pub fn fixed(time: Timestamp) -> Self {
        Self(Some(Arc::new(AtomicI64::new(time.0))))
    }

    /// The present time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Some(fixed) => Timestamp(fixed.load(Ordering::SeqCst)),
            None => system_now(),
        }
    }

    /// Sets a fixed clock; the system's clock is left as it is.
    pub fn set(&self, time: Timestamp) {
        if let Some(fixed) = &self.0 {
            fixed.store(time.0, Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that may read the system's clock")]
fn system_now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
