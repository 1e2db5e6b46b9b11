//! The registry as others see it.

use super::{Judged, Placed, Record, Refusal, Registry, Routes, counts::Counts, index::Changes};
use crate::store::{InstanceKey, Route};
use compat::Party;
use contract::{Contract, Digest, Service};
use identity::WorkloadId;
use resource::{Instance, Served, World};
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
    pub(crate) instances: Vec<Arc<InstanceView>>,
    /// The contracts in force, by service; the providers in several namespaces in the order of their
    /// claims.
    pub(crate) contracts: Arc<BTreeMap<String, Vec<Known>>>,
    /// What each workload's instances consume.
    pub(crate) consumes: Arc<Names>,
    /// Of what each workload's placed instances consume, the sets that they were built with.
    pub(crate) viewed: Arc<Viewed>,
    /// What each workload's instances serve where.
    pub(crate) listeners: Arc<Names>,
    /// The admitted instances that can be dialled.
    pub(crate) placed: Vec<Arc<Instance>>,
    /// All sets that are known and can be read.
    pub(crate) sets: Arc<Sets>,
    /// Where calls of namespaces go that consume a service.
    pub(crate) routes: Arc<Routes>,
}

pub(crate) type Sets = BTreeMap<Digest, Party>;

/// By workload and service.
pub(crate) type Viewed = BTreeMap<WorkloadId, Arc<BTreeMap<String, BTreeSet<Digest>>>>;

/// By workload.
pub(crate) type Names = BTreeMap<WorkloadId, Arc<BTreeSet<String>>>;

/// The parts of a [`View`], kept up with every change.
#[derive(Debug, Default)]
pub(super) struct Shown {
    instances: BTreeMap<InstanceKey, Arc<InstanceView>>,
    placed: BTreeMap<InstanceKey, Arc<Instance>>,
    contracts: Arc<BTreeMap<String, Vec<Known>>>,
    consumes: Arc<Names>,
    viewed: Arc<Viewed>,
    listeners: Arc<Names>,
    sets: Arc<Sets>,
    routes: Arc<Routes>,
    revision: u64,
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
    pub(crate) refusals: Arc<[Refusal]>,
    /// What it breaks that nothing gates.
    pub(crate) warnings: Arc<[Refusal]>,
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
    /// Whose it is, and which.
    pub(crate) fn version(&self) -> (&WorkloadId, &Digest) {
        (&self.workload, &self.contract.digest)
    }

    /// A contract that is served.
    #[cfg(test)]
    pub(crate) fn of(workload: WorkloadId, contract: Arc<Contract>) -> Self {
        Self { workload, contract, served: true, claimed: 0 }
    }

    /// The service called `name`, as this contract declares it.
    pub(crate) fn service(&self, name: &str) -> Option<&Service> {
        self.contract.service(name)
    }

    /// Whether the gateway may reach any method of the service called `name`.
    pub(crate) fn public(&self, name: &str) -> bool {
        let methods = self.service(name).into_iter().flat_map(|service| &service.methods);
        methods.into_iter().any(|method| method.policy.public.value)
    }
}

impl View {
    /// Who provides `service` to workloads of `namespace`: its own namespace's workload first, else the
    /// one to which its calls go; where nobody calls yet, the one that claimed it first.
    pub(crate) fn provider(&self, service: &str, namespace: &str) -> Option<&Known> {
        let known = self.contracts.get(service)?;
        let own = known.iter().find(|known| known.workload.namespace() == namespace);
        own.or_else(|| match self.routes.get(service).and_then(|routes| routes.get(namespace)) {
            Some(Route::To(to)) => known.iter().find(|known| known.workload == *to),
            Some(Route::Nowhere) => None,
            None => known.first(),
        })
    }

    /// The namespaces whose calls of a contract go elsewhere than everybody else's.
    pub(crate) fn divided(&self) -> BTreeSet<String> {
        let later = self.contracts.values().flat_map(|known| known.iter().skip(1));
        let own = later.map(|known| known.workload.namespace().to_owned());
        let routes = self.routes.iter().flat_map(|(service, routes)| {
            let first = self.contracts.get(service).and_then(|known| known.first());
            let first = first.map(|first| Route::To(first.workload.clone()));
            routes.iter().filter(move |(_, route)| Some(*route) != first.as_ref())
        });
        own.chain(routes.map(|(namespace, _)| namespace.clone())).collect()
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
            instances: self.placed.iter().map(|instance| (**instance).clone()).collect(),
        }
    }

    /// Services with a method that the gateway may reach.
    pub(crate) fn public(&self, namespace: &str) -> BTreeSet<String> {
        let public = |name: &&String| self.provider(name, namespace).is_some_and(|known| known.public(name));
        self.contracts.keys().filter(public).cloned().collect()
    }
}

impl Shown {
    /// Calls go elsewhere.
    pub(super) fn route(&mut self, routes: &Routes) {
        self.routes = Arc::new(routes.clone());
        self.revision += 1;
    }

    /// A set came.
    pub(super) fn learn(&mut self, judged: &Judged) {
        if let Ok(party) = &judged.party {
            Arc::make_mut(&mut self.sets).insert(judged.digest.clone(), party.clone());
        }
    }

    /// Nobody refers to a set any more.
    pub(super) fn forget(&mut self, digest: &Digest) {
        Arc::make_mut(&mut self.sets).remove(digest);
    }
}

impl Registry {
    /// This moment.
    pub(crate) fn view(&self) -> View {
        let Shown { instances, placed, contracts, consumes, viewed, listeners, sets, routes, .. } =
            &self.shown;
        View {
            instances: instances.values().cloned().collect(),
            contracts: contracts.clone(),
            consumes: consumes.clone(),
            viewed: viewed.clone(),
            listeners: listeners.clone(),
            placed: placed.values().cloned().collect(),
            sets: sets.clone(),
            routes: routes.clone(),
        }
    }

    /// Counts up whenever the view changes.
    pub(crate) fn revision(&self) -> u64 {
        self.shown.revision
    }

    pub(super) fn show(&mut self, changes: &Changes) {
        if changes.routed {
            self.shown.route(&self.routes);
        }
        if changes.instances.is_empty() {
            return;
        }
        self.shown.revision += 1;
        for key in &changes.instances {
            let record = self.instances.get(key);
            put(&mut self.shown.instances, key, record.map(|record| record.view(key).into()));
            let instance = record.and_then(|record| record.instance(key));
            put(&mut self.shown.placed, key, instance.map(Arc::new));
        }
        for workload in &changes.workloads {
            let said = self.index.workloads.get(workload);
            let consumes = said.map(|said| Arc::new(said.consumes.keys().cloned().collect()));
            put(Arc::make_mut(&mut self.shown.consumes), workload, consumes);
            let viewed = said.map(|said| {
                let digests =
                    |sets: &Counts| sets.keys().filter_map(|digest| Digest::parse(digest)).collect();
                let views = said.views.iter();
                Arc::new(views.map(|(service, sets)| (service.clone(), digests(sets))).collect())
            });
            put(Arc::make_mut(&mut self.shown.viewed), workload, viewed);
            let listeners = said.map(|said| Arc::new(said.listeners.keys().cloned().collect()));
            put(Arc::make_mut(&mut self.shown.listeners), workload, listeners);
        }
        let services: BTreeSet<&String> = changes.services.iter().map(|(_, service)| service).collect();
        for service in services {
            let known = Some(self.known(service)).filter(|known| !known.is_empty());
            put(Arc::make_mut(&mut self.shown.contracts), service, known);
        }
    }

    /// The contracts in force of one service.
    fn known(&self, service: &String) -> Vec<Known> {
        let providers = self.index.providers.get(service).into_iter().flatten();
        let placed = providers.filter_map(|(workload, instances)| {
            let (digest, _) = instances.values().max_by_key(|(_, order)| *order)?;
            Some((workload, digest, true))
        });
        let absent = self.absent.iter();
        let absent = absent.filter_map(|(workload, absent)| Some((workload, absent.get(service)?, false)));
        let known = placed.chain(absent).filter_map(|(workload, digest, served)| {
            let contract = self.contracts.get(digest)?.contract()?.clone();
            let claimed = self.claims.get(&(workload.clone(), service.clone())).copied().unwrap_or(u64::MAX);
            Some(Known { workload: workload.clone(), contract, served, claimed })
        });
        let mut known: Vec<_> = known.collect();
        known.sort_by(|a, b| (a.claimed, &a.workload).cmp(&(b.claimed, &b.workload)));
        known
    }
}

fn put<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, key: &K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key.clone(), value),
        None => map.remove(key),
    };
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
            warnings: self.warnings.clone(),
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
