//! The versions of a contract that are served now.

use crate::registry::Registry;
use contract::Digest;
use contracts::treaty::v1::{ContractVersion, DescriptorSet, ReadContractResponse};
use identity::WorkloadId;
use prost::Message as _;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Bytes of an answer, below what the contract of treaty.v1.Admin allows.
const MAX_BYTES: usize = 15 * 1024 * 1024;

/// The one in force first, then the others by age; of several providers, whoever claimed the service first
/// first. What does not fit into one answer is left out.
pub(super) fn read(registry: &Registry, service: &str) -> ReadContractResponse {
    let mut versions: BTreeMap<(WorkloadId, Digest), (u64, BTreeSet<String>)> = BTreeMap::new();
    for placed in registry.served(service) {
        let version = versions.entry((placed.workload.clone(), placed.digest.clone())).or_default();
        version.0 = version.0.max(placed.order);
        version.1.insert(placed.label.to_owned());
    }
    let claimed = registry.view().contracts.get(service).cloned().unwrap_or_default();
    let rank = |workload: &WorkloadId| claimed.iter().position(|known| known.workload == *workload);
    let mut versions: Vec<_> = versions.into_iter().collect();
    versions.sort_by_key(|((workload, _), (order, _))| (rank(workload), Reverse(*order)));
    let mut room = MAX_BYTES;
    let message = |((workload, digest), (_, labels)): ((WorkloadId, Digest), (u64, BTreeSet<String>))| {
        let bytes = registry.party(&digest)?.contract.bytes.to_vec();
        Some(ContractVersion {
            workload: workload.to_string(),
            labels: labels.into_iter().filter(|label| !label.is_empty()).collect(),
            descriptor_set: Some(DescriptorSet { digest: digest.to_string(), bytes }),
        })
    };
    let fits = |version: &ContractVersion| match room.checked_sub(version.encoded_len()) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    ReadContractResponse { versions: versions.into_iter().filter_map(message).filter(fits).collect() }
}
