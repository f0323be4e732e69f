//! Points in time, as they are stored and compared.

use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This time moved by `seconds`, which may be negative.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Whole seconds from `earlier` until this time; negative when `earlier` is the later one.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0) / 1000
    }
    /// The day in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        let time = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        time.to_zoned_datetime(TimeZone::UTC).date()
    }

    /// The first moment of `day` in UTC.
    #[must_use]
    pub fn start_of(day: Date) -> Self {
        day.to_zoned_datetime(TimeZone::UTC).map_or(Self(i64::MAX), |time| Self(time.timestamp().as_millisecond()))
    }
}
