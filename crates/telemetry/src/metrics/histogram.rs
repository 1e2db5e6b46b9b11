//! A histogram of durations without a lock.

use std::{
    iter::zip,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Upper bounds in seconds: those of the semantic conventions, and three below them, because most calls
/// between neighbours take less than their first.
const BOUNDS: [f64; 17] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Counts of durations, by size.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// One for each bound, and the rest.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    /// Enough for 584 years.
    nanoseconds: AtomicU64,
}

/// A histogram at one moment, as encoders want it.
pub(super) struct Reading {
    pub(super) sum: f64,
    pub(super) count: u64,
    pub(super) buckets: Vec<(f64, u64)>,
}

impl Histogram {
    pub(super) fn observe(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let index = BOUNDS.partition_point(|bound| *bound < seconds);
        if let Some(bucket) = self.buckets.get(index) {
            bucket.fetch_add(1, Relaxed);
        }
        self.nanoseconds.fetch_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    pub(super) fn read(&self) -> Reading {
        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
        let buckets: Vec<_> = zip(bounds, self.buckets.iter().map(|bucket| bucket.load(Relaxed))).collect();
        let sum = Duration::from_nanos(self.nanoseconds.load(Relaxed)).as_secs_f64();
        // Counted from the buckets, so that count and +Inf agree even while calls are being recorded.
        Reading { sum, count: buckets.iter().map(|(_, count)| count).sum(), buckets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let histogram = Histogram::default();
        for micros in [500, 501, 10_000_000, 20_000_000] {
            histogram.observe(Duration::from_micros(micros));
        }
        let reading = histogram.read();
        assert_eq!(reading.count, 4);
        assert_eq!(reading.buckets.first(), Some(&(0.0005, 1)));
        assert_eq!(reading.buckets.get(16), Some(&(10.0, 1)));
        assert_eq!(reading.buckets.last(), Some(&(f64::INFINITY, 1)));
        assert!((reading.sum - 30.001_001).abs() < 1e-9);
    }
}
