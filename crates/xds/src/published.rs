//! What the control plane has to say, and to whom.

use identity::WorkloadId;
use resource::Snapshot;
use std::collections::{BTreeMap, BTreeSet};

/// A snapshot, and who may see what of it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Published {
    /// Every resource of the mesh.
    pub snapshot: Snapshot,
    /// The same, as workloads of a namespace see it that is provided for by a workload of its own where
    /// others are not. Namespaces that see [`Self::snapshot`] are not in here.
    pub namespaces: BTreeMap<String, Snapshot>,
    /// What each workload sees. A workload that is not in here is not known (yet, or any more): it is sent
    /// nothing, and nothing that it already has is withdrawn.
    pub visible: BTreeMap<WorkloadId, Visible>,
    /// Processes that were refused as consumers, by workload and `node.id`.
    pub refused: Refused,
}

/// By workload and `node.id`: full names of the services over whose contracts the process was refused as a consumer.
/// Clients of other makes do not see these. Treaty's own do: they refuse to call, and say why.
pub type Refused = BTreeMap<WorkloadId, BTreeMap<String, BTreeSet<String>>>;

impl Published {
    /// The snapshot for this workload's namespace.
    pub fn snapshot_for(&self, workload: &WorkloadId) -> &Snapshot {
        self.namespaces.get(workload.namespace()).unwrap_or(&self.snapshot)
    }
}

/// What one workload sees.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Visible {
    /// Full names of the services it may dial: their client listeners, routes, clusters and endpoints.
    pub services: BTreeSet<String>,
    /// Names of the server listeners of its own instances.
    pub listeners: BTreeSet<String>,
}
