//! When to renew (SPIFFE Workload API leaves it to the workload; ours is half of the lifetime).

use std::time::{Duration, SystemTime};

/// How much of the lifetime the jitter moves the renewal, to each side.
const SPREAD: f64 = 0.1;
/// The pause between attempts while there is hardly any time left, before the jitter.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
/// The pause between attempts once there is nothing to lose, before the jitter.
const EXPIRED_PAUSE: Duration = Duration::from_secs(5);

/// When to ask for the next SVID: at half of the lifetime, moved by up to a tenth of it to either side, so
/// that a fleet started together does not come back together. `jitter` is a random number in 0..1.
///
/// Counting from a backdated `not_before` moves the renewal by at most a twentieth of the lifetime
/// ([`crate::Authority`] backdates by at most a tenth), so it stays well inside the lifetime.
pub fn renew_at(not_before: SystemTime, not_after: SystemTime, jitter: f64) -> SystemTime {
    let lifetime = not_after.duration_since(not_before).unwrap_or_default();
    let share = 0.5 + SPREAD * (2.0 * unit(jitter) - 1.0);
    not_before + lifetime.mul_f64(share)
}

/// When to try again after `failures` failed renewals in a row (from 1): from one second, doubling, but never
/// more than an eighth of what is left, so that a short lifetime still sees several tries; at least 250 ms.
/// Once it has expired, after five seconds. `jitter` in 0..1 shortens the wait by up to half.
pub fn retry_at(now: SystemTime, not_after: SystemTime, failures: u32, jitter: f64) -> SystemTime {
    let doubled = Duration::from_secs(1 << failures.saturating_sub(1).min(16));
    let wait = match not_after.duration_since(now) {
        Ok(left) if !left.is_zero() => doubled.min(left / 8).max(SHORTEST_PAUSE),
        _ => EXPIRED_PAUSE,
    };
    now + wait.mul_f64(1.0 - 0.5 * unit(jitter))
}

fn unit(jitter: f64) -> f64 {
    if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::UNIX_EPOCH;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[test]
    fn half_of_the_lifetime() {
        assert_eq!(renew_at(UNIX_EPOCH, UNIX_EPOCH + DAY, 0.5), UNIX_EPOCH + DAY / 2);
        assert_eq!(renew_at(UNIX_EPOCH, UNIX_EPOCH + DAY, f64::NAN), UNIX_EPOCH + DAY / 2);
        assert_eq!(renew_at(UNIX_EPOCH + DAY, UNIX_EPOCH, 0.1), UNIX_EPOCH + DAY);
    }

    #[test]
    fn what_has_expired_is_not_hurried() {
        for expired in [Duration::ZERO, DAY] {
            let (end, now) = (UNIX_EPOCH + DAY, UNIX_EPOCH + DAY + expired);
            assert_eq!(retry_at(now, end, 1, 0.0), now + EXPIRED_PAUSE);
            assert_eq!(retry_at(now, end, 9, 1.0), now + EXPIRED_PAUSE / 2);
        }
    }

    proptest! {
        #[test]
        fn always_inside_the_lifetime(start in 0u64..4_000_000_000, life in 1u64..10_000_000, jitter in 0.0..1.0) {
            let start = UNIX_EPOCH + Duration::from_secs(start);
            let life = Duration::from_secs(life);
            let at = renew_at(start, start + life, jitter);
            prop_assert!(at > start + life.mul_f64(0.39) && at < start + life.mul_f64(0.61));
        }

        #[test]
        fn retries_come_while_there_is_time(left in 30u64..100_000, failures in 0u32..100, jitter in 0.0..1.0) {
            let end = UNIX_EPOCH + Duration::from_secs(left);
            let at = retry_at(UNIX_EPOCH, end, failures, jitter);
            prop_assert!(at > UNIX_EPOCH && at < UNIX_EPOCH + Duration::from_secs(left) / 4);
        }
    }
}
