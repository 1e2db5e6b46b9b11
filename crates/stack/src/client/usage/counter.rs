//! The calls of one method.

use super::{FIRST, MAX_PATHS, ONE_IN, Sampler, Used, walk::Shape};
use contract::Digest;
use parking_lot::Mutex;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// The calls of one method by one version of its contract.
#[derive(Debug)]
pub struct Counter {
    /// "shop.catalog.v1.Catalog/GetProduct".
    method: Box<str>,
    digest: Digest,
    calls: AtomicU64,
    /// Of requests; `None`: they are not looked at.
    shape: Option<Shape>,
    told: Mutex<Told>,
}

/// What somebody has been told, and what not yet.
#[derive(Debug, Default)]
struct Told {
    calls: u64,
    written: BTreeSet<Vec<u32>>,
    news: BTreeSet<Vec<u32>>,
}

impl Counter {
    pub(super) fn new(path: &str, digest: Digest, shape: Option<Shape>) -> Self {
        let method = path.trim_start_matches('/').into();
        Self { method, digest, calls: AtomicU64::new(0), shape, told: Mutex::default() }
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
        let used = Used { method: self.method.to_string(), digest: self.digest.clone(), calls: new, written };
        (used.calls > 0 || !used.written.is_empty()).then_some(used)
    }
}
