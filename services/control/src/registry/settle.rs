//! After every event: judge whoever can be judged, say what is new, and keep it.

use super::{Answer, Effect, LeaseId, Placed, Record, Registry, admission::Verdict};
use crate::store::{AuditEvent, AuditKind, Change, Claim, HistoryEntry, InstanceKey, Placement};
use contract::Digest;
use identity::WorkloadId;
use resource::ServerListener;
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::SystemTime,
};

impl Registry {
    pub(super) fn settle(&mut self, now: SystemTime, effects: &mut Vec<Effect>) {
        // A verdict may free what another one waits for. Each round places or refuses at least one more.
        while self.judge_all(now, effects) {}
        self.forget();
        for record in self.instances.values_mut() {
            let state = record.state();
            if mem::replace(&mut record.state, state) != state {
                record.since = now;
            }
        }
        self.claim();
        self.save(effects);
        self.answer(effects);
    }

    /// One round; whether the world changed.
    fn judge_all(&mut self, now: SystemTime, effects: &mut Vec<Effect>) -> bool {
        let mut proposed: Vec<_> = self.instances.iter().filter(|(_, record)| record.proposed).collect();
        proposed.sort_by_key(|(_, record)| record.arrival);
        let proposed: Vec<_> = proposed.into_iter().map(|(key, _)| key.clone()).collect();
        let mut changed = false;
        for key in proposed {
            let Some(record) = self.instances.get(&key) else { continue };
            match self.judge(&key, record) {
                Verdict::Wanted(digests) => self.update(&key, |record| record.wanted = digests),
                Verdict::Admitted(claim) => {
                    self.place(&key, claim, now, effects);
                    changed = true;
                }
                Verdict::Refused(refusals) => changed |= self.refuse(&key, refusals, now, effects),
            }
        }
        changed
    }

    fn place(&mut self, key: &InstanceKey, claim: Claim, now: SystemTime, effects: &mut Vec<Effect>) {
        self.evict_remembered(key, &claim, now, effects);
        let before = self.instances.get(key).and_then(|record| record.placed.clone());
        let before = before.or_else(|| self.departed.remove(key));
        let order = match &before {
            // It broke off and came back: nothing new came into force.
            Some(before) if before.claim.serves == claim.serves => before.order,
            _ => self.next(),
        };
        if before.as_ref().is_none_or(|before| before.claim != claim) {
            effects.push(Effect::Save(Change::Audit(admitted(key, &claim, now))));
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
        self.update(key, |record| {
            record.placed = Some(Placed { claim, order });
            record.proposed = false;
            record.wanted.clear();
            record.refusals.clear();
        });
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
        let there = |(other, placed): &(&InstanceKey, &Placed)| {
            *other != key && placed.claim.address == Some(address) && !self.is_leased(other)
        };
        let gone: Vec<_> = self.placed().filter(there).map(|(other, _)| other.clone()).collect();
        for other in gone {
            let why = format!("{key} listens at its address");
            self.leave(&other, AuditKind::InstanceLost, &why, now, effects);
        }
    }

    /// Whether the world changed by it.
    fn refuse(
        &mut self,
        key: &InstanceKey,
        refusals: Vec<super::Refusal>,
        now: SystemTime,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let Some(record) = self.instances.get_mut(key) else { return false };
        record.wanted.clear();
        if record.refusals != refusals {
            let reasons: Vec<_> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
            let message = format!("{key}: {}", reasons.join("; "));
            let kind = AuditKind::RegistrationRefused;
            let event = AuditEvent::new(now, kind, Some(key.workload.clone()), message);
            effects.push(Effect::Save(Change::Audit(event)));
            record.refusals = refusals;
        }
        let Some(placed) = record.placed.take() else { return false };
        self.remember(key, placed);
        true
    }

    /// The bytes of an admitted contract belong to the store.
    fn keep(&mut self, digest: &Digest, effects: &mut Vec<Effect>) {
        let Some(Ok(contract)) = self.contracts.get(digest).map(|judged| &judged.verdict) else { return };
        if self.stored.insert(digest.clone()) {
            let bytes = contract.bytes.clone();
            effects.push(Effect::Save(Change::PutContract { digest: digest.clone(), bytes }));
        }
    }

    /// Drops contracts that nobody refers to, and absent ones that are back, replaced or given up.
    fn forget(&mut self) {
        let mut absent = mem::take(&mut self.absent);
        absent.retain(|(workload, service), _| {
            !self.placed().any(|(key, placed)| {
                let namespace = key.workload.namespace() == workload.namespace();
                key.workload == *workload || (namespace && placed.claim.serves.contains_key(service))
            })
        });
        self.absent = absent;
        let mut used: BTreeSet<&str> = self.absent.values().map(Digest::as_str).collect();
        for record in self.instances.values() {
            used.extend(record.offer.serves.iter().map(|(_, digest)| digest.as_str()));
            used.extend(
                record.placed.iter().flat_map(|placed| placed.claim.serves.values().map(Digest::as_str)),
            );
        }
        self.contracts.retain(|digest, _| used.contains(digest.as_str()));
    }

    /// Who claimed a contract first provides it to namespaces without a provider of their own, and stays
    /// the one while it is restarted.
    pub(super) fn claim(&mut self) {
        let mut claims: BTreeMap<(WorkloadId, String), u64> = BTreeMap::new();
        for (key, placed) in self.placed() {
            for service in placed.claim.serves.keys() {
                let claimed = claims.entry((key.workload.clone(), service.clone())).or_insert(placed.order);
                *claimed = placed.order.min(*claimed);
            }
        }
        let absent = self.absent.keys().map(|key| (key.clone(), u64::MAX));
        claims.extend(absent);
        for (key, claimed) in &mut claims {
            *claimed = self.claims.get(key).copied().unwrap_or(*claimed);
        }
        self.claims = claims;
    }

    /// The difference between what is and what the store holds.
    fn save(&mut self, effects: &mut Vec<Effect>) {
        let now: BTreeMap<_, _> = self.instances.iter().filter_map(placement).collect();
        let removed = self.saved.keys().filter(|key| !now.contains_key(*key));
        effects.extend(removed.map(|key| Effect::Save(Change::RemovePlacement(key.clone()))));
        let put = now.iter().filter(|(key, placement)| self.saved.get(*key) != Some(placement));
        effects.extend(
            put.map(|(_, placement)| Effect::Save(Change::PutPlacement(Box::new(placement.clone())))),
        );
        self.saved = now;
    }

    /// Tells every stream what it has not been told.
    fn answer(&mut self, effects: &mut Vec<Effect>) {
        let answers: Vec<(LeaseId, Answer)> = self
            .leases
            .iter()
            .filter_map(|(id, lease)| Some((*id, self.instances.get(lease.key.as_ref()?)?.answer()?)))
            .collect();
        for (id, answer) in answers {
            let Some(lease) = self.leases.get_mut(&id) else { continue };
            if lease.told.as_ref() != Some(&answer) {
                lease.told = Some(answer.clone());
                effects.push(Effect::Answer { lease: id, answer });
            }
        }
    }

    fn update(&mut self, key: &InstanceKey, change: impl FnOnce(&mut Record)) {
        if let Some(record) = self.instances.get_mut(key) {
            change(record);
        }
    }
}

impl Record {
    fn answer(&self) -> Option<Answer> {
        if !self.wanted.is_empty() {
            return Some(Answer::Wanted(self.wanted.clone()));
        }
        if !self.refusals.is_empty() {
            return Some(Answer::Refused(self.refusals.clone()));
        }
        let placed = self.placed.as_ref()?;
        let serves = placed.claim.address.filter(|_| !placed.claim.serves.is_empty());
        Some(Answer::Admitted { listener: serves.map(ServerListener::name_for).unwrap_or_default() })
    }
}

fn placement((key, record): (&InstanceKey, &Record)) -> Option<(InstanceKey, Placement)> {
    let Placed { claim, order } = record.placed.clone()?;
    let placement = Placement { key: key.clone(), claim, ready: record.ready, order, since: record.since };
    Some((key.clone(), placement))
}

fn admitted(key: &InstanceKey, claim: &Claim, now: SystemTime) -> AuditEvent {
    let serves: Vec<_> = claim.serves.keys().map(String::as_str).collect();
    let what = if serves.is_empty() { "no contract".to_owned() } else { serves.join(", ") };
    let message = format!("{key} serves {what}");
    AuditEvent::new(now, AuditKind::InstanceAdmitted, Some(key.workload.clone()), message)
}
