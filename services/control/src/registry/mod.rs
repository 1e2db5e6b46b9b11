//! Who is alive, what they serve, and whether they may: a state machine.
//!
//! Events go in with the time; answers and changes to keep come out. It opens no socket, reads no clock and
//! no store, and compiles no policy.
//!
//! What holds at any moment, whatever the order of events:
//! - Within one namespace, a service is provided by one workload.
//! - No consumer is placed where its calls go to a version of a contract that would break a STABLE method which it
//!   uses, unless they went there already when that became known, or the contract's gate reports only.
//! - An instance is placed only by its own live stream, or from memory until the grace of relearning ends.
//! - Several instances of one workload may serve different versions of a contract. The version that was
//!   registered last is **in force** for all of them (routes and guards); when its last instance leaves,
//!   the latest of the remaining ones is. A stream that breaks and comes back with the same contracts
//!   counts as registered when it first was. What was in force stays in the store's history.
//! - The contract of a workload whose last instance left stays known, without endpoints, until the
//!   workload comes back without it, somebody else provides it, or the control plane restarts: "nobody is
//!   there now" is another answer than "there is no such thing". A strict gate compares with it over restarts, too.
//! - An event costs what it changes: verdicts are made again where something changed that they hang on, a meeting is
//!   decided about again where it is another one, and what concerns many is done in slices, between which others are heard.
//! - What one workload makes others keep is bounded, whatever it says and however often.

mod admission;
mod asked;
mod asking;
mod bounds;
mod breakage;
mod compare;
mod compared;
mod counts;
mod decided;
mod denied;
mod events;
mod few;
mod force;
mod gate;
mod index;
mod judged;
mod kept;
mod left;
mod linger;
mod memo;
mod offer;
mod refusal;
mod routes;
mod settle;
mod slices;
mod sunset;
#[cfg(test)]
pub(crate) mod tests;
mod usage;
mod view;
mod warned;
mod whom;

pub(crate) use asked::ConsumerView;
pub(crate) use bounds::{MAX_SETS, MAX_STREAMS, Room};
pub(crate) use breakage::{Breakage, Declared, Shown};
pub(crate) use compare::{Comparison, Outcome, Question};
pub(crate) use events::{Answer, Effect, Event, LeaseId};
pub(crate) use gate::Judgement;
pub(crate) use judged::Judged;
pub(crate) use left::Left;
pub(crate) use offer::{Offer, OfferedView};
pub(crate) use refusal::Refusal;
pub(crate) use routes::Routes;
pub(crate) use sunset::day;
pub(crate) use usage::{MethodUse, Use};
pub(crate) use view::{InstanceView, Known, State, View};
pub(crate) use whom::{Meeting, Version};

use crate::{
    LINGER, USAGE_WINDOW,
    store::{Claim, InstanceKey, Placement},
};
use admission::Needs;
use asking::Asking;
use compared::Compared;
use contract::Digest;
use identity::WorkloadId;
use index::Index;
use linger::Lingering;
use memo::Memo;
use refusal::Refusals;
use routes::Hindered;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use usage::Uses;

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
    /// Comparisons of sets that are known.
    compared: Compared,
    memo: Memo,
    uses: Uses,
    /// By provider: of all callers together.
    totals: Uses,
    /// For how long a method counts as in use after a call.
    window: Duration,
    /// Of the latest event.
    now: SystemTime,
    index: Index,
    asking: Asking,
    /// The contracts in force of workloads without a placed instance.
    absent: Left,
    /// The same, from before a restart.
    left: Left,
    routes: Routes,
    hindered: Hindered,
    departed: BTreeMap<InstanceKey, Placed>,
    lingering: BTreeMap<InstanceKey, Lingering>,
    /// For how long whoever left counts.
    linger: Duration,
    /// When a workload came to provide a service, on the scale of `count`.
    claims: BTreeMap<(WorkloadId, String), u64>,
    /// Counts admissions and arrivals.
    count: u64,
    /// What the store holds.
    saved: BTreeMap<InstanceKey, Placement>,
    saved_left: Left,
    saved_routes: Routes,
    /// Of `contracts`, those that the store holds.
    stored: BTreeSet<Digest>,
    shown: view::Shown,
    /// What was done in this slice, and how much there may be.
    spent: usize,
    slice: usize,
    /// How many verdicts were made.
    #[cfg(test)]
    verdicts: usize,
    /// How many instances were looked at for what is new of them.
    #[cfg(test)]
    looked_at: usize,
    /// How often it was made out of what an instance is to be warned.
    #[cfg(test)]
    warned: usize,
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
    /// What it asks for, as long as that is not placed: to be judged, and judged again while it is refused.
    proposed: Option<Proposal>,
    placed: Option<Placed>,
    ready: bool,
    wanted: Vec<Digest>,
    /// The comparisons that its verdict waits for, or its warnings.
    comparing: Needs,
    /// It would be admitted, and waits for the verdicts on those who came before it.
    behind: bool,
    /// When its verdict may be another one, whatever happens.
    lapses: Option<SystemTime>,
    refusals: Arc<[Refusal]>,
    /// What it breaks that nothing gates.
    warnings: Arc<[Refusal]>,
    /// Why it is not admitted before it registers again.
    fault: Option<Refusal>,
    /// Who came first is judged first.
    arrival: u64,
    state: State,
    since: SystemTime,
}

/// An offer as a claim, or why it makes none.
type Proposal = Result<Claim, Refusals>;

/// An admitted claim.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Placed {
    claim: Claim,
    order: u64,
}

impl Registry {
    /// A registry that remembers `placements`, and what was `left` in force, with `contracts` from before a
    /// restart.
    pub(crate) fn new(
        placements: Vec<Placement>,
        left: Left,
        contracts: Vec<Judged>,
        relearn_until: Instant,
    ) -> Self {
        let count = placements.iter().map(|placement| placement.order).max().unwrap_or(0);
        let mut registry = Self {
            relearn_until,
            shutting_down: false,
            leases: BTreeMap::new(),
            instances: BTreeMap::new(),
            compared: Compared::default(),
            memo: Memo::default(),
            uses: Uses::default(),
            totals: Uses::default(),
            window: USAGE_WINDOW,
            now: SystemTime::UNIX_EPOCH,
            index: Index::default(),
            asking: Asking::default(),
            stored: contracts.iter().map(|judged| judged.digest.clone()).collect(),
            contracts: contracts.into_iter().map(|judged| (judged.digest.clone(), judged)).collect(),
            absent: Left::new(),
            saved_left: left.clone(),
            left,
            routes: Routes::new(),
            hindered: Hindered::default(),
            saved_routes: Routes::new(),
            departed: BTreeMap::new(),
            lingering: BTreeMap::new(),
            linger: LINGER,
            claims: BTreeMap::new(),
            count,
            saved: BTreeMap::new(),
            shown: view::Shown::default(),
            spent: 0,
            slice: slices::SLICE,
            #[cfg(test)]
            verdicts: 0,
            #[cfg(test)]
            looked_at: 0,
            #[cfg(test)]
            warned: 0,
        };
        for placement in placements {
            registry.insert(placement.key.clone(), Record::remembered(&placement));
            registry.saved.insert(placement.key.clone(), placement);
        }
        for (workload, left) in &registry.left {
            left.iter().for_each(|(service, digest)| registry.index.leave(workload, service, digest));
        }
        let used = &registry.index.used;
        registry.contracts.retain(|digest, _| used.contains(digest.as_str()));
        registry.stored.retain(|digest| used.contains(digest.as_str()));
        registry.contracts.values().for_each(|judged| registry.shown.learn(judged));
        registry.catch_up();
        registry
    }

    /// The same, with another window of usage.
    pub(crate) fn with_window(self, window: Duration) -> Self {
        Self { window, ..self }
    }

    /// Comparisons that are waited for.
    #[cfg(test)]
    pub(crate) fn comparing(&self) -> impl Iterator<Item = &Comparison> {
        self.index.comparing.keys().chain(self.hindered.comparing.keys())
    }

    /// The comparisons to be made next, where these are being made: of whoever came first, but first of all of
    /// workloads of which nothing is being compared.
    pub(crate) fn next_comparisons(&self, made: &BTreeSet<Comparison>, most: usize) -> Vec<Comparison> {
        let whose = |comparison: &Comparison| {
            let (_, key) = self.index.comparing.get(comparison)?.first()?;
            Some(&key.workload)
        };
        let mut busy: BTreeSet<_> = made.iter().filter_map(whose).collect();
        let mut next: Vec<Comparison> = Vec::new();
        while next.len() < most {
            let waiting = self.index.comparing.keys().chain(self.hindered.comparing.keys());
            let waiting =
                waiting.filter(|comparison| !made.contains(*comparison) && !next.contains(comparison));
            let known = |of: &Digest| self.party(of).is_some();
            let waiting = waiting.filter(|of| known(&of.consumer) && known(&of.provider));
            // Those by which calls find their way nobody asked for.
            let rank = |comparison: &&Comparison| {
                let first = self.index.comparing.get(*comparison).and_then(BTreeSet::first);
                let whose = first.map(|(_, key)| &key.workload);
                (
                    whose.is_some_and(|whose| busy.contains(whose)),
                    first.map_or(u64::MAX, |(arrival, _)| *arrival),
                )
            };
            let Some(first) = waiting.min_by_key(rank).cloned() else { break };
            busy.extend(whose(&first));
            next.push(first);
        }
        next
    }

    /// When a verdict may be another one, if nothing happens before.
    pub(crate) fn next_lapse(&self) -> Option<SystemTime> {
        let others = self.next_farewell().into_iter().chain(self.asking.next_overdue());
        self.index.next_lapse().into_iter().chain(others).chain(self.next_way()).min()
    }

    /// Whether instances are still remembered only, and until when at most.
    pub(crate) fn relearning(&self) -> Option<Instant> {
        (self.index.remembered > 0).then_some(self.relearn_until)
    }

    /// Descriptor sets that are waited for.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = &Digest> {
        self.index.wanted.keys()
    }

    /// Descriptor sets that may be in the store: those that are waited for, and those that outsiders' calls were
    /// made with.
    pub(crate) fn sought(&self) -> impl Iterator<Item = &Digest> {
        let counted = self.uses.counted().filter(|digest| !self.contracts.contains_key(digest));
        self.wanted().chain(counted)
    }

    /// Whether this one is among them.
    pub(crate) fn seeks(&self, digest: &Digest) -> bool {
        self.index.wanted.contains_key(digest) || self.sought().any(|sought| sought == digest)
    }

    /// Whether this one is waited for.
    #[cfg(test)]
    pub(crate) fn wants(&self, digest: &Digest) -> bool {
        self.index.wanted.contains_key(digest)
    }

    /// Descriptor sets that somebody has, proposes, or has left in force.
    pub(crate) fn used(&self) -> BTreeSet<Digest> {
        self.index.used.keys().filter_map(|digest| Digest::parse(digest)).collect()
    }

    fn insert(&mut self, key: InstanceKey, record: Record) {
        self.index.add(&key, &record);
        self.instances.insert(key, record);
    }

    fn remove(&mut self, key: &InstanceKey) -> Option<Record> {
        let record = self.instances.remove(key)?;
        self.index.remove(key, &record);
        Some(record)
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
    /// Whether its verdict is to come, whatever anybody else does.
    fn is_pending(&self) -> bool {
        self.behind || !self.comparing.missing.is_empty()
    }

    fn remembered(placement: &Placement) -> Self {
        Self {
            lease: None,
            offer: Offer::of(&placement.key.instance, &placement.claim),
            proposed: None,
            placed: Some(Placed { claim: placement.claim.clone(), order: placement.order }),
            ready: placement.ready,
            wanted: Vec::new(),
            comparing: Needs::default(),
            behind: false,
            lapses: None,
            refusals: Arc::default(),
            warnings: Arc::default(),
            fault: None,
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
