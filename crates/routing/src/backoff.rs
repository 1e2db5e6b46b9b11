//! When to connect again to an endpoint that could not be reached: gRPC's connection backoff protocol,
//! with shorter times, for within a mesh somebody else usually takes the call.

use std::time::{Duration, Instant};

/// The pause after the first failure.
pub const INITIAL: Duration = Duration::from_millis(100);
/// The longest pause.
pub const MAX: Duration = Duration::from_secs(3);
/// How much longer each pause is than the one before, in tenths.
const MULTIPLIER_TENTHS: u32 = 16;

/// The failures of connecting to one endpoint, since it was last reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConnectBackoff {
    pause: Option<Duration>,
    until: Option<Instant>,
}

impl ConnectBackoff {
    /// Connecting failed. `random` is uniform in 0..1.
    pub fn failed(&mut self, now: Instant, random: f64) {
        let pause = self.pause.map_or(INITIAL, |last| (last * MULTIPLIER_TENTHS / 10).min(MAX));
        self.pause = Some(pause);
        self.until = now.checked_add(jitter(pause, random));
    }

    /// The endpoint was reached: the next failure starts from the beginning.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Whether it may be tried now.
    pub fn permits(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| until <= now)
    }

    /// When it may be tried; `None`: at once.
    pub const fn until(&self) -> Option<Instant> {
        self.until
    }
}

/// `pause` ± 20 %: gRFC A6 and the connection backoff protocol agree on it.
pub(crate) fn jitter(pause: Duration, random: f64) -> Duration {
    pause.mul_f64(0.8 + 0.4 * random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use testkit::FakeClock;

    #[test]
    fn the_first_failure_pauses_and_success_forgets() {
        let now = FakeClock::new().steady;
        let mut backoff = ConnectBackoff::default();
        assert!(backoff.permits(now));
        backoff.failed(now, 0.5);
        assert!(!backoff.permits(now));
        assert!(backoff.permits(now + INITIAL));
        backoff.succeeded();
        assert!(backoff.permits(now));
    }

    proptest! {
        #[test]
        fn pauses_grow_and_stay_below_the_cap(randoms in proptest::collection::vec(0.0..1.0_f64, 1..40)) {
            let now = FakeClock::new().steady;
            let mut backoff = ConnectBackoff::default();
            let mut last = Duration::ZERO;
            for random in randoms {
                backoff.failed(now, random);
                prop_assert!(backoff.pause.unwrap() >= last);
                last = backoff.pause.unwrap();
                let pause = backoff.until().unwrap() - now;
                prop_assert!(pause >= INITIAL.mul_f64(0.79) && pause <= MAX.mul_f64(1.21));
            }
        }
    }
}
