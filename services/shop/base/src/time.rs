//! Times as the files hold them: milliseconds since 1970, UTC.

use prost_types::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment, in milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub i64);

impl Millis {
    /// This moment, by the machine's clock.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// So much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// So much earlier.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl From<Millis> for Timestamp {
    fn from(millis: Millis) -> Self {
        let nanos = i32::try_from(millis.0.rem_euclid(1000)).unwrap_or(0) * 1_000_000;
        Self { seconds: millis.0.div_euclid(1000), nanos }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_become_seconds_and_nanos() {
        assert_eq!(Timestamp::from(Millis(1_500)), Timestamp { seconds: 1, nanos: 500_000_000 });
        assert_eq!(Timestamp::from(Millis(-1)), Timestamp { seconds: -1, nanos: 999_000_000 });
    }
}
