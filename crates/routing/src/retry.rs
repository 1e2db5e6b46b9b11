//! Whether and when to try again: gRFC A6, with the contract's policy.

use crate::{backoff::jitter, budget::RetryBudget};
use contract::{Code, RetryPolicy};
use std::time::Duration;

/// Pauses double up to this many times the first one.
const CAP: u32 = 10;

/// What the server says about trying again (`grpc-retry-pushback-ms`; A6, "Pushback").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Pushback {
    /// Nothing.
    #[default]
    Unsaid,
    /// After exactly this long.
    After(Duration),
    /// Not at all: a negative number, or no number.
    Never,
}

impl Pushback {
    /// What the header's value means.
    pub fn parse(value: Option<&[u8]>) -> Self {
        let Some(value) = value else { return Self::Unsaid };
        let number = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        number.map_or(Self::Never, |millis| Self::After(Duration::from_millis(millis)))
    }
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Try again after this pause.
    Retry(Duration),
    /// Give the caller what there is.
    GiveUp,
}

/// The tries of one call.
#[derive(Clone, Debug)]
pub struct Retries<'a> {
    policy: &'a RetryPolicy,
    made: u32,
    pause: Duration,
}

impl<'a> Retries<'a> {
    /// Before the first try.
    pub const fn new(policy: &'a RetryPolicy) -> Self {
        Self { policy, made: 0, pause: policy.backoff }
    }

    /// How many tries were judged so far: what `grpc-previous-rpc-attempts` says of the next one.
    pub const fn made(&self) -> u32 {
        self.made
    }

    /// Whether a failure with `code` is one that the contract wants retried.
    pub fn covers(&self, code: Code) -> bool {
        self.policy.attempts > 1 && self.policy.on.contains(&code)
    }

    /// A try succeeded, or failed for good.
    pub fn settled(&self, budget: &RetryBudget) {
        if self.policy.attempts > 1 {
            budget.succeeded();
        }
    }

    /// A try failed with a code that the policy covers. `random` is uniform in 0..1.
    pub fn failed(&mut self, pushback: Pushback, budget: &RetryBudget, random: f64) -> Verdict {
        self.made += 1;
        budget.failed();
        if self.made >= self.policy.attempts || !budget.permits() {
            return Verdict::GiveUp;
        }
        match pushback {
            Pushback::Never => Verdict::GiveUp,
            Pushback::After(pause) => {
                // A6: after a pushback the pauses start over.
                self.pause = self.policy.backoff;
                Verdict::Retry(pause)
            }
            Pushback::Unsaid => {
                let pause = self.pause;
                self.pause = (pause * 2).min(self.policy.backoff * CAP);
                Verdict::Retry(jitter(pause, random))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy(attempts: u32) -> RetryPolicy {
        RetryPolicy {
            attempts,
            on: vec![Code::Unavailable],
            backoff: Duration::from_millis(25),
            per_try: None,
        }
    }

    #[test]
    fn pauses_double_up_to_ten_times() {
        let policy = policy(7);
        let (mut retries, budget) = (Retries::new(&policy), RetryBudget::default());
        let pauses: Vec<_> = std::iter::repeat_with(|| retries.failed(Pushback::Unsaid, &budget, 0.5))
            .map_while(
                |verdict| if let Verdict::Retry(pause) = verdict { Some(pause.as_millis()) } else { None },
            )
            .collect();
        assert_eq!(pauses, [25, 50, 100, 200, 250, 250]);
    }

    #[test]
    fn one_attempt_covers_nothing() {
        assert!(!Retries::new(&policy(1)).covers(Code::Unavailable));
        assert!(Retries::new(&policy(2)).covers(Code::Unavailable));
        assert!(!Retries::new(&policy(2)).covers(Code::NotFound));
    }

    #[test]
    fn the_server_has_the_word_on_the_pause() {
        let policy = policy(9);
        let (mut retries, budget) = (Retries::new(&policy), RetryBudget::default());
        retries.failed(Pushback::Unsaid, &budget, 0.5);
        let exact = Pushback::parse(Some(b"70"));
        assert_eq!(retries.failed(exact, &budget, 0.5), Verdict::Retry(Duration::from_millis(70)));
        let again = retries.failed(Pushback::Unsaid, &budget, 0.5);
        assert_eq!(again, Verdict::Retry(Duration::from_millis(25)), "they start over");
        assert_eq!(retries.failed(Pushback::parse(Some(b"-1")), &budget, 0.5), Verdict::GiveUp);
        assert_eq!(Pushback::parse(Some(b"soon")), Pushback::Never);
    }

    #[test]
    fn an_empty_budget_ends_it() {
        let policy = policy(9);
        let (mut retries, budget) = (Retries::new(&policy), RetryBudget::new(2, 0.1));
        assert_eq!(retries.failed(Pushback::Unsaid, &budget, 0.5), Verdict::GiveUp);
    }

    proptest! {
        #[test]
        fn there_are_never_more_tries_than_allowed(attempts in 1_u32..10, random in 0.0..1.0_f64) {
            let policy = policy(attempts);
            let (mut retries, budget) = (Retries::new(&policy), RetryBudget::default());
            let mut tries = 1;
            while let Verdict::Retry(pause) = retries.failed(Pushback::Unsaid, &budget, random) {
                prop_assert!(pause <= policy.backoff * CAP * 12 / 10);
                tries += 1;
            }
            prop_assert_eq!(tries, attempts);
        }
    }
}
