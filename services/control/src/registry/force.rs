//! What a workload has in force, and what it follows.

use super::{Registry, compare::MethodOutcome};
use contract::{Contract, Digest, Gate, Service};
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

impl Registry {
    /// Whether the workload serves this very version already, or left it in force: another of it changes nothing.
    pub(super) fn is_there(&self, workload: &WorkloadId, service: &str, digest: &Digest) -> bool {
        let instances = self.index.providers.get(service).and_then(|providers| providers.get(workload));
        let mut placed = instances.into_iter().flat_map(BTreeMap::values);
        placed.any(|(placed, _)| placed == digest)
            || self.left(workload, service) == Some(digest)
            || self.served_until(workload, service, digest).is_some()
    }

    /// The version of a service that a workload has in force.
    pub(super) fn in_force(&self, workload: &WorkloadId, service: &str) -> Option<&Digest> {
        let instances = self.index.providers.get(service).and_then(|providers| providers.get(workload));
        let latest = instances.and_then(|instances| instances.values().max_by_key(|(_, order)| *order));
        latest.map(|(digest, _)| digest).or_else(|| self.left(workload, service))
    }

    /// What the version in force says of those that come.
    pub(super) fn gate_in_force(&self, workload: &WorkloadId, service: &str) -> Option<Gate> {
        let in_force = self.contract(self.in_force(workload, service)?)?;
        Some(in_force.service(service)?.policy.rollout.value.gate)
    }

    /// The version of a service that a workload has in force beside this one, or had before it.
    fn followed(&self, workload: &WorkloadId, service: &str, by: &Digest) -> Option<&Digest> {
        let instances = self.index.providers.get(service).and_then(|providers| providers.get(workload));
        let others = instances.into_iter().flat_map(BTreeMap::values).filter(|(digest, _)| digest != by);
        let latest = others.max_by_key(|(_, order)| *order).map(|(digest, _)| digest);
        latest.or_else(|| self.left(workload, service).filter(|left| *left != by))
    }

    /// The services that `workload` provides by the same set as `service`, with what is in force of them.
    pub(crate) fn beside(&self, workload: &WorkloadId, service: &str) -> Vec<(&String, &Arc<Contract>)> {
        let digest = self.in_force(workload, service);
        let provided = self.provided(workload);
        let beside = provided.filter(|other| digest.is_some() && self.in_force(workload, other) == digest);
        beside.filter_map(|other| Some((other, self.contract(digest?)?))).collect()
    }

    /// The services that a workload has in force.
    pub(super) fn provided(&self, workload: &WorkloadId) -> impl Iterator<Item = &String> {
        let served = self.index.workloads.get(workload).into_iter().flat_map(|own| own.serves.keys());
        served.chain(self.left_services(workload)).collect::<BTreeSet<_>>().into_iter()
    }

    /// The limits of a version that are below those of the one it follows.
    pub(super) fn lowered(
        &self,
        provider: &WorkloadId,
        declared: &Service,
        digest: &Digest,
    ) -> Arc<[MethodOutcome]> {
        let before = self.followed(provider, &declared.name, digest).and_then(|before| self.contract(before));
        let Some(before) = before.and_then(|before| before.service(&declared.name)) else {
            return Arc::default();
        };
        let lowered = compat::lowered_limits(before, declared).into_iter();
        lowered.map(MethodOutcome::of_use).collect()
    }
}
