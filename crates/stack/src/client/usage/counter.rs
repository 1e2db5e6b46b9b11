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
    time::Duration,
};

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
    written: BTreeSet<Vec<u32>>,
    news: BTreeSet<Vec<u32>>,
}

impl Counter {
    pub(super) fn new(path: &str, digest: Digest, shape: Option<Shape>) -> Self {
        let method = path.trim_start_matches('/').into();
        let (calls, marks) = (AtomicU64::new(0), Marks::default());
        let told = Mutex::new(Told { calls: 0, written: BTreeSet::new(), news: BTreeSet::new() });
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

    /// Counts a unary call that is over, with its encoded request behind a prefix: at once what a client counts on the way.
    pub fn unary(self: &Arc<Self>, request: &[u8], response_bytes: u32, took: Duration, in_flight: u32) {
        if let Some(mut sampler) = self.call() {
            sampler.feed(request);
        }
        self.in_flight(in_flight);
        self.time(took);
        self.message(Direction::Request, u32::try_from(request.len()).unwrap_or(u32::MAX));
        self.message(Direction::Response, response_bytes);
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
        let peaks = self.marks.take();
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
