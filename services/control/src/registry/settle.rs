//! After every event: judge whoever can be judged, say what is new, and keep it.

use super::{
    Answer, Effect, Judged, Placed, Record, Refusal, Registry,
    admission::{Needs, Said, Verdict},
    asking::Asking,
    refusal::in_short,
    slices::Shared,
};
use crate::store::{AuditEvent, AuditKind, Change, Claim, Consumed, HistoryEntry, InstanceKey, Placement};
use contract::Digest;
use identity::WorkloadId;
use resource::ServerListener;
use std::{collections::BTreeSet, mem, sync::Arc, time::SystemTime};

impl Registry {
    pub(super) fn settle(&mut self, now: SystemTime, effects: &mut Vec<Effect>) {
        // A verdict may free what another one waits for. Each is made at most once more for each instance
        // that is placed or refused meanwhile, and both happen once at most.
        // Where calls go hangs on who is placed, and the other way round; they stay where they went as long as they can.
        self.memo.shared = Shared::default();
        while self.spent < self.slice {
            self.unwarn();
            if let Some((_, key)) = self.index.changes.unsettled.pop_first() {
                self.decide(&key, now, effects);
            } else if let Some(service) = self.index.changes.rerouted.pop_first() {
                self.reroute(&service, effects);
            } else if let Some(key) = self.index.changes.unwarned.pop_first() {
                self.warn_again(&key);
            } else {
                break;
            }
        }
        self.ask(now);
        let changed = self.index.changes.instances.clone();
        for key in &changed {
            if let Some(record) = self.instances.get_mut(key) {
                let state = record.state();
                if mem::replace(&mut record.state, state) != state {
                    record.since = now;
                }
            }
        }
        self.save(&changed, effects);
        self.save_left(&self.index.changes.services.clone(), effects);
        self.answer(&changed, effects);
        let left = self.index.changes.take_unsettled();
        self.catch_up();
        self.index.changes = left;
    }

    /// What follows from what changed, for whoever looks.
    pub(super) fn catch_up(&mut self) {
        self.forget();
        let changes = mem::take(&mut self.index.changes);
        #[cfg(test)]
        {
            self.looked_at += changes.instances.len();
        }
        self.claim(&changes.services);
        self.show(&changes);
    }

    fn decide(&mut self, key: &InstanceKey, now: SystemTime, effects: &mut Vec<Effect>) {
        #[cfg(test)]
        {
            self.verdicts += 1;
        }
        let Some(record) = self.instances.get(key) else { return };
        let mut memo = mem::take(&mut self.memo);
        let verdict = self.judge(key, record, &mut memo);
        self.spent += mem::take(&mut memo.spent);
        self.memo = memo;
        match verdict {
            // It is placed, and what its warnings waited for is known.
            None if !record.comparing.missing.is_empty() => {
                self.index.changes.unwarned.insert(key.clone());
            }
            None => {}
            Some(Verdict::Wanted(digests)) => {
                self.want(key, digests);
                self.hang(key, Needs::default(), false, None);
            }
            Some(Verdict::Comparing(comparisons)) => {
                self.want(key, Vec::new());
                self.hang(key, comparisons, false, None);
            }
            Some(Verdict::Behind) => {
                self.want(key, Vec::new());
                self.hang(key, Needs::default(), true, None);
            }
            Some(Verdict::Admitted(claim, said)) => self.place(key, *claim, said, now, effects),
            Some(Verdict::Refused(said)) => self.refuse(key, said, now, effects),
        }
    }

    /// Its verdict hangs on these comparisons, on whoever came before it, and on the time.
    pub(super) fn hang(
        &mut self,
        key: &InstanceKey,
        comparing: Needs,
        behind: bool,
        lapses: Option<SystemTime>,
    ) {
        let Some(record) = self.instances.get_mut(key) else { return };
        if record.comparing == comparing && record.behind == behind && record.lapses == lapses {
            return;
        }
        if record.comparing != comparing || record.behind != behind {
            self.index.touch(key);
        }
        let was_pending = record.is_pending();
        self.index.unhang(key, record);
        (record.comparing, record.behind, record.lapses) = (comparing, behind, lapses);
        self.index.hang(key, record);
        if was_pending && !record.is_pending() {
            self.index.follow(record);
        }
    }

    fn want(&mut self, key: &InstanceKey, digests: Vec<Digest>) {
        let Some(record) = self.instances.get_mut(key) else { return };
        if record.wanted != digests {
            self.index.unwant(key, record);
            record.wanted = digests;
            self.index.want(key, record);
            self.index.touch(key);
        }
    }

    fn place(
        &mut self,
        key: &InstanceKey,
        claim: Claim,
        said: Said,
        now: SystemTime,
        effects: &mut Vec<Effect>,
    ) {
        self.evict_remembered(key, &claim, now, effects);
        let before = self.displace(key).or_else(|| self.departed.remove(key));
        let order = match &before {
            // It broke off and came back: nothing new came into force.
            Some(before) if before.claim.serves == claim.serves => before.order,
            _ => self.next(),
        };
        if before.as_ref().is_none_or(|before| before.claim != claim) {
            effects.push(Effect::Save(Change::Audit(admitted(key, &claim, &said.warnings, now))));
        }
        for Consumed { digest, .. } in claim.views.values() {
            self.keep(digest, effects);
        }
        for (service, digest) in &claim.serves {
            self.keep(digest, effects);
            if before.as_ref().is_none_or(|before| before.order != order) {
                let entry = HistoryEntry {
                    service: service.clone(),
                    digest: digest.clone(),
                    workload: key.workload.clone(),
                    version: claim.version.clone(),
                    time: now,
                };
                effects.push(Effect::Save(Change::History(entry)));
            }
        }
        self.no_longer_left(key, &claim);
        self.want(key, Vec::new());
        self.hang(key, Needs::default(), false, said.lapses);
        self.heard_of(key);
        if before.is_none_or(|before| {
            (before.claim.views, before.claim.serves) != (claim.views.clone(), claim.serves.clone())
        }) {
            self.replace_lingering(key, &claim);
        }
        let Some(record) = self.instances.get_mut(key) else { return };
        self.index.stop_waiting(key, record);
        let placed = Placed { claim, order };
        self.index.place(key, &placed);
        record.proposed = None;
        record.placed = Some(placed);
        record.refusals = Arc::default();
        record.warnings = said.warnings;
    }

    /// What an instance had, if it is placed. It has it no more.
    fn displace(&mut self, key: &InstanceKey) -> Option<Placed> {
        let record = self.instances.get_mut(key)?;
        let placed = record.placed.take()?;
        self.index.displace(key, &placed);
        Some(placed)
    }

    /// Whoever is only remembered cannot be alive where this one listens.
    fn evict_remembered(
        &mut self,
        key: &InstanceKey,
        claim: &Claim,
        now: SystemTime,
        effects: &mut Vec<Effect>,
    ) {
        let Some(address) = claim.address else { return };
        let there = self.index.listening.get(&address).into_iter().flatten();
        let gone: Vec<_> = there.filter(|other| *other != key && !self.is_leased(other)).cloned().collect();
        for other in gone {
            let why = format!("{key} listens at its address");
            self.leave(&other, AuditKind::InstanceLost, &why, now, effects);
        }
    }

    fn refuse(
        &mut self,
        key: &InstanceKey,
        Said { refusals, warnings, lapses }: Said,
        now: SystemTime,
        effects: &mut Vec<Effect>,
    ) {
        self.want(key, Vec::new());
        self.hang(key, Needs::default(), false, lapses);
        let Some(record) = self.instances.get_mut(key) else { return };
        if record.refusals != refusals {
            let message = format!("{key} is refused: {}", self.memo.shared.in_short(&refusals));
            let kind = AuditKind::RegistrationRefused;
            let event = AuditEvent::new(now, kind, Some(key.workload.clone()), message);
            effects.push(Effect::Save(Change::Audit(event)));
            effects.push(Effect::Refused(refusals.iter().map(|refusal| refusal.reason).collect()));
            record.refusals = refusals;
            self.index.touch(key);
        }
        let placed = self.displace(key);
        placed.into_iter().for_each(|placed| self.remember(key, placed));
        if let Some(record) = self.instances.get_mut(key).filter(|record| record.warnings != warnings) {
            record.warnings = warnings;
            self.index.touch(key);
        }
    }

    /// The bytes of an admitted contract belong to the store.
    fn keep(&mut self, digest: &Digest, effects: &mut Vec<Effect>) {
        let Some(contract) = self.contracts.get(digest).and_then(Judged::contract) else { return };
        if self.stored.insert(digest.clone()) {
            let bytes = contract.bytes.clone();
            effects.push(Effect::Save(Change::PutContract { digest: digest.clone(), bytes }));
        }
    }

    /// Drops contracts that nobody refers to any more.
    fn forget(&mut self) {
        let dropped = mem::take(&mut self.index.changes.dropped).into_iter();
        for digest in dropped.filter(|digest| !self.index.used.contains(digest)) {
            if let Some(digest) = Digest::parse(&digest) {
                self.contracts.remove(&digest);
                self.shown.forget(&digest);
                self.stored.remove(&digest);
                self.compared.forget(&digest);
                self.memo.forget(&digest);
            }
        }
    }

    /// Who claimed a contract first provides it to namespaces without a provider of their own, and stays
    /// the one while it is restarted.
    fn claim(&mut self, changed: &BTreeSet<(WorkloadId, String)>) {
        for who in changed {
            let (workload, service) = who;
            let placed = self.index.providers.get(service).and_then(|providers| providers.get(workload));
            let first = placed.and_then(|instances| instances.values().map(|(_, order)| *order).min());
            let absent = self.absent.get(workload).is_some_and(|absent| absent.contains_key(service));
            if let Some(claimed) = first.or(absent.then_some(u64::MAX)) {
                self.claims.entry(who.clone()).or_insert(claimed);
            } else {
                self.claims.remove(who);
            }
        }
    }

    /// The difference between what is and what the store holds.
    fn save(&mut self, changed: &BTreeSet<InstanceKey>, effects: &mut Vec<Effect>) {
        for key in changed {
            let placed = self.instances.get(key).and_then(|record| placement(key, record));
            let now = placed.or_else(|| Some(self.lingering.get(key)?.kept.clone()));
            match now {
                None if self.saved.remove(key).is_some() => {
                    effects.push(Effect::Save(Change::RemovePlacement(key.clone())));
                }
                Some(now) if self.saved.get(key) != Some(&now) => {
                    self.saved.insert(key.clone(), now.clone());
                    effects.push(Effect::Save(Change::PutPlacement(Box::new(now))));
                }
                _ => {}
            }
        }
    }

    /// Tells streams what they have not been told.
    fn answer(&mut self, changed: &BTreeSet<InstanceKey>, effects: &mut Vec<Effect>) {
        for (key, record) in changed.iter().filter_map(|key| self.instances.get_key_value(key)) {
            let (Some(id), Some(answer)) = (record.lease, record.answer(key, &self.asking)) else { continue };
            let Some(lease) = self.leases.get_mut(&id) else { continue };
            if lease.told.as_ref() != Some(&answer) {
                lease.told = Some(answer.clone());
                effects.push(Effect::Answer { lease: id, answer });
            }
        }
    }
}

impl Record {
    fn answer(&self, key: &InstanceKey, asking: &Asking) -> Option<Answer> {
        if !self.wanted.is_empty() {
            let asked = self.wanted.iter().filter(|digest| asking.asks(digest, key));
            let asked: Vec<_> = asked.cloned().collect();
            return (!asked.is_empty()).then_some(Answer::Wanted(asked));
        }
        if !self.refusals.is_empty() {
            return Some(Answer::Refused(self.refusals.clone()));
        }
        // What it had before counts on, and is no answer to what it says now.
        let placed = self.placed.as_ref().filter(|_| self.proposed.is_none())?;
        let serves = placed.claim.address.filter(|_| !placed.claim.serves.is_empty());
        let listener = serves.map(ServerListener::name_for).unwrap_or_default();
        Some(Answer::Admitted { listener, warnings: self.warnings.clone() })
    }
}

fn placement(key: &InstanceKey, record: &Record) -> Option<Placement> {
    let Placed { claim, order } = record.placed.clone()?;
    Some(Placement { key: key.clone(), claim, ready: record.ready, order, since: record.since })
}

fn admitted(key: &InstanceKey, claim: &Claim, warnings: &[Refusal], now: SystemTime) -> AuditEvent {
    let serves: Vec<_> = claim.serves.keys().map(String::as_str).collect();
    let what = if serves.is_empty() { "no contract".to_owned() } else { serves.join(", ") };
    let warned =
        if warnings.is_empty() { String::new() } else { format!("; warned: {}", in_short(warnings, 1)) };
    let message = format!("{key} serves {what}{warned}");
    AuditEvent::new(now, AuditKind::InstanceAdmitted, Some(key.workload.clone()), message)
}
