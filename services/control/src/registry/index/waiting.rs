//! Who waits to be placed, and what their verdicts hang on.

use super::{Index, take};
use crate::{
    registry::{Record, compare::Comparison},
    store::InstanceKey,
};

impl Index {
    pub(super) fn wait(&mut self, key: &InstanceKey, record: &Record) {
        let Some(Ok(claim)) = &record.proposed else { return };
        let waiting = (record.arrival, key.clone());
        let own = self.workloads.entry(key.workload.clone()).or_default();
        own.waiting.insert(waiting.clone());
        for service in claim.serves.keys().chain(claim.views.keys()) {
            self.concerned.entry(service.clone()).or_default().insert(waiting.clone());
        }
        if let Some(address) = claim.address {
            self.dialled.entry(address).or_default().insert(waiting);
        }
    }

    /// It is placed as it proposed, or goes.
    pub(in crate::registry) fn stop_waiting(&mut self, key: &InstanceKey, record: &Record) {
        let waiting = (record.arrival, key.clone());
        self.changes.unsettled.remove(&waiting);
        let Some(Ok(claim)) = &record.proposed else { return };
        if let Some(own) = self.workloads.get_mut(&key.workload) {
            own.waiting.remove(&waiting);
        }
        for service in claim.serves.keys().chain(claim.views.keys()) {
            take(&mut self.concerned, service, &waiting);
        }
        if let Some(address) = claim.address {
            take(&mut self.dialled, &address, &waiting);
        }
    }

    pub(in crate::registry) fn want(&mut self, key: &InstanceKey, record: &Record) {
        for digest in &record.wanted {
            self.wanted.entry(digest.clone()).or_default().insert((record.arrival, key.clone()));
            self.changes.wanted.insert(digest.clone());
        }
    }

    pub(in crate::registry) fn unwant(&mut self, key: &InstanceKey, record: &Record) {
        for digest in &record.wanted {
            take(&mut self.wanted, digest, &(record.arrival, key.clone()));
            self.changes.wanted.insert(digest.clone());
        }
    }

    /// Its verdict hangs on these comparisons, and on the time.
    pub(in crate::registry) fn hang(&mut self, key: &InstanceKey, record: &Record) {
        let waiting = (record.arrival, key.clone());
        for comparison in &*record.comparing.missing {
            self.comparing.entry(comparison.clone()).or_default().insert(waiting.clone());
        }
        for (set, _) in [(&mut self.pending, record.is_pending()), (&mut self.behind, record.behind)]
            .into_iter()
            .filter(|(_, is_in)| *is_in)
        {
            for service in would_meet(record) {
                set.entry(service.clone()).or_default().insert(waiting.clone());
            }
        }
        for comparison in &*record.comparing.known {
            self.held.entry(comparison.clone()).or_default().insert(waiting.clone());
        }
        self.lapsing.extend(record.lapses.map(|end| (end, waiting)));
    }

    /// The verdict on this one is made, or will never be: whoever waited for it is judged again.
    pub(in crate::registry) fn follow(&mut self, record: &Record) {
        for service in would_meet(record) {
            self.changes.unsettled.extend(self.behind.get(service).into_iter().flatten().cloned());
        }
    }

    pub(in crate::registry) fn unhang(&mut self, key: &InstanceKey, record: &Record) {
        let waiting = (record.arrival, key.clone());
        for comparison in &*record.comparing.missing {
            take(&mut self.comparing, comparison, &waiting);
        }
        for service in would_meet(record).filter(|_| record.is_pending()) {
            take(&mut self.pending, service, &waiting);
            take(&mut self.behind, service, &waiting);
        }
        for comparison in &*record.comparing.known {
            take(&mut self.held, comparison, &waiting);
        }
        record.lapses.map(|end| self.lapsing.remove(&(end, waiting)));
    }

    /// Whether somebody waits for a comparison, or with it for others.
    pub(in crate::registry) fn needs(&self, comparison: &Comparison) -> bool {
        self.comparing.contains_key(comparison) || self.held.contains_key(comparison)
    }
}

/// What somebody who waits would serve and consume.
fn would_meet(record: &Record) -> impl Iterator<Item = &String> {
    let proposed = record.proposed.iter().flatten();
    proposed.flat_map(|claim| claim.serves.keys().chain(claim.views.keys()))
}
