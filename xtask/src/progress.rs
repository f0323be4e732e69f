//! Lines that say what is being done, each with the time since the command began.

use std::fmt::Display;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Starts the clock that every line shows.
pub(crate) fn start() {
    LazyLock::force(&START);
}

/// Says what happens now. It goes to standard error: standard output holds only results.
pub(crate) fn say(message: impl Display) {
    eprintln!("[{:>7}] {message}", elapsed(START.elapsed()));
}

/// A time as people read it: `8.3 s`, `12 min 05 s`.
pub(crate) fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// A number of bytes as people read it, in powers of ten.
pub(crate) fn size(bytes: u64) -> String {
    // Whole tenths, so that no number passes through a float.
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", tenths(1_000)),
        _ => format!("{} MB", tenths(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well_below_and_above_a_minute() {
        assert_eq!(elapsed(Duration::from_millis(8_349)), "8.3 s");
        assert_eq!(elapsed(Duration::from_secs(725)), "12 min 05 s");
    }

    #[test]
    fn sizes_are_in_powers_of_ten() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(104_260), "104.2 KB");
        assert_eq!(size(30_000_000), "30.0 MB");
    }
}
