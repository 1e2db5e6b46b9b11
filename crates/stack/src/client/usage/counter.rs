//! The calls of one method.

use super::{
    FIRST, MAX_PATHS, ONE_IN, Sampler, Used,
    peaks::{Marks, Peaks},
    walk::Shape,
};
use crate::limit::{Direction, Sizes};
use contract::Digest;
use parking_lot::Mutex;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

const MINUTE: Duration = Duration::from_secs(60);

/// The calls of one method by one version of its contract.
#[derive(Debug)]
pub struct Counter {
    /// "shop.catalog.v1.Catalog/GetProduct".
    method: Box<str>,
    digest: Digest,
    calls: AtomicU64,
    marks: Marks,
    /// Of requests; `None`: they are not looked at.
    shape: Option<Shape>,
    told: Mutex<Told>,
}

/// What somebody has been told, and what not yet.
#[derive(Debug)]
struct Told {
    calls: u64,
    /// Since when calls are counted for a minute, and how many.
    minute: (Instant, u64),
    written: BTreeSet<Vec<u32>>,
    news: BTreeSet<Vec<u32>>,
}

impl Told {
    /// Counts `new` calls; at the end of a minute, how many it had. Of a longer time, what that makes in a minute:
    /// rather too few are told than calls that did not come so fast.
    fn minute(&mut self, new: u64, now: Instant) -> u32 {
        let (since, calls) = &mut self.minute;
        *calls = calls.saturating_add(new);
        let took = now.saturating_duration_since(*since);
        if took < MINUTE {
            return 0;
        }
        let per_minute = u128::from(*calls) * MINUTE.as_millis() / took.as_millis().max(1);
        self.minute = (now, 0);
        u32::try_from(per_minute).unwrap_or(u32::MAX)
    }
}

impl Counter {
    pub(super) fn new(path: &str, digest: Digest, shape: Option<Shape>) -> Self {
        let method = path.trim_start_matches('/').into();
        let (calls, marks) = (AtomicU64::new(0), Marks::default());
        let minute = (Instant::now(), 0);
        let told = Mutex::new(Told { calls: 0, minute, written: BTreeSet::new(), news: BTreeSet::new() });
        Self { method, digest, calls, marks, shape, told }
    }

    pub(super) const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Counts a call. Of some, whoever looks at its request.
    pub(crate) fn call(self: &Arc<Self>) -> Option<Box<Sampler>> {
        let before = self.calls.fetch_add(1, Ordering::Relaxed);
        let sampled = before < FIRST || before.is_multiple_of(ONE_IN);
        (sampled && self.shape.is_some()).then(|| Box::new(Sampler::new(Arc::clone(self))))
    }

    /// An answer came after this time.
    pub(crate) fn time(&self, took: Duration) {
        self.marks.time(took);
    }

    /// So many calls are underway to one instance.
    pub(crate) fn in_flight(&self, calls: u32) {
        self.marks.in_flight(calls);
    }

    /// Looks at a message of a request. Never waits: whoever comes while somebody else looks, goes by.
    pub(super) fn look(&self, message: &[u8]) {
        let (Some(shape), Some(mut told)) = (&self.shape, self.told.try_lock()) else { return };
        let Told { written, news, .. } = &mut *told;
        shape.walk(message, &mut |path| {
            if written.len() < MAX_PATHS && !written.contains(path) {
                written.insert(path.to_vec());
                news.insert(path.to_vec());
            }
        });
    }

    pub(super) fn has_news(&self) -> bool {
        let told = self.told.lock();
        !told.news.is_empty() || told.calls != self.calls.load(Ordering::Relaxed)
    }

    /// What is new since the last time.
    pub(super) fn take(&self) -> Option<Used> {
        let mut told = self.told.lock();
        let calls = self.calls.load(Ordering::Relaxed);
        let new = calls.wrapping_sub(std::mem::replace(&mut told.calls, calls));
        let written = std::mem::take(&mut told.news);
        let calls_per_minute = told.minute(new, Instant::now());
        let peaks = Peaks { calls_per_minute, ..self.marks.take() };
        let (method, digest) = (self.method.to_string(), self.digest.clone());
        // Of a stream that was counted long ago, the largest message may be news.
        let news = new > 0 || !written.is_empty() || peaks != Peaks::default();
        news.then_some(Used { method, digest, calls: new, written, peaks })
    }
}

impl Sizes for Counter {
    fn message(&self, direction: Direction, bytes: u32) {
        self.marks.message(direction, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_told_when_they_are_over_and_never_too_high() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut told = Told { calls: 0, minute: (start, 0), written: BTreeSet::new(), news: BTreeSet::new() };
        assert_eq!([told.minute(50, after(10)), told.minute(70, after(59))], [0, 0]);
        assert_eq!(told.minute(30, after(60)), 150);
        assert_eq!(told.minute(600, after(180)), 300, "nobody asked for two minutes");
        assert_eq!(told.minute(0, after(300)), 0);
    }
}
