//! May this instance be placed? Looks at the registry; changes nothing.

use super::{
    Judged, Outcome, Record, Refusal, Registry, compare::Comparison, gate::Judgement, refusal::Refusals,
    whom::Meeting,
};
use crate::{
    reason::Reason,
    store::{Claim, Consumed, InstanceKey},
};
use contract::Digest;
use std::{collections::BTreeSet, sync::Arc, time::SystemTime};

/// The answer. It hangs on the offer, on whether the sets are known, on who provides and consumes these
/// services and how that compares, on who listens at the address, and on the time where a reason says until
/// when it holds; on nothing else ([`super::index`] knows whom to ask again).
pub(super) enum Verdict {
    /// These sets are needed first.
    Wanted(Vec<Digest>),
    /// These comparisons are.
    Comparing(Vec<Comparison>),
    /// It is to be admitted, unless those who came before it are: their verdicts are to come.
    Behind,
    Admitted(Box<Claim>, Said),
    Refused(Said),
}

/// What is said with a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Said {
    pub(super) refusals: Arc<[Refusal]>,
    /// What nothing gates.
    pub(super) warnings: Arc<[Refusal]>,
    /// When the verdict may be another one, whatever happens.
    pub(super) lapses: Option<SystemTime>,
}

impl From<Arc<[Refusal]>> for Said {
    fn from(refusals: Arc<[Refusal]>) -> Self {
        Self { refusals, ..Self::default() }
    }
}

impl Registry {
    /// May `record` (whose key is `key`) be placed as it proposes? `None`: it proposes nothing.
    pub(super) fn judge(&self, key: &InstanceKey, record: &Record) -> Option<Verdict> {
        let claim = match record.proposed.as_ref()? {
            Ok(claim) => claim,
            Err(refusals) => return Some(Verdict::Refused(refusals.clone().told().into())),
        };
        if let Some(fault) = &record.fault {
            return Some(Verdict::Refused(Refusals::from(fault.clone()).told().into()));
        }
        let viewed = claim.views.values().map(|consumed| &consumed.digest);
        let digests: BTreeSet<_> = claim.serves.values().chain(viewed).collect();
        let missing: Vec<_> =
            digests.into_iter().filter(|digest| !self.contracts.contains_key(digest)).collect();
        if !missing.is_empty() {
            return Some(Verdict::Wanted(missing.into_iter().cloned().collect()));
        }
        let mut refusals = self.unsound(claim);
        self.claimed(key, claim, &mut refusals);
        self.taken(key, claim).into_iter().for_each(|refusal| refusals.add(refusal));
        if !refusals.is_empty() {
            return Some(Verdict::Refused(refusals.told().into()));
        }
        let before = record.placed.as_ref().map(|placed| &placed.claim);
        let claim = &*self.as_named(claim);
        let verdict = self.meet(key, claim, &self.meetings(key, claim, before));
        let admitted = matches!(verdict, Verdict::Admitted(..));
        Some(if admitted && self.is_behind(key, record.arrival, claim) { Verdict::Behind } else { verdict })
    }

    /// Whether somebody came before whom it would meet, and whose contracts are being compared still. Of whom a set
    /// is wanted, nobody knows whether it ever comes: such a one is not waited for.
    fn is_behind(&self, key: &InstanceKey, arrival: u64, claim: &Claim) -> bool {
        let before = |service: &String| {
            let pending = self.index.pending.get(service).into_iter().flatten();
            let before =
                pending.take_while(move |(other, _)| *other < arrival).filter(|(_, other)| other != key);
            before.filter_map(|(_, other)| {
                let claim = self.instances.get(other)?.proposed.as_ref()?.as_ref().ok()?;
                Some((&other.workload, claim))
            })
        };
        let called = claim.serves.keys().any(|service| {
            let consumers = before(service).filter(|(_, claim)| claim.views.contains_key(service));
            { consumers }.any(|(other, _)| self.is_routed(other.namespace(), &key.workload, service))
        });
        called
            || claim.views.keys().any(|service| {
                let providers = before(service).filter(|(_, claim)| claim.serves.contains_key(service));
                { providers }.any(|(other, _)| self.is_routed(key.workload.namespace(), other, service))
            })
    }

    /// What comes of whom it would meet.
    fn meet(&self, key: &InstanceKey, claim: &Claim, meetings: &[Meeting]) -> Verdict {
        let (mut judged, mut missing) = (Vec::new(), BTreeSet::new());
        for meeting in meetings {
            match self.outcome(&meeting.comparison) {
                Some(outcome) => judged.push((meeting, outcome)),
                None => drop(missing.insert(meeting.comparison.clone())),
            }
        }
        if !missing.is_empty() {
            return Verdict::Comparing(missing.into_iter().collect());
        }
        let turns = self.turns(&judged);
        let mut judgement = Judgement::default();
        judgement.add(judged, self.window, self.now);
        let more = self.said_besides(key, claim);
        more.into_iter().for_each(|warning| judgement.warnings.add(warning));
        let Judgement { refusals, warnings, lapses } = judgement;
        let refused = !refusals.is_empty();
        let lapses = if refused { lapses } else { turns };
        let said = Said { refusals: refusals.told(), warnings: warnings.told(), lapses };
        if refused { Verdict::Refused(said) } else { Verdict::Admitted(Box::new(claim.clone()), said) }
    }

    pub(super) fn outcome(&self, comparison: &Comparison) -> Option<&Outcome> {
        comparison.obvious().or_else(|| self.compared.get(comparison))
    }

    /// Sets with faults, and services that are not in theirs. Services of one set share its faults.
    fn unsound(&self, claim: &Claim) -> Refusals {
        let mut refusals = Refusals::default();
        let mut faulty = BTreeSet::new();
        for (service, digest) in &claim.serves {
            let Some(judged) = self.contracts.get(digest) else { continue };
            match judged.refused() {
                Some(faults) if faulty.insert(digest) => refusals.extend(faults),
                Some(_) => {}
                None => undeclared(judged, service, "register", &mut refusals),
            }
        }
        for (service, Consumed { digest, .. }) in &claim.views {
            let Some(judged) = self.contracts.get(digest) else { continue };
            match &judged.party {
                Err(faults) if faulty.insert(digest) => refusals.extend(faults),
                Err(_) => {}
                Ok(_) => undeclared(judged, service, "consume", &mut refusals),
            }
        }
        refusals
    }

    /// Within one namespace, a contract has one providing workload.
    fn claimed(&self, key: &InstanceKey, claim: &Claim, refusals: &mut Refusals) {
        let (workload, namespace) = (&key.workload, key.workload.namespace());
        for service in claim.serves.keys() {
            let providers =
                self.index.providers.get(service).into_iter().flat_map(|providers| providers.keys());
            let mut others = providers.filter(|other| *other != workload && other.namespace() == namespace);
            let Some(holder) = others.next() else { continue };
            let message = format!("{service} is provided by {holder}; {workload} claims it too");
            let remedy = format!(
                "serve it from one workload of the namespace `{namespace}`: stop {holder}, or take it out of {workload}"
            );
            refusals.add(Refusal::new(Reason::CONTRACT_CLAIMED, &message, &remedy));
        }
    }

    /// An address belongs to one live process: its listener is named by it. One that was not heard of
    /// since a restart yields: it cannot be alive where somebody else listens.
    fn taken(&self, key: &InstanceKey, claim: &Claim) -> Option<Refusal> {
        let address = claim.address?;
        let there = self.index.listening.get(&address)?;
        let other = there.iter().find(|other| *other != key && self.is_leased(other))?;
        let message = format!("{address} is the address of {other}; {key} registers it too");
        Some(Refusal::new(Reason::ADDRESS_CLAIMED, &message, "give each process its own address"))
    }
}

/// `service` must be in the set that it is registered with.
fn undeclared(judged: &Judged, service: &str, verb: &str, refusals: &mut Refusals) {
    if judged.contract().is_some_and(|contract| contract.service(service).is_none()) {
        let message = format!("{service} is not in the descriptor set {}", judged.digest.short());
        let remedy = format!("{verb} each service with the set that declares it");
        refusals.add(Refusal::new(Reason::SERVICE_UNKNOWN, &message, &remedy));
    }
}
