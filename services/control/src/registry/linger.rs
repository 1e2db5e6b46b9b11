//! Instances that went, with a farewell or without one. A process that is started again is away for a moment, and one
//! that is cut off may go on calling: so what they were placed with counts for a while, for whoever is judged. Else a
//! moment's absence would let a version in that shuts them out. It ends as soon as somebody of the workload is
//! admitted with another version in place of theirs, or somebody else of the namespace provides what they did.
//!
//! A restart meanwhile remembers them as it remembers everybody, as long as the grace of relearning.

use super::{Placed, Registry, index::of_workload};
use crate::store::{Claim, Consumed, InstanceKey, Placement};
use contract::Digest;
use identity::WorkloadId;
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

/// Instances of one workload that count after they left.
const MAX_LINGERING: usize = 64;

/// An instance that went.
#[derive(Debug)]
pub(super) struct Lingering {
    /// What counts of it: nobody is sent to it.
    pub(super) kept: Placement,
    until: SystemTime,
}

impl Lingering {
    pub(super) fn claim(&self) -> &Claim {
        &self.kept.claim
    }
}

impl Registry {
    /// The same, with another time for which whoever left counts.
    pub(crate) fn with_linger(self, linger: Duration) -> Self {
        Self { linger, ..self }
    }

    /// An instance went that was placed so.
    pub(super) fn linger(&mut self, key: &InstanceKey, placed: Placed, now: SystemTime) {
        self.heard_of(key);
        let Placed { mut claim, order } = placed;
        let workload = &key.workload;
        claim.views.retain(|service, consumed| !self.view_is_replaced(workload, service, consumed, order));
        claim.serves.retain(|service, digest| {
            let provided = self.index.providers.get(service).into_iter().flatten();
            let near = provided.filter(|(other, _)| other.namespace() == workload.namespace());
            let mut near = near.flat_map(|(other, instances)| instances.values().map(move |it| (other, it)));
            !near.any(|(other, (latest, since))| other != workload || (latest != digest && *since > order))
        });
        let claim = Claim { address: None, metrics_address: None, ..claim };
        let kept = Placement { key: key.clone(), claim, ready: false, order, since: now };
        self.keep_lingering(key, kept, now.checked_add(self.linger).unwrap_or(now));
    }

    fn keep_lingering(&mut self, key: &InstanceKey, kept: Placement, until: SystemTime) {
        self.index.touch(key);
        if !(kept.claim.views.is_empty() && kept.claim.serves.is_empty()) {
            self.index.linger(key, &kept.claim);
            self.lingering.insert(key.clone(), Lingering { kept, until });
            self.limit_lingering(&key.workload);
        }
    }

    /// Of too many of one workload, who left first counts no more.
    fn limit_lingering(&mut self, workload: &WorkloadId) {
        let own = of_workload(&self.lingering, workload);
        let first = own.clone().min_by_key(|(key, left)| (left.until, *key)).map(|(key, _)| key.clone());
        if let Some(first) = first.filter(|_| own.count() > MAX_LINGERING) {
            drop(self.heard_of(&first));
        }
    }

    /// Whether an instance of the workload is there that came later, and consumes the service otherwise.
    fn view_is_replaced(
        &self,
        workload: &WorkloadId,
        service: &str,
        consumed: &Consumed,
        order: u64,
    ) -> bool {
        let views = self.index.consumers.get(service).into_iter();
        let views = views.flat_map(|views| of_workload(views, workload));
        let mut others = views.filter(|(_, view)| *view != consumed);
        others.any(|(key, _)| {
            let placed = self.instances.get(key).and_then(|record| record.placed.as_ref());
            placed.is_some_and(|placed| placed.order > order)
        })
    }

    /// An instance is placed as none of its workload was before: what others of it left in another version is replaced.
    pub(super) fn replace_lingering(&mut self, by: &InstanceKey, claim: &Claim) {
        let replaced = |key: &InstanceKey, left: &Claim| -> Claim {
            let (own, near) =
                (key.workload == by.workload, key.workload.namespace() == by.workload.namespace());
            let mut rest = left.clone();
            rest.views
                .retain(|service, view| !own || claim.views.get(service).is_none_or(|other| other == view));
            rest.serves.retain(|service, digest| {
                !near || claim.serves.get(service).is_none_or(|other| own && other == digest)
            });
            rest
        };
        // Most of those who left have nothing to do with it.
        let concerned = |(key, left): &(&InstanceKey, &Lingering)| {
            let left = left.claim();
            key.workload == by.workload
                || (key.workload.namespace() == by.workload.namespace()
                    && left.serves.keys().any(|service| claim.serves.contains_key(service)))
        };
        let near = self.lingering.iter().filter(concerned);
        let rest = near.map(|(key, left)| (key, left, replaced(key, left.claim())));
        let changed = rest.filter(|(_, left, rest)| left.claim() != rest);
        let changed: Vec<_> = changed.map(|(key, left, rest)| (key.clone(), left.until, rest)).collect();
        for (key, until, claim) in changed {
            if let Some(Lingering { kept, .. }) = self.heard_of(&key) {
                self.keep_lingering(&key, Placement { claim, ..kept }, until);
            }
        }
    }

    /// It is there again, or has gone for good.
    pub(super) fn heard_of(&mut self, key: &InstanceKey) -> Option<Lingering> {
        let lingering = self.lingering.remove(key)?;
        self.index.unlinger(key, lingering.claim());
        self.index.touch(key);
        Some(lingering)
    }

    pub(super) fn stop_lingering(&mut self, now: SystemTime) {
        let over = self.lingering.iter().filter(|(_, lingering)| lingering.until <= now);
        let over: Vec<_> = over.map(|(key, _)| key.clone()).collect();
        over.iter().for_each(|key| drop(self.heard_of(key)));
    }

    /// When the first of them has been away for too long.
    pub(super) fn next_farewell(&self) -> Option<SystemTime> {
        self.lingering.values().map(|lingering| lingering.until).min()
    }

    /// Until when it counts, if it is only that it was there.
    pub(super) fn counts_until(&self, key: &InstanceKey) -> Option<SystemTime> {
        self.lingering.get(key).map(|lingering| lingering.until)
    }

    /// The same of a version of a service that nobody of the workload serves at this moment.
    pub(super) fn served_until(
        &self,
        workload: &WorkloadId,
        service: &str,
        digest: &Digest,
    ) -> Option<SystemTime> {
        let there = self.index.providers.get(service).and_then(|providers| providers.get(workload));
        if there.into_iter().flat_map(BTreeMap::values).any(|(placed, _)| placed == digest) {
            return None;
        }
        let gone = self.index.gone.get(service).into_iter().flatten();
        let gone = gone.filter(|(key, left)| key.workload == *workload && *left == digest);
        gone.filter_map(|(key, _)| self.counts_until(key)).max()
    }
}
