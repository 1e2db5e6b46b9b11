//! When a certificate that is in use is to be replaced.

use identity::rotation;
use std::time::{Duration, SystemTime};
use tokio::time::sleep;

/// The clock of certificates goes on while a machine sleeps, a timer's does not: so no longer timers.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Says when a certificate is to be renewed: at half of its lifetime ([`rotation::renew_at`]), and after
/// failures more often as its end comes closer ([`rotation::retry_at`]). After a machine slept, what was due
/// meanwhile is due within a minute.
#[derive(Clone, Debug)]
pub struct RenewalClock {
    not_after: SystemTime,
    failures: u32,
    next: SystemTime,
}

impl RenewalClock {
    /// For a certificate that is valid from `not_before` until `not_after`.
    pub fn new(not_before: SystemTime, not_after: SystemTime) -> Self {
        Self { not_after, failures: 0, next: rotation::renew_at(not_before, not_after, rand::random()) }
    }

    /// Waits until the next attempt is due. May be dropped and called again. Needs a tokio runtime with time.
    pub async fn due(&self) {
        until(self.next, SystemTime::now).await;
    }

    /// Whether nobody believes the certificate any more.
    pub fn is_expired(&self) -> bool {
        SystemTime::now() >= self.not_after
    }

    /// An attempt failed. Returns how many have in a row.
    pub fn failed(&mut self) -> u32 {
        self.failures = self.failures.saturating_add(1);
        self.next = rotation::retry_at(SystemTime::now(), self.not_after, self.failures, rand::random());
        self.failures
    }
}

/// Waits for a moment of the clock that `now` reads, which may be set, and which suspends do not stop.
async fn until(moment: SystemTime, now: impl Fn() -> SystemTime) {
    while let Ok(left) = moment.duration_since(now()) {
        if left.is_zero() {
            return;
        }
        sleep(left.min(LONGEST_SLEEP)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use tokio::time::Instant;

    const HOUR: Duration = Duration::from_secs(60 * 60);
    const EPOCH: SystemTime = SystemTime::UNIX_EPOCH;

    #[tokio::test(start_paused = true)]
    async fn an_awake_machine_waits_exactly() {
        let began = Instant::now();
        until(EPOCH + 12 * HOUR, || EPOCH + began.elapsed()).await;
        assert_eq!(began.elapsed(), 12 * HOUR);
        until(EPOCH, || EPOCH + began.elapsed()).await;
        assert_eq!(began.elapsed(), 12 * HOUR, "what is past is due");
    }

    /// The timers of a machine stand still while it sleeps, and go on with what they had left.
    #[tokio::test(start_paused = true)]
    async fn what_was_due_while_the_machine_slept_is_due_within_a_minute_of_its_waking() {
        let (began, slept) = (Instant::now(), Cell::new(Duration::ZERO));
        let wall = || EPOCH + began.elapsed() + slept.get();
        let suspend = async {
            sleep(HOUR).await;
            slept.set(20 * HOUR);
        };
        tokio::join!(until(EPOCH + 12 * HOUR, wall), suspend);
        let awake = began.elapsed();
        assert!(awake >= HOUR && awake <= HOUR + LONGEST_SLEEP, "{awake:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_back_is_waited_for() {
        let (began, set) = (Instant::now(), Cell::new(Duration::ZERO));
        let wall = || EPOCH + 10 * HOUR + began.elapsed() - set.get();
        let setter = async {
            sleep(HOUR / 2).await;
            set.set(2 * HOUR);
        };
        tokio::join!(until(EPOCH + 11 * HOUR, wall), setter);
        assert_eq!(began.elapsed(), 3 * HOUR);
    }

    #[test]
    fn half_of_the_lifetime_and_sooner_after_a_failure() {
        let now = SystemTime::now();
        let mut clock = RenewalClock::new(now - HOUR, now + HOUR);
        assert!(clock.next > now - HOUR / 4 && clock.next < now + HOUR / 4);
        assert_eq!((clock.failed(), clock.failed(), clock.is_expired()), (1, 2, false));
        assert!(clock.next < now + HOUR / 4);
        assert!(RenewalClock::new(now - HOUR, now).is_expired());
    }
}
