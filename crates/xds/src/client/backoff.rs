//! How long to wait before the next attempt to connect.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LAST: Duration = Duration::from_secs(5);

/// Doubles from 100 ms to 5 s, each time shortened by up to a half, so that the clients of a control plane
/// that comes back do not come all at once.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// The pause before the next attempt; `jitter` is from 0 to 1.
    pub(super) fn next(&mut self, jitter: f64) -> Duration {
        let full = FIRST.saturating_mul(2_u32.saturating_pow(self.attempts)).min(LAST);
        self.attempts = self.attempts.saturating_add(1);
        full.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0)
    }

    /// It went well: the next pause is the first one again.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_a_ceiling_and_starts_over() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u128> = (0..8).map(|_| backoff.next(0.0).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        backoff.reset();
        assert_eq!(backoff.next(1.0).as_millis(), 50);
    }
}
