//! What is known of who calls what. Others count it; here it decides whom a new version must not break.

use super::whom::is_gateway;
use crate::peaks::Peaks;
use contract::Digest;
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, SystemTime},
};

/// What is known of one workload's use of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) workload: WorkloadId,
    /// The full name.
    pub(crate) service: String,
    /// When the workload first said that it consumes the service, or first called it.
    pub(crate) declared: SystemTime,
    /// By the methods' own names; those that were never called are missing.
    pub(crate) methods: BTreeMap<String, MethodUse>,
    /// Of each method that the workload's views have: since when they do. One that is missing came a moment ago.
    pub(crate) since: BTreeMap<String, SystemTime>,
}

impl Use {
    /// How much memory it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let path = |path: &Vec<u32>| size_of::<Vec<u32>>() + size_of_val(path.as_slice());
        let method = |(name, known): (&String, &MethodUse)| {
            name.len() + size_of::<MethodUse>() + known.written.iter().map(path).sum::<usize>()
        };
        let since = self.since.keys().map(|name| name.len() + size_of::<(String, SystemTime)>());
        size_of::<Self>() + self.methods.iter().map(method).sum::<usize>() + since.sum::<usize>()
    }
}

/// What is known of one workload's calls of one method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MethodUse {
    pub(crate) last_used: SystemTime,
    /// As far as is known.
    pub(crate) calls: u64,
    /// The set that the caller was built with when it called last. Of the gateway, which has none of its own:
    /// the one that was in force then.
    pub(crate) digest: Option<Digest>,
    /// Paths of fields, by numbers from the top of the request, that sampled requests carried.
    pub(crate) written: BTreeSet<Vec<u32>>,
    /// The most that they took.
    pub(crate) peaks: Peaks,
}

/// Everything known, by service and workload.
#[derive(Debug, Default)]
pub(super) struct Uses(BTreeMap<String, BTreeMap<WorkloadId, Arc<Use>>>);

impl Uses {
    /// Replaces what was known of this workload and service; returns that.
    pub(super) fn put(&mut self, known: Use) -> Option<Arc<Use>> {
        let of_service = self.0.entry(known.service.clone()).or_default();
        of_service.insert(known.workload.clone(), Arc::new(known))
    }

    pub(super) fn of(&self, service: &str, workload: &WorkloadId) -> Option<&Arc<Use>> {
        self.0.get(service)?.get(workload)
    }

    /// The sets that calls of outsiders were made with.
    pub(super) fn counted(&self) -> impl Iterator<Item = &Digest> {
        let outsiders = self.0.values().flatten().filter(|(workload, _)| is_gateway(workload));
        outsiders.flat_map(|(_, known)| known.digests())
    }

    /// Whoever is known to have declared or called a service.
    pub(super) fn of_service(&self, service: &str) -> impl Iterator<Item = &Arc<Use>> {
        self.0.get(service).into_iter().flat_map(BTreeMap::values)
    }
}

/// Whether a consumer counts as one that a method must not break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum InUse {
    /// It was declared, and not called, for as long as the window is.
    No,
    /// It was called so lately, or came so lately with a view: until then.
    Until(SystemTime),
    /// The consumer says so, or nothing is known of it.
    Declared,
}

impl Use {
    /// Whether `method` of one of its views is in use at this moment.
    pub(super) fn in_use(&self, method: &str, window: Duration, now: SystemTime) -> InUse {
        let Some(since) = self.since.get(method) else { return InUse::Declared };
        let called = self.methods.get(method).map(|known| known.last_used);
        let latest = called.map_or(*since, |called| called.max(*since));
        until(latest, window, now)
    }

    /// The same, where a declaration counts for nothing.
    pub(super) fn called_lately(&self, method: &str, window: Duration, now: SystemTime) -> InUse {
        let called = self.methods.get(method).map(|known| known.last_used);
        called.map_or(InUse::No, |called| until(called, window, now))
    }

    /// The sets that the calls were made with.
    pub(super) fn digests(&self) -> impl Iterator<Item = &Digest> {
        self.methods.values().filter_map(|known| known.digest.as_ref())
    }

    /// Whether the same is declared and called by the same, with the same written, and as much; whenever and however
    /// often.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let same = |(one, other): ((&String, &MethodUse), (&String, &MethodUse))| {
            one.0 == other.0
                && one.1.digest == other.1.digest
                && one.1.written == other.1.written
                && one.1.peaks.is_like(&other.1.peaks)
        };
        let declared = self.since.keys().eq(other.since.keys());
        declared
            && self.methods.len() == other.methods.len()
            && self.methods.iter().zip(&other.methods).all(same)
    }
}

fn until(latest: SystemTime, window: Duration, now: SystemTime) -> InUse {
    match latest.checked_add(window) {
        Some(end) if end <= now => InUse::No,
        Some(end) => InUse::Until(end),
        None => InUse::Declared,
    }
}
