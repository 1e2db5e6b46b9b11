//! What a workload left in force when its last instance went. Nobody serves it, and it is not nothing: whoever
//! claimed a contract stays the one who did, and a strict gate has a version to compare with.
//!
//! Over a restart it is known for the gate alone: whoever has gone for good must not keep a service from those
//! who provide it elsewhere for ever.

use super::{Effect, MAX_DEPARTED, Placed, Registry, index::Shift};
use crate::store::{Change, Claim, InstanceKey};
use contract::Digest;
use identity::WorkloadId;
use std::collections::{BTreeMap, BTreeSet};

/// By workload and service.
pub(crate) type Left = BTreeMap<WorkloadId, BTreeMap<String, Digest>>;

impl Registry {
    /// What `workload` left in force of a service, be it before a restart.
    pub(super) fn left(&self, workload: &WorkloadId, service: &str) -> Option<&Digest> {
        [&self.absent, &self.left].into_iter().find_map(|left| left.get(workload)?.get(service))
    }

    /// The services that `workload` left in force.
    pub(super) fn left_services(&self, workload: &WorkloadId) -> impl Iterator<Item = &String> {
        [&self.absent, &self.left].into_iter().filter_map(|left| left.get(workload)).flat_map(BTreeMap::keys)
    }

    /// The last instance of a workload that serves anything takes no contract with it, and one that comes back keeps
    /// its place.
    pub(super) fn remember(&mut self, key: &InstanceKey, placed: Placed) {
        let alone = !self.index.serves(&key.workload);
        for (service, digest) in placed.claim.serves.iter().filter(|_| alone) {
            for left in [&mut self.left, &mut self.absent] {
                if let Some(before) = left.get_mut(&key.workload).and_then(|left| left.remove(service)) {
                    self.index.resume(&key.workload, service, &before);
                }
            }
            self.index.leave(&key.workload, service, digest);
            let absent = self.absent.entry(key.workload.clone()).or_default();
            absent.insert(service.clone(), digest.clone());
        }
        self.departed.insert(key.clone(), placed);
        if self.departed.len() > MAX_DEPARTED {
            let oldest =
                self.departed.iter().min_by_key(|(_, placed)| placed.order).map(|(key, _)| key.clone());
            oldest.map(|key| self.departed.remove(&key));
        }
    }

    /// What was in force of a workload that is back, or of another one of the namespace, is so no more. Who serves
    /// nothing brings nothing back.
    pub(super) fn no_longer_left(&mut self, by: &InstanceKey, claim: &Claim) {
        let workload = &by.workload;
        if claim.serves.is_empty() {
            return;
        }
        let mut gone: Vec<(WorkloadId, String, Digest)> = Vec::new();
        for left in [&mut self.absent, &mut self.left] {
            if left.is_empty() {
                continue;
            }
            let own = left.remove(workload).into_iter().flatten();
            gone.extend(own.map(|(service, digest)| (workload.clone(), service, digest)));
            let others = left.iter_mut().filter(|(other, _)| other.namespace() == workload.namespace());
            for (other, left) in others {
                let replaced = claim.serves.keys().filter_map(|service| left.remove_entry(service));
                gone.extend(replaced.map(|(service, digest)| (other.clone(), service, digest)));
            }
            left.retain(|_, left| !left.is_empty());
        }
        for (workload, service, digest) in gone {
            self.index.resume(&workload, &service, &digest);
            self.index.concern(&service, None);
            self.index.shift(&service, Shift::Versions, Some(by));
            self.index.changes.services.insert((workload, service));
        }
    }

    /// The difference between what is left and what the store holds of it.
    pub(super) fn save_left(&mut self, changed: &BTreeSet<(WorkloadId, String)>, effects: &mut Vec<Effect>) {
        for (workload, service) in changed {
            let now = self.left(workload, service).cloned();
            let saved = self.saved_left.entry(workload.clone()).or_default();
            if saved.get(service) == now.as_ref() {
                continue;
            }
            match &now {
                Some(digest) => drop(saved.insert(service.clone(), digest.clone())),
                None => drop(saved.remove(service)),
            }
            let (workload, service) = (workload.clone(), service.clone());
            effects.push(Effect::Save(Change::Left { workload, service, digest: now }));
        }
        self.saved_left.retain(|_, left| !left.is_empty());
    }
}
