//! Who refers to what: kept up with every change of a record, so that an event costs what it changes and
//! not what there is.

mod changes;
mod waiting;

pub(super) use changes::{Changes, Shift};

use super::{Placed, Record, compare::Comparison, counts::Counts};
use crate::store::{Claim, Consumed, InstanceKey};
use contract::Digest;
use identity::WorkloadId;
use resource::ServerListener;
use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    net::SocketAddr,
    time::SystemTime,
};

/// An instance that is not placed as it proposes. Who came first is judged first.
pub(super) type Waiting = (u64, InstanceKey);

/// The instances of one workload that serve one service: under which set, since which admission.
pub(super) type Providers = BTreeMap<String, (Digest, u64)>;

/// Who refers to what.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The placed instances that serve a service.
    pub(super) providers: BTreeMap<String, BTreeMap<WorkloadId, Providers>>,
    /// The placed instances at an address.
    pub(super) listening: BTreeMap<SocketAddr, BTreeSet<InstanceKey>>,
    pub(super) workloads: BTreeMap<WorkloadId, Workload>,
    /// The placed instances that consume a service and show their view of it.
    pub(super) consumers: BTreeMap<String, BTreeMap<InstanceKey, Consumed>>,
    /// The namespaces of the latter.
    pub(super) viewers: BTreeMap<String, Counts>,
    /// What instances served that left a moment ago.
    pub(super) gone: BTreeMap<String, BTreeMap<InstanceKey, Digest>>,
    /// Who left a service in force.
    left: BTreeMap<String, BTreeSet<WorkloadId>>,
    /// Those whose verdict hangs on who provides and consumes a service, on an address, on a set, on a
    /// comparison.
    concerned: BTreeMap<String, BTreeSet<Waiting>>,
    dialled: BTreeMap<SocketAddr, BTreeSet<Waiting>>,
    pub(super) comparing: BTreeMap<Comparison, BTreeSet<Waiting>>,
    /// Those whose verdict is to come, and of these, those who wait for the verdicts on others; by what they would serve
    /// and consume.
    pub(super) pending: BTreeMap<String, BTreeSet<Waiting>>,
    behind: BTreeMap<String, BTreeSet<Waiting>>,
    /// Those that are known, and needed together with others that are not.
    pub(super) held: BTreeMap<Comparison, BTreeSet<Waiting>>,
    /// Those whose verdict may be another one at this time.
    lapsing: BTreeSet<(SystemTime, Waiting)>,
    pub(super) wanted: BTreeMap<Digest, BTreeSet<Waiting>>,
    /// How often a set is referred to.
    pub(super) used: Counts,
    /// Instances that are only remembered.
    pub(super) remembered: usize,
    pub(super) changes: Changes,
}

/// What a workload's instances say, taken together.
#[derive(Debug, Default)]
pub(super) struct Workload {
    instances: usize,
    /// Instances that are not there, and count all the same.
    lingering: usize,
    /// The sets that they have and propose.
    pub(super) sets: Counts,
    /// The services that the placed ones serve.
    pub(super) serves: Counts,
    /// Those that are not placed as they propose.
    waiting: BTreeSet<Waiting>,
    pub(super) consumes: Counts,
    /// Of what the placed ones consume, the sets.
    pub(super) views: BTreeMap<String, Counts>,
    pub(super) listeners: Counts,
}

impl Index {
    /// A record came.
    pub(super) fn add(&mut self, key: &InstanceKey, record: &Record) {
        self.touch(key);
        self.remembered += usize::from(record.lease.is_none());
        let workload = self.workloads.entry(key.workload.clone()).or_default();
        workload.instances += 1;
        let mut changed = workload.instances == 1;
        for service in &record.offer.consumes {
            changed |= workload.consumes.add(service);
        }
        if changed {
            self.changes.workloads.insert(key.workload.clone());
        }
        self.offer(key, record);
        self.wait(key, record);
        self.want(key, record);
        self.hang(key, record);
        record.placed.iter().for_each(|placed| self.place(key, placed));
    }

    /// A record goes.
    pub(super) fn remove(&mut self, key: &InstanceKey, record: &Record) {
        self.touch(key);
        self.remembered -= usize::from(record.lease.is_none());
        record.placed.iter().for_each(|placed| self.displace(key, placed));
        self.unwant(key, record);
        self.unhang(key, record);
        if record.is_pending() {
            self.follow(record);
        }
        self.stop_waiting(key, record);
        self.withdraw(key, record);
        let Entry::Occupied(mut entry) = self.workloads.entry(key.workload.clone()) else { return };
        let workload = entry.get_mut();
        let mut changed = false;
        for service in &record.offer.consumes {
            changed |= workload.consumes.take(service);
        }
        workload.instances -= 1;
        if workload.instances == 0 {
            changed = true;
            if workload.lingering == 0 {
                entry.remove();
            }
        }
        if changed {
            self.changes.workloads.insert(key.workload.clone());
        }
    }

    pub(super) fn touch(&mut self, key: &InstanceKey) {
        self.changes.instances.insert(key.clone());
    }

    /// Its verdict is to be made.
    pub(super) fn unsettle(&mut self, key: &InstanceKey, record: &Record) {
        if record.proposed.is_some() {
            self.changes.unsettled.insert((record.arrival, key.clone()));
        }
    }

    /// An instance is placed.
    pub(super) fn place(&mut self, key: &InstanceKey, placed: &Placed) {
        self.moved(key, placed);
        let InstanceKey { workload, instance } = key;
        for (service, digest) in &placed.claim.serves {
            let providers = self.providers.entry(service.clone()).or_default();
            let providers = providers.entry(workload.clone()).or_default();
            if !providers.values().any(|(other, _)| other == digest) {
                self.changes.shifted.insert((service.clone(), Shift::Versions, Some(key.clone())));
            }
            providers.insert(instance.clone(), (digest.clone(), placed.order));
            self.refer(workload, digest.as_str());
        }
        self.consume(key, &placed.claim.views);
        let entry = self.workloads.entry(workload.clone()).or_default();
        for service in placed.claim.serves.keys() {
            entry.serves.add(service);
        }
        if let Some(address) = placed.claim.address {
            self.listening.entry(address).or_default().insert(key.clone());
            if entry.listeners.add(&ServerListener::name_for(address)) {
                self.changes.workloads.insert(workload.clone());
            }
        }
    }

    /// An instance is placed no more.
    pub(super) fn displace(&mut self, key: &InstanceKey, placed: &Placed) {
        self.moved(key, placed);
        let InstanceKey { workload, instance } = key;
        for (service, digest) in &placed.claim.serves {
            if let Some(providers) = self.providers.get_mut(service) {
                if let Some(instances) = providers.get_mut(workload) {
                    instances.remove(instance);
                    if !instances.values().any(|(other, _)| other == digest) {
                        self.changes.shifted.insert((service.clone(), Shift::Versions, Some(key.clone())));
                    }
                }
                providers.retain(|_, instances| !instances.is_empty());
                if providers.is_empty() {
                    self.providers.remove(service);
                }
            }
            self.unrefer(workload, digest.as_str());
        }
        self.cease(key, &placed.claim.views);
        let entry = self.workloads.entry(workload.clone()).or_default();
        for service in placed.claim.serves.keys() {
            entry.serves.take(service);
        }
        if let Some(address) = placed.claim.address {
            take(&mut self.listening, &address, key);
            if entry.listeners.take(&ServerListener::name_for(address)) {
                self.changes.workloads.insert(workload.clone());
            }
        }
    }

    /// Whether an instance of the workload is there that serves anything.
    pub(super) fn serves(&self, workload: &WorkloadId) -> bool {
        self.workloads.get(workload).is_some_and(|own| own.serves.len() > 0)
    }

    /// Whoever waits for what this one has is judged again.
    fn moved(&mut self, key: &InstanceKey, placed: &Placed) {
        self.touch(key);
        self.changes.epoch += 1;
        for service in placed.claim.serves.keys() {
            self.changes.services.insert((key.workload.clone(), service.clone()));
        }
        for service in placed.claim.serves.keys().chain(placed.claim.views.keys()) {
            self.concern(service, Some(key));
        }
        // They may leave behind what this one serves.
        let own = self.workloads.get(&key.workload).filter(|_| !placed.claim.serves.is_empty());
        let own = own.into_iter().flat_map(|own| &own.waiting).filter(|(_, other)| other != key);
        self.changes.unsettled.extend(own.cloned());
        let waiting = placed.claim.address.and_then(|address| self.dialled.get(&address));
        let others = waiting.into_iter().flatten().filter(|(_, other)| other != key);
        self.changes.unsettled.extend(others.cloned());
    }

    /// Who provides or consumes this service has changed: whoever waits for it is judged again, but for
    /// whoever changed it.
    pub(super) fn concern(&mut self, service: &str, by: Option<&InstanceKey>) {
        let waiting = self.concerned.get(service).into_iter().flatten();
        // Whoever comes without a service that their workload provides, or left, is concerned with its consumers too.
        let providers = self.providers.get(service).into_iter().flat_map(BTreeMap::keys);
        let providers = providers.chain(self.left.get(service).into_iter().flatten());
        let theirs = providers.filter_map(|provider| self.workloads.get(provider));
        let waiting = waiting.chain(theirs.flat_map(|workload| &workload.waiting));
        let others = waiting.filter(|(_, other)| by != Some(other));
        self.changes.unsettled.extend(others.cloned());
        self.changes.rerouted.insert(service.to_owned());
    }

    /// Whoever meets others over this service may have to be warned otherwise.
    pub(super) fn shift(&mut self, service: &str, what: Shift, by: Option<&InstanceKey>) {
        self.changes.shifted.insert((service.to_owned(), what, by.cloned()));
    }

    /// The placed instances that serve or consume a service, and the workloads that provide it or left it in force: of
    /// those, instances without it have to do with it, too.
    pub(super) fn meets(&self, service: &str) -> (BTreeSet<InstanceKey>, BTreeSet<WorkloadId>) {
        let consumers = self.consumers.get(service).into_iter().flat_map(BTreeMap::keys);
        let providers = self.providers.get(service).into_iter().flat_map(BTreeMap::keys);
        let left = self.left.get(service).into_iter().flatten();
        (consumers.cloned().collect(), providers.chain(left).cloned().collect())
    }

    /// These views count.
    fn consume(&mut self, key: &InstanceKey, views: &BTreeMap<String, Consumed>) {
        self.changes.epoch += 1;
        for (service, consumed) in views {
            let consumers = self.consumers.entry(service.clone()).or_default();
            if !of_workload(consumers, &key.workload).any(|(_, other)| other == consumed) {
                self.changes.shifted.insert((service.clone(), Shift::Views, Some(key.clone())));
            }
            consumers.insert(key.clone(), consumed.clone());
            self.viewers.entry(service.clone()).or_default().add(key.workload.namespace());
            let own = self.workloads.entry(key.workload.clone()).or_default();
            if own.views.entry(service.clone()).or_default().add(consumed.digest.as_str()) {
                self.changes.workloads.insert(key.workload.clone());
            }
            self.refer(&key.workload, consumed.digest.as_str());
        }
    }

    /// They count no more.
    fn cease(&mut self, key: &InstanceKey, views: &BTreeMap<String, Consumed>) {
        self.changes.epoch += 1;
        for (service, consumed) in views {
            if let Some(consumers) = self.consumers.get_mut(service) {
                consumers.remove(key);
                if !of_workload(consumers, &key.workload).any(|(_, other)| other == consumed) {
                    self.changes.shifted.insert((service.clone(), Shift::Views, Some(key.clone())));
                }
                if consumers.is_empty() {
                    self.consumers.remove(service);
                }
            }
            let own = self.workloads.entry(key.workload.clone()).or_default();
            if own.views.get_mut(service).is_some_and(|views| views.take(consumed.digest.as_str())) {
                own.views.retain(|_, views| views.len() > 0);
                self.changes.workloads.insert(key.workload.clone());
            }
            if let Some(viewers) = self.viewers.get_mut(service) {
                viewers.take(key.workload.namespace());
                if viewers.len() == 0 {
                    self.viewers.remove(service);
                }
            }
            self.unrefer(&key.workload, consumed.digest.as_str());
        }
    }

    /// It counts although its instance is not heard of.
    pub(super) fn linger(&mut self, key: &InstanceKey, claim: &Claim) {
        self.consume(key, &claim.views);
        for (service, digest) in &claim.serves {
            self.gone.entry(service.clone()).or_default().insert(key.clone(), digest.clone());
            self.refer(&key.workload, digest.as_str());
        }
        self.workloads.entry(key.workload.clone()).or_default().lingering += 1;
    }

    /// It is heard of again, or has been away for too long.
    pub(super) fn unlinger(&mut self, key: &InstanceKey, claim: &Claim) {
        for service in claim.views.keys().chain(claim.serves.keys()) {
            self.concern(service, Some(key));
        }
        self.cease(key, &claim.views);
        for (service, digest) in &claim.serves {
            if let Some(gone) = self.gone.get_mut(service) {
                gone.remove(key);
                if gone.is_empty() {
                    self.gone.remove(service);
                }
            }
            self.unrefer(&key.workload, digest.as_str());
        }
        let Entry::Occupied(mut entry) = self.workloads.entry(key.workload.clone()) else { return };
        entry.get_mut().lingering -= 1;
        if entry.get().instances == 0 && entry.get().lingering == 0 {
            entry.remove();
        }
    }

    /// Whoever may be judged otherwise now is judged again.
    pub(super) fn lapse(&mut self, now: SystemTime) {
        let lapsed = self.lapsing.iter().take_while(|(end, _)| *end <= now);
        self.changes.unsettled.extend(lapsed.clone().map(|(_, waiting)| waiting.clone()));
        self.changes.unwarned.extend(lapsed.map(|(_, (_, key))| key.clone()));
    }

    /// When somebody may be judged otherwise, if nothing happens before.
    pub(super) fn next_lapse(&self) -> Option<SystemTime> {
        self.lapsing.first().map(|(end, _)| *end)
    }

    /// What it offers counts, as long as it may be admitted with it.
    fn offer(&mut self, key: &InstanceKey, record: &Record) {
        for digest in record.offer.digests().filter(|_| record.fault.is_none()) {
            self.refer(&key.workload, digest);
        }
    }

    /// What it offers counts no more.
    pub(super) fn withdraw(&mut self, key: &InstanceKey, record: &Record) {
        for digest in record.offer.digests().filter(|_| record.fault.is_none()) {
            self.unrefer(&key.workload, digest);
        }
    }

    /// A set is referred to.
    fn refer(&mut self, workload: &WorkloadId, digest: &str) {
        self.used.add(digest);
        self.workloads.entry(workload.clone()).or_default().sets.add(digest);
    }

    fn unrefer(&mut self, workload: &WorkloadId, digest: &str) {
        self.release(digest);
        if let Some(workload) = self.workloads.get_mut(workload) {
            workload.sets.take(digest);
        }
    }

    /// A workload goes, and leaves this in force.
    pub(super) fn leave(&mut self, workload: &WorkloadId, service: &str, digest: &Digest) {
        self.retain(digest);
        self.left.entry(service.to_owned()).or_default().insert(workload.clone());
    }

    /// It is in force no more.
    pub(super) fn resume(&mut self, workload: &WorkloadId, service: &str, digest: &Digest) {
        self.release(digest.as_str());
        if let Some(left) = self.left.get_mut(service) {
            left.remove(workload);
            if left.is_empty() {
                self.left.remove(service);
            }
        }
        let own = self.workloads.get(workload).into_iter().flat_map(|own| &own.waiting);
        self.changes.unsettled.extend(own.cloned());
    }

    /// A set is referred to by somebody who is not there.
    pub(super) fn retain(&mut self, digest: &Digest) {
        self.changes.epoch += 1;
        self.used.add(digest.as_str());
    }

    pub(super) fn release(&mut self, digest: &str) {
        self.changes.epoch += 1;
        if self.used.take(digest) {
            self.changes.dropped.insert(digest.to_owned());
        }
    }
}

/// Those of one workload.
pub(super) fn of_workload<'a, V>(
    map: &'a BTreeMap<InstanceKey, V>,
    workload: &'a WorkloadId,
) -> impl Iterator<Item = (&'a InstanceKey, &'a V)> + Clone {
    let first = InstanceKey { workload: workload.clone(), instance: String::new() };
    map.range(first..).take_while(move |(key, _)| key.workload == *workload)
}

/// Of what is under `key`, one less.
fn take<K: Ord, V: Ord>(map: &mut BTreeMap<K, BTreeSet<V>>, key: &K, value: &V) {
    if let Some(values) = map.get_mut(key) {
        values.remove(value);
        if values.is_empty() {
            map.remove(key);
        }
    }
}
