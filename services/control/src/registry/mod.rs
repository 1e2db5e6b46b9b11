//! Who is alive, what they serve, and whether they may: a state machine.
//!
//! Events go in with the time; answers and changes to keep come out. It opens no socket, reads no clock and
//! no store, and compiles no policy.
//!
//! What holds at any moment, whatever the order of events:
//! - Within one namespace, a service is provided by one workload.
//! - An instance is placed only by its own live stream, or from memory until the grace of relearning ends.
//! - Several instances of one workload may serve different versions of a contract. The version that was
//!   registered last is **in force** for all of them (routes and guards); when its last instance leaves,
//!   the latest of the remaining ones is. A stream that breaks and comes back with the same contracts
//!   counts as registered when it first was. What was in force stays in the store's history.
//! - The contract of a workload whose last instance left stays known, without endpoints, until the
//!   workload comes back without it, somebody else provides it, or the control plane restarts: "nobody is
//!   there now" is another answer than "there is no such thing".

mod admission;
mod events;
mod judged;
mod offer;
mod settle;
#[cfg(test)]
pub(crate) mod tests;
mod view;

pub(crate) use events::{Answer, Effect, Event, LeaseId};
pub(crate) use judged::Judged;
pub(crate) use offer::{Offer, Refusal};
pub(crate) use view::{InstanceView, Known, State, View};

use crate::store::{Claim, InstanceKey, Placement};
use contract::Digest;
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Instant, SystemTime},
};

/// How many instances that left are remembered, so that one that comes back keeps its place in the order.
const MAX_DEPARTED: usize = 1024;

/// The registry's state.
#[derive(Debug)]
pub(crate) struct Registry {
    /// Until when instances that are only remembered stay placed. Of the steady clock: nothing may be
    /// withdrawn because the wall clock was set.
    relearn_until: Instant,
    shutting_down: bool,
    leases: BTreeMap<LeaseId, Lease>,
    instances: BTreeMap<InstanceKey, Record>,
    contracts: BTreeMap<Digest, Judged>,
    /// The contract in force of workloads without a placed instance.
    absent: BTreeMap<(WorkloadId, String), Digest>,
    departed: BTreeMap<InstanceKey, Placed>,
    /// When a workload came to provide a service, on the scale of `count`.
    claims: BTreeMap<(WorkloadId, String), u64>,
    /// Counts admissions and arrivals.
    count: u64,
    /// What the store holds.
    saved: BTreeMap<InstanceKey, Placement>,
    stored: BTreeSet<Digest>,
}

/// One open stream.
#[derive(Debug)]
struct Lease {
    /// `None`: another stream took the instance over.
    key: Option<InstanceKey>,
    told: Option<Answer>,
}

/// One instance.
#[derive(Debug)]
struct Record {
    /// `None`: remembered from before a restart.
    lease: Option<LeaseId>,
    offer: Offer,
    /// The offer is not placed yet: to be judged, and judged again while it is refused.
    proposed: bool,
    placed: Option<Placed>,
    ready: bool,
    wanted: Vec<Digest>,
    refusals: Vec<Refusal>,
    /// A set came that is not the one it was sent as.
    mismatch: Option<Refusal>,
    /// Who came first is judged first.
    arrival: u64,
    state: State,
    since: SystemTime,
}

/// An admitted claim.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Placed {
    claim: Claim,
    order: u64,
}

impl Registry {
    /// A registry that remembers `placements` with `contracts` from before a restart.
    pub(crate) fn new(placements: Vec<Placement>, contracts: Vec<Judged>, relearn_until: Instant) -> Self {
        let count = placements.iter().map(|placement| placement.order).max().unwrap_or(0);
        let instances =
            placements.iter().map(|placement| (placement.key.clone(), Record::remembered(placement)));
        let mut registry = Self {
            relearn_until,
            shutting_down: false,
            leases: BTreeMap::new(),
            instances: instances.collect(),
            stored: contracts.iter().map(|judged| judged.digest.clone()).collect(),
            contracts: contracts.into_iter().map(|judged| (judged.digest.clone(), judged)).collect(),
            absent: BTreeMap::new(),
            departed: BTreeMap::new(),
            claims: BTreeMap::new(),
            count,
            saved: placements.into_iter().map(|placement| (placement.key.clone(), placement)).collect(),
        };
        registry.claim();
        registry
    }

    /// Whether instances are still remembered only, and until when at most.
    pub(crate) fn relearning(&self) -> Option<Instant> {
        self.instances.values().any(|record| record.lease.is_none()).then_some(self.relearn_until)
    }

    /// Descriptor sets that are waited for.
    pub(crate) fn wanted(&self) -> BTreeSet<Digest> {
        self.instances.values().flat_map(|record| record.wanted.iter().cloned()).collect()
    }

    /// The admitted instances.
    fn placed(&self) -> impl Iterator<Item = (&InstanceKey, &Placed)> {
        self.instances.iter().filter_map(|(key, record)| Some((key, record.placed.as_ref()?)))
    }

    fn is_leased(&self, key: &InstanceKey) -> bool {
        self.instances.get(key).is_some_and(|record| record.lease.is_some())
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

impl Record {
    fn remembered(placement: &Placement) -> Self {
        Self {
            lease: None,
            offer: Offer::of(&placement.key.instance, &placement.claim),
            proposed: false,
            placed: Some(Placed { claim: placement.claim.clone(), order: placement.order }),
            ready: placement.ready,
            wanted: Vec::new(),
            refusals: Vec::new(),
            mismatch: None,
            arrival: placement.order,
            state: State::Relearning,
            since: placement.since,
        }
    }

    fn state(&self) -> State {
        match (self.lease, &self.placed) {
            (None, _) => State::Relearning,
            (_, Some(_)) if self.ready => State::Ready,
            (_, Some(_)) => State::Joined,
            (_, None) if self.refusals.is_empty() => State::Joined,
            (_, None) => State::Refused,
        }
    }
}
