//! May this instance be placed? Looks at the registry; changes nothing.

use super::{
    Judged, Outcome, Record, Refusal, Registry,
    compare::Comparison,
    gate::Judgement,
    memo::Memo,
    refusal::Refusals,
    slices::{Question, VERDICT},
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
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// These sets are needed first.
    Wanted(Vec<Digest>),
    /// These comparisons are.
    Comparing(Needs),
    /// It is to be admitted, unless those who came before it are: their verdicts are to come.
    Behind,
    Admitted(Box<Claim>, Said),
    Refused(Said),
}

/// The comparisons that a verdict takes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Needs {
    pub(super) missing: Arc<[Comparison]>,
    pub(super) known: Arc<[Comparison]>,
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
    /// May `record` (whose key is `key`) be placed as it proposes? `None`: it proposes nothing. `memo`: what was
    /// decided before.
    pub(super) fn judge(&self, key: &InstanceKey, record: &Record, memo: &mut Memo) -> Option<Verdict> {
        memo.spent += 1;
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
        let verdict = self.meet_or_share(key, claim, record, memo);
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

    /// What it meets has to do with its workload and its claim, and with its name only where it was there before.
    fn meet_or_share(&self, key: &InstanceKey, claim: &Claim, record: &Record, memo: &mut Memo) -> Verdict {
        let question = Question::of(&key.workload, claim);
        let claim = &*self.as_named(claim);
        if record.placed.is_some() || self.lingering.contains_key(key) {
            let before = record.placed.as_ref().map(|placed| &placed.claim);
            return self.meet(key, claim, &self.meetings(key, claim, before), memo);
        }
        match memo.shared.at(self.index.changes.epoch).verdict(&question) {
            Some(Verdict::Admitted(_, said)) => return Verdict::Admitted(Box::new(claim.clone()), said),
            Some(verdict) => return verdict,
            None => {}
        }
        let verdict = self.meet(key, claim, &self.meetings(key, claim, None), memo);
        memo.shared.share(question, verdict.clone());
        verdict
    }

    /// What comes of whom it would meet.
    fn meet(&self, key: &InstanceKey, claim: &Claim, meetings: &[Meeting], memo: &mut Memo) -> Verdict {
        let (Judgement { refusals, warnings, lapses }, turns) = match self.judged(key, claim, meetings, memo)
        {
            Ok(judged) => judged,
            Err(needs) => return Verdict::Comparing(needs),
        };
        let refused = !refusals.is_empty();
        let lapses = if refused { lapses } else { turns };
        let said = Said { refusals: refusals.told(), warnings: warnings.told(), lapses };
        if refused { Verdict::Refused(said) } else { Verdict::Admitted(Box::new(claim.clone()), said) }
    }

    /// What all meetings come to, and when something of that ceases to be in use; or which comparisons it takes to say
    /// so.
    pub(super) fn judged(
        &self,
        key: &InstanceKey,
        claim: &Claim,
        meetings: &[Meeting],
        memo: &mut Memo,
    ) -> Result<(Judgement, Option<SystemTime>), Needs> {
        memo.spent += VERDICT;
        #[cfg(test)]
        {
            memo.judged += 1;
        }
        let (mut decided, mut missing) = (Vec::new(), BTreeSet::new());
        for meeting in meetings {
            match memo.of(meeting, self.outcome(&meeting.comparison), self.window, self.now) {
                Some(one) => decided.push((meeting, one)),
                None => drop(missing.insert(meeting.comparison.clone())),
            }
        }
        if !missing.is_empty() {
            let known = meetings.iter().map(|meeting| &meeting.comparison);
            let known: BTreeSet<_> = known.filter(|known| self.compared.get(known).is_some()).collect();
            let known = known.into_iter().cloned().collect();
            return Err(Needs { missing: missing.into_iter().collect(), known });
        }
        let turns = decided.iter().filter_map(|(_, decided)| decided.turns).min();
        let decided = decided.iter().map(|(meeting, decided)| (*meeting, &**decided)).collect();
        let mut judgement = Judgement::of_decided(decided, self.window, self.now);
        let more = self.said_besides(key, claim);
        more.into_iter().for_each(|warning| judgement.warnings.add(warning));
        Ok((judgement, turns))
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
