//! What the control plane knows, as input to [`crate::compile`].

use crate::cluster::Locality;
use contract::Service;
use identity::{TrustDomain, WorkloadId};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::SocketAddr};

/// Who serves what, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The one trust domain.
    pub trust_domain: TrustDomain,
    /// By full service name.
    pub services: BTreeMap<String, Served>,
    /// Admitted instances only, ready or not. Order does not matter.
    pub instances: Vec<Instance>,
}

/// A service and the workload that provides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// What the contract says.
    pub service: Service,
    /// Who provides it.
    pub provider: WorkloadId,
}

/// One admitted process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Whose it is.
    pub workload: WorkloadId,
    /// Unique among the workload's processes.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it runs.
    pub locality: Locality,
    /// Full names of the services it serves.
    pub serves: Vec<String>,
    /// Whether it takes traffic: only then is it an endpoint. Its listener exists either way.
    pub ready: bool,
}
