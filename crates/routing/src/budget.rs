//! The retry budget: gRFC A6, "Throttling Retry Attempts and Hedged RPCs".
//!
//! A bucket per service. Failures take from it, successes slowly give back; at half of it or less there
//! are no more retries, so that a service in trouble is not drowned by second tries.

use std::sync::atomic::{AtomicU32, Ordering};

/// A failure takes this many; A6 counts in thousandths, too.
const FAILURE: u32 = 1000;

/// Tokens for retries; shared by all calls to one service.
#[derive(Debug)]
pub struct RetryBudget {
    tokens: AtomicU32,
    max: u32,
    ratio: u32,
}

impl Default for RetryBudget {
    /// 1000 tokens, the most that A6 allows: a replica that dies takes hundreds of calls in flight with
    /// it, and all of these want their second try. Ten successes earn one back.
    fn default() -> Self {
        Self::new(1000, 0.1)
    }
}

impl RetryBudget {
    /// A full bucket of `max` tokens (1..=1000), of which a success gives back `ratio` (above 0, to the
    /// thousandth).
    pub fn new(max: u32, ratio: f64) -> Self {
        let max = max.clamp(1, 1000) * FAILURE;
        // In range by the clamp.
        let ratio = (ratio.clamp(0.001, 1000.0) * f64::from(FAILURE)) as u32;
        Self { tokens: AtomicU32::new(max), max, ratio }
    }

    /// A call failed in a way that could be retried.
    pub fn failed(&self) {
        self.update(|tokens| tokens.saturating_sub(FAILURE));
    }

    /// A call succeeded, or failed in a way that no retry would heal.
    pub fn succeeded(&self) {
        // The usual case costs a load.
        if self.tokens.load(Ordering::Relaxed) < self.max {
            self.update(|tokens| (tokens + self.ratio).min(self.max));
        }
    }

    /// Whether there is anything left for retries.
    pub fn permits(&self) -> bool {
        self.tokens.load(Ordering::Relaxed) > self.max / 2
    }

    fn update(&self, change: impl Fn(u32) -> u32) {
        // Never fails: the closure always has a new value.
        let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| Some(change(tokens)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_of_the_bucket_is_for_retries() {
        let budget = RetryBudget::new(10, 0.5);
        let tries = std::iter::repeat_with(|| budget.failed()).take_while(|()| budget.permits()).count();
        assert_eq!(tries, 4, "the fifth failure reaches the half");
        budget.succeeded();
        assert!(budget.permits(), "half a token above it");
    }

    proptest! {
        #[test]
        fn tokens_stay_within_the_bucket(max in 1_u32..1000, ratio in 0.001..10.0_f64, outcomes: Vec<bool>) {
            let budget = RetryBudget::new(max, ratio);
            for success in outcomes {
                if success { budget.succeeded() } else { budget.failed() }
                prop_assert!(budget.tokens.load(Ordering::Relaxed) <= max * FAILURE);
            }
        }
    }
}
