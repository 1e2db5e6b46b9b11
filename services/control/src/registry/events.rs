//! What happens to the registry, and what follows.

use super::{
    Comparison, Judged, Lease, Offer, Outcome, Record, Refusal, Registry, State, Use, admission::Needs,
    bounds, index::Shift, whom::is_gateway,
};
use crate::{
    reason::Reason,
    store::{AuditEvent, AuditKind, Change, InstanceKey},
};
use contract::Digest;
use identity::WorkloadId;
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Instant, SystemTime},
};

/// One stream of registration. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LeaseId(pub(crate) u64);

/// What happens.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// An instance describes itself on its stream, for the first time or again.
    Register { lease: LeaseId, workload: WorkloadId, offer: Box<Offer> },
    /// A descriptor set came, or was found in the store.
    Learn { judged: Judged, stored: bool },
    /// A set came on this stream that is not the one it was sent as.
    Mismatch { lease: LeaseId, said: Digest, is: Digest },
    /// A set came on this stream with which its workload would have too many bytes.
    TooLarge { lease: LeaseId, digest: Digest },
    /// A comparison is done.
    Compared { comparison: Comparison, outcome: Outcome },
    /// What is known of who calls what; of each workload and service, in place of what was known before.
    Used(Vec<Use>),
    /// The same of all callers together; the workload is the one that is called.
    Totals(Vec<Use>),
    /// The instance takes traffic, or no longer does.
    Readiness { lease: LeaseId, ready: bool },
    /// The stream ended; `lost`: without a farewell, so that the instance may be there still.
    Closed { lease: LeaseId, lost: bool },
    /// Time went by: it is this moment now, of the clock that nobody sets.
    Tick(Instant),
    /// The control plane goes: streams that end from now on say nothing about their instances.
    ShutDown,
}

/// What an instance is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Wanted(Vec<Digest>),
    /// The name of its listener; empty for a pure consumer.
    Admitted {
        listener: String,
        /// What it breaks that nothing gates.
        warnings: Arc<[Refusal]>,
    },
    Refused(Arc<[Refusal]>),
    /// Another stream registered the same instance. The last answer on a stream.
    Superseded,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// To be kept before any answer is given.
    Save(Change),
    Answer {
        lease: LeaseId,
        answer: Answer,
    },
    /// Somebody was refused, for these reasons: to be counted.
    Refused(BTreeSet<Reason>),
}

impl Registry {
    /// Takes one event. The effects are in order; all are to be carried out. What follows for many may take further
    /// slices ([`Self::is_settled`]).
    pub(crate) fn handle(&mut self, event: Event, now: SystemTime) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.now = now;
        self.index.lapse(now);
        self.stop_lingering(now);
        self.unhinder(None);
        match event {
            Event::Register { lease, workload, offer } => {
                self.register(lease, workload, *offer, now, &mut effects);
            }
            Event::Learn { judged, stored } => self.learn(judged, stored),
            Event::Compared { comparison, outcome } => self.compared(comparison, outcome),
            Event::Used(uses) => uses.into_iter().for_each(|known| self.know(known)),
            Event::TooLarge { lease, digest } => self.too_large(lease, &digest),
            Event::Totals(totals) => totals.into_iter().for_each(|total| self.sum(total)),
            Event::Mismatch { lease, said, is } => self.mismatch(lease, &said, &is),
            Event::Readiness { lease, ready } => self.turn(lease, ready),
            Event::Closed { lease, lost } => self.close(lease, lost, now, &mut effects),
            Event::Tick(moment) => self.expire(moment, now, &mut effects),
            Event::ShutDown => self.shutting_down = true,
        }
        if !self.shutting_down {
            self.settle(now, &mut effects);
        }
        effects
    }

    /// Judges those whom earlier events left to be judged.
    pub(crate) fn go_on(&mut self, now: SystemTime) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.now = now;
        if !self.shutting_down {
            self.settle(now, &mut effects);
        }
        effects
    }

    fn register(
        &mut self,
        lease: LeaseId,
        workload: WorkloadId,
        offer: Offer,
        now: SystemTime,
        effects: &mut Vec<Effect>,
    ) {
        let key = InstanceKey { workload, instance: offer.instance.clone() };
        let before = self.leases.insert(lease, Lease { key: Some(key.clone()), told: None });
        // The stream may rename its instance.
        if let Some(old) = before.and_then(|lease| lease.key).filter(|old| *old != key) {
            self.leave(&old, AuditKind::InstanceLeft, "it is called otherwise now", now, effects);
        }
        let count = self.next();
        let arrival = match self.instances.get(&key) {
            // Who says the same again has come before; whoever says something else comes anew.
            Some(record) if record.lease == Some(lease) && record.offer == offer => record.arrival,
            _ => count,
        };
        let known = self.remove(&key);
        let superseded = known.as_ref().and_then(|record| record.lease).filter(|old| *old != lease);
        if let Some(old) = superseded {
            effects.push(Effect::Answer { lease: old, answer: Answer::Superseded });
            self.leases.entry(old).and_modify(|old| old.key = None);
        }
        let same = self.same_process(&key, known, &offer, now);
        let (state, since) =
            same.as_ref().map_or((State::Joined, now), |record| (record.state, record.since));
        let same_warnings = same.as_ref().map(|record| record.warnings.clone()).unwrap_or_default();
        let record = Record {
            lease: Some(lease),
            proposed: Some(offer.check()),
            offer,
            ready: same.as_ref().is_some_and(|record| record.ready),
            placed: same.and_then(|record| record.placed),
            wanted: Vec::new(),
            comparing: Needs::default(),
            behind: false,
            lapses: None,
            refusals: Arc::default(),
            warnings: same_warnings,
            fault: None,
            arrival,
            state,
            since,
        };
        self.index.unsettle(&key, &record);
        self.insert(key.clone(), record);
        if let Some(excess) = self.excess(&key.workload) {
            self.fault(&key, excess);
        }
    }

    fn turn(&mut self, lease: LeaseId, ready: bool) {
        let Some(key) = self.key_of(lease) else { return };
        if let Some(record) = self.instances.get_mut(&key).filter(|record| record.ready != ready) {
            record.ready = ready;
            self.index.touch(&key);
        }
    }

    /// At another address it is another process: the one before is gone, and this one is not ready.
    fn same_process(
        &mut self,
        key: &InstanceKey,
        known: Option<Record>,
        offer: &Offer,
        now: SystemTime,
    ) -> Option<Record> {
        let known = known?;
        let placed = known.placed.clone()?;
        if placed.claim.address == offer.address.parse().ok() {
            return Some(known);
        }
        self.remember(key, placed.clone());
        self.linger(key, placed, now);
        None
    }

    fn learn(&mut self, judged: Judged, stored: bool) {
        let digest = judged.digest.clone();
        // Whoever wanted it may have left.
        if !self.index.used.contains(digest.as_str()) {
            return;
        }
        if stored {
            self.stored.insert(digest.clone());
        }
        self.shown.learn(&judged);
        self.contracts.entry(digest.clone()).or_insert(judged);
        for (_, key) in self.index.wanted.get(&digest).cloned().into_iter().flatten() {
            if let Some(record) = self.instances.get(&key) {
                self.index.unsettle(&key, record);
            }
            if let Some(excess) = self.excess(&key.workload) {
                self.fault(&key, excess);
            }
        }
    }

    fn compared(&mut self, comparison: Comparison, outcome: Outcome) {
        // Whoever waited for it may have left.
        let waiting = self.index.comparing.get(&comparison);
        if waiting.is_none() && !self.hindered.comparing.contains_key(&comparison) {
            return;
        }
        self.index.changes.unsettled.extend(waiting.into_iter().flatten().cloned());
        self.unhinder(Some(&comparison));
        let (index, hindered) = (&self.index, &self.hindered);
        self.compared.insert(comparison, outcome, |one| index.needs(one) || hindered.needs(one));
    }

    fn know(&mut self, known: Use) {
        let service = known.service.clone();
        let counts = is_gateway(&known.workload);
        let before = self.uses.of(&service, &known.workload).cloned();
        if before.as_ref().is_none_or(|before| !before.is_like(&known) || !self.counts_like(before, &known)) {
            self.index.concern(&service, None);
            self.index.shift(&service, Shift::Use(known.workload.clone()), None);
        }
        known.digests().filter(|_| counts).for_each(|digest| self.index.retain(digest));
        let before = before.iter().filter(|_| counts).flat_map(|before| before.digests());
        before.for_each(|digest| self.index.release(digest.as_str()));
        self.uses.put(known);
    }

    fn sum(&mut self, total: Use) {
        let before = self.totals.of(&total.service, &total.workload);
        if before.is_none_or(|before| !before.is_like(&total)) {
            self.index.concern(&total.service, None);
            self.index.shift(&total.service, Shift::Use(total.workload.clone()), None);
        }
        self.totals.put(total);
    }

    fn mismatch(&mut self, lease: LeaseId, said: &Digest, is: &Digest) {
        let message = format!("a descriptor set was sent as {} and is {}", said.short(), is.short());
        let remedy = "send the bytes that were digested, unchanged";
        if let Some(key) = self.key_of(lease) {
            self.fault(&key, Refusal::new(Reason::DESCRIPTOR_SET_MISMATCH, &message, remedy));
        }
    }

    fn too_large(&mut self, lease: LeaseId, digest: &Digest) {
        let Some(key) = self.key_of(lease) else { return };
        // It may propose something else by now.
        if self.instances.get(&key).is_some_and(|record| record.wanted.contains(digest)) {
            let fault = bounds::too_large(&key.workload);
            self.fault(&key, fault);
        }
    }

    /// What it proposes is refused, whatever happens. What is placed is not touched by it before.
    fn fault(&mut self, key: &InstanceKey, fault: Refusal) {
        let Some(record) = self.instances.get_mut(key).filter(|record| record.proposed.is_some()) else {
            return;
        };
        self.index.withdraw(key, record);
        record.fault = Some(fault);
        self.index.unsettle(key, record);
    }

    fn close(&mut self, lease: LeaseId, lost: bool, now: SystemTime, effects: &mut Vec<Effect>) {
        let Some(Lease { key: Some(key), .. }) = self.leases.remove(&lease) else { return };
        if self.shutting_down {
            return;
        }
        let placed = self.instances.get(&key).and_then(|record| record.placed.clone());
        let why = if lost { "its stream broke" } else { "its stream ended" };
        self.leave(&key, AuditKind::InstanceLeft, why, now, effects);
        placed.into_iter().for_each(|placed| self.linger(&key, placed, now));
    }

    fn expire(&mut self, moment: Instant, now: SystemTime, effects: &mut Vec<Effect>) {
        if moment < self.relearn_until {
            return;
        }
        if self.index.remembered == 0 {
            return;
        }
        let lost = self.instances.iter().filter(|(_, record)| record.lease.is_none());
        let lost: Vec<_> = lost.map(|(key, _)| key.clone()).collect();
        for key in lost {
            self.leave(&key, AuditKind::InstanceLost, "not heard of since the restart", now, effects);
        }
    }

    /// Withdraws an instance.
    pub(super) fn leave(
        &mut self,
        key: &InstanceKey,
        kind: AuditKind,
        why: &str,
        now: SystemTime,
        effects: &mut Vec<Effect>,
    ) {
        let Some(record) = self.remove(key) else { return };
        let message = format!("{key} left: {why}");
        let event = AuditEvent::new(now, kind, Some(key.workload.clone()), message);
        effects.push(Effect::Save(Change::Audit(event)));
        if let Some(placed) = record.placed {
            self.remember(key, placed);
        }
    }

    fn key_of(&self, lease: LeaseId) -> Option<InstanceKey> {
        self.leases.get(&lease)?.key.clone()
    }
}
