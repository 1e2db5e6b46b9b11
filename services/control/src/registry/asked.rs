//! What somebody who looks wants to know of one service.

use super::{
    Registry,
    usage::{InUse, MethodUse},
    whom::is_gateway,
};
use contract::Digest;
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

/// One placed instance that serves a service.
#[derive(Debug)]
pub(crate) struct ServedView<'a> {
    pub(crate) workload: &'a WorkloadId,
    pub(crate) digest: &'a Digest,
    /// Of its admission.
    pub(crate) order: u64,
    /// Its own label of its version.
    pub(crate) label: &'a str,
}

/// A workload that consumes a service.
#[derive(Clone, Debug)]
pub(crate) struct ConsumerView {
    pub(crate) workload: WorkloadId,
    /// Whether an instance of it is there that consumes it.
    pub(crate) live: bool,
    /// Of the sets that its instances were built with.
    pub(crate) digests: BTreeSet<Digest>,
    /// Of all that it may know, by name.
    pub(crate) methods: Vec<MethodView>,
    /// When it first said that it consumes the service.
    pub(crate) declared: Option<SystemTime>,
}

/// What a consumer does with one method.
#[derive(Clone, Debug)]
pub(crate) struct MethodView {
    pub(crate) name: String,
    pub(crate) known: Option<MethodUse>,
    /// Whether new versions may not break it.
    pub(crate) in_use: bool,
}

impl Registry {
    /// The placed instances that serve `service`.
    pub(crate) fn served(&self, service: &str) -> Vec<ServedView<'_>> {
        let providers = self.index.providers.get(service).into_iter().flatten();
        let instances = providers.flat_map(|(workload, instances)| {
            instances.iter().map(move |(instance, version)| (workload, instance, version))
        });
        let served = instances.map(|(workload, instance, (digest, order))| {
            let key = crate::store::InstanceKey { workload: workload.clone(), instance: instance.clone() };
            let placed = self.instances.get(&key).and_then(|record| record.placed.as_ref());
            let label = placed.map_or("", |placed| placed.claim.version.as_str());
            ServedView { workload, digest, order: *order, label }
        });
        served.collect()
    }

    /// Who consumes `service`, or once did, sorted by workload.
    pub(crate) fn consumers(&self, service: &str) -> Vec<ConsumerView> {
        let consume = self.index.workloads.iter();
        let live = consume.filter(|(_, said)| said.consumes.contains(service)).map(|(workload, _)| workload);
        let live: BTreeSet<&WorkloadId> = live.collect();
        let known: BTreeMap<&WorkloadId, _> =
            self.uses.of_service(service).map(|known| (&known.workload, known)).collect();
        let all: BTreeSet<&WorkloadId> = live.iter().copied().chain(known.keys().copied()).collect();
        let consumer = |workload: &WorkloadId| {
            let placed = self.index.consumers.get(service).into_iter().flatten();
            let own: Vec<_> =
                placed.filter(|(key, _)| key.workload == *workload).map(|(_, own)| own).collect();
            let outside = is_gateway(workload) && self.index.workloads.contains_key(workload);
            ConsumerView {
                workload: workload.clone(),
                live: live.contains(workload) || outside,
                digests: own.iter().map(|consumed| consumed.digest.clone()).collect(),
                methods: self.methods(workload, service, &own),
                declared: known.get(workload).map(|known| known.declared),
            }
        };
        all.into_iter().map(consumer).collect()
    }

    /// The methods of all views that a workload has of a service, and what it does with them.
    fn methods(
        &self,
        workload: &WorkloadId,
        service: &str,
        views: &[&crate::store::Consumed],
    ) -> Vec<MethodView> {
        let known = self.uses.of(service, workload);
        let served: BTreeSet<&Digest> =
            self.served(service).into_iter().map(|served| served.digest).collect();
        let served = || served.iter().filter_map(|digest| self.contract(digest)?.service(service));
        let caller = workload.to_string();
        let mut methods: BTreeMap<String, bool> = BTreeMap::new();
        for consumed in views {
            let calls = self.calls(workload, service, &consumed.methods);
            let declared = self.contract(&consumed.digest).and_then(|contract| contract.service(service));
            for method in declared.into_iter().flat_map(|declared| &declared.methods) {
                let name = method.path.method();
                let offered = served().flat_map(|served| &served.methods).filter(|of| of.path == method.path);
                let open = { offered }.chain([method]).any(|method| compat::admits(method, &caller));
                let counts = open || calls.despite(name, self.window, self.now);
                let in_use = calls.in_use(name, self.window, self.now).filter(|_| counts);
                *methods.entry(name.to_owned()).or_default() |= in_use.is_some_and(|used| used != InUse::No);
            }
        }
        for name in known.into_iter().flat_map(|known| known.methods.keys()) {
            let lately = || known.map(|known| known.called_lately(name, self.window, self.now));
            methods
                .entry(name.clone())
                .or_insert_with(|| views.is_empty() && lately().is_some_and(|used| used != InUse::No));
        }
        let view = |(name, in_use): (String, bool)| {
            let known = known.and_then(|known| known.methods.get(&name)).cloned();
            MethodView { name, known, in_use }
        };
        methods.into_iter().map(view).collect()
    }
}
