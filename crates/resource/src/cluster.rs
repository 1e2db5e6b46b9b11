//! Clusters and their endpoints (CDS, EDS).

use contract::{Balance, Sourced};
use identity::{SpiffeId, WorkloadId};
use serde::{Deserialize, Serialize};
use std::{fmt, net::SocketAddr};

/// "shop.catalog.v1.Catalog@shop/catalog": a service as provided by one workload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterName(pub String);

impl ClusterName {
    /// The name of `service` as provided by `provider`.
    pub fn of(service: &str, provider: &WorkloadId) -> Self {
        Self(format!("{service}@{provider}"))
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How to reach a service of one workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Also the name of its [`EndpointSet`].
    pub name: ClusterName,
    /// Whom its endpoints' certificates must name; nobody else is believed.
    pub identity: SpiffeId,
    /// How to choose among the endpoints.
    pub balance: Sourced<Balance>,
    /// Requests in flight to one endpoint; 0 is unlimited.
    pub max_in_flight: Sourced<u32>,
}

/// Where a cluster's endpoints are; sorted, so that equal sets are equal bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointSet {
    /// The cluster's name.
    pub cluster: ClusterName,
    /// Sorted by locality, then address.
    pub endpoints: Vec<Endpoint>,
}

/// One ready instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Endpoint {
    /// Where it runs.
    pub locality: Locality,
    /// Where it listens. Always an IP: xDS clients refuse names here.
    pub address: SocketAddr,
}

/// Region and zone; both empty where nobody said so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
pub struct Locality {
    /// For example "eu-west-1".
    pub region: String,
    /// For example "eu-west-1a".
    pub zone: String,
}
