//! The registry as others see it.

use super::{Placed, Record, Refusal, Registry};
use crate::store::InstanceKey;
use contract::{Contract, Digest, Service};
use identity::WorkloadId;
use resource::{Instance, Served, ServerListener, World};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::SystemTime,
};

/// Where an instance stands; as treaty.v1.InstanceStatus.State.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum State {
    /// Remembered from before a restart, and not heard of since.
    Relearning,
    /// On its way, or not ready.
    Joined,
    Ready,
    Refused,
}

/// One moment of the registry.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// Sorted by workload and instance.
    pub(crate) instances: Vec<InstanceView>,
    /// The contracts in force, by service; the providers in several namespaces in the order of their
    /// claims.
    pub(crate) contracts: BTreeMap<String, Vec<Known>>,
    /// What each workload's instances consume.
    pub(crate) consumes: BTreeMap<WorkloadId, BTreeSet<String>>,
    /// What each workload's instances serve where.
    pub(crate) listeners: BTreeMap<WorkloadId, BTreeSet<String>>,
    /// The admitted instances that can be dialled.
    pub(crate) placed: Vec<Instance>,
}

/// One instance.
#[derive(Clone, Debug)]
pub(crate) struct InstanceView {
    pub(crate) key: InstanceKey,
    pub(crate) version: String,
    pub(crate) address: String,
    pub(crate) metrics_address: String,
    pub(crate) state: State,
    pub(crate) since: SystemTime,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) serves: Vec<String>,
    pub(crate) consumes: Vec<String>,
}

/// A contract in force, and who provides it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) workload: WorkloadId,
    pub(crate) contract: Arc<Contract>,
    /// Whether an instance is there.
    pub(crate) served: bool,
    claimed: u64,
}

impl Known {
    /// The service called `name`, as this contract declares it.
    pub(crate) fn service(&self, name: &str) -> Option<&Service> {
        self.contract.service(name)
    }
}

impl View {
    /// Who provides `service` to workloads of `namespace`: its own namespace's workload first, else the
    /// one that claimed it first.
    pub(crate) fn provider(&self, service: &str, namespace: &str) -> Option<&Known> {
        let known = self.contracts.get(service)?;
        known.iter().find(|known| known.workload.namespace() == namespace).or_else(|| known.first())
    }

    /// The namespaces whose own workload provides a contract that another one provides for everybody else.
    pub(crate) fn divided(&self) -> BTreeSet<String> {
        let later = self.contracts.values().flat_map(|known| known.iter().skip(1));
        later.map(|known| known.workload.namespace().to_owned()).collect()
    }

    /// The world as workloads of `namespace` see it.
    pub(crate) fn world(&self, trust_domain: identity::TrustDomain, namespace: &str) -> World {
        let served = |(name, _): (&String, _)| {
            let known = self.provider(name, namespace)?;
            let service = known.service(name)?.clone();
            Some((name.clone(), Served { service, provider: known.workload.clone() }))
        };
        World {
            trust_domain,
            services: self.contracts.iter().filter_map(served).collect(),
            instances: self.placed.clone(),
        }
    }

    /// Services with a method that the gateway may reach.
    pub(crate) fn public(&self, namespace: &str) -> BTreeSet<String> {
        let public = |name: &&String| {
            let service = self.provider(name, namespace).and_then(|known| known.service(name));
            service.is_some_and(|service| service.methods.iter().any(|method| method.policy.public.value))
        };
        self.contracts.keys().filter(public).cloned().collect()
    }
}

impl Registry {
    /// This moment.
    pub(crate) fn view(&self) -> View {
        let mut view = View { contracts: self.known(), ..View::default() };
        for (key, record) in &self.instances {
            view.instances.push(record.view(key));
            let consumes = view.consumes.entry(key.workload.clone()).or_default();
            consumes.extend(record.offer.consumes.iter().cloned());
            let listeners = view.listeners.entry(key.workload.clone()).or_default();
            if let Some(instance) = record.instance(key) {
                listeners.insert(ServerListener::name_for(instance.address));
                view.placed.push(instance);
            }
        }
        view
    }

    fn known(&self) -> BTreeMap<String, Vec<Known>> {
        let mut latest: BTreeMap<(&str, &WorkloadId), (&Digest, u64)> = BTreeMap::new();
        for (key, Placed { claim, order }) in self.placed() {
            for (service, digest) in &claim.serves {
                let entry = latest.entry((service, &key.workload)).or_insert((digest, *order));
                if *order > entry.1 {
                    *entry = (digest, *order);
                }
            }
        }
        let placed = latest.into_iter().map(|(who, (digest, _))| (who, digest, true));
        let absent = self.absent.iter();
        let absent =
            absent.map(|((workload, service), digest)| ((service.as_str(), workload), digest, false));
        let mut known: BTreeMap<String, Vec<Known>> = BTreeMap::new();
        for ((service, workload), digest, served) in placed.chain(absent) {
            let Some(Ok(contract)) = self.contracts.get(digest).map(|judged| judged.verdict.clone()) else {
                continue;
            };
            let claimed =
                self.claims.get(&(workload.clone(), service.to_owned())).copied().unwrap_or(u64::MAX);
            let entry = Known { workload: workload.clone(), contract, served, claimed };
            known.entry(service.to_owned()).or_default().push(entry);
        }
        for providers in known.values_mut() {
            providers.sort_by(|a, b| (a.claimed, &a.workload).cmp(&(b.claimed, &b.workload)));
        }
        known
    }
}

impl Record {
    fn view(&self, key: &InstanceKey) -> InstanceView {
        InstanceView {
            key: key.clone(),
            version: self.offer.version.clone(),
            address: self.offer.address.clone(),
            metrics_address: self.offer.metrics_address.clone(),
            state: self.state,
            since: self.since,
            refusals: self.refusals.clone(),
            serves: self.offer.serves.iter().map(|(service, _)| service.clone()).collect(),
            consumes: self.offer.consumes.clone(),
        }
    }

    fn instance(&self, key: &InstanceKey) -> Option<Instance> {
        let Placed { claim, .. } = self.placed.as_ref()?;
        Some(Instance {
            workload: key.workload.clone(),
            name: key.instance.clone(),
            address: claim.address?,
            locality: claim.locality.clone(),
            serves: claim.serves.keys().cloned().collect(),
            ready: self.ready,
        })
    }
}
