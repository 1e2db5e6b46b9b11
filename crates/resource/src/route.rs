//! Routes (RDS): the consumer's side of a contract.

use crate::cluster::ClusterName;
use contract::{MethodPath, Origin, RetryPolicy, Sourced};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// The routes to one service, one for each method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// The service's full name.
    pub name: String,
    /// The team that answers for the service.
    pub owner: String,
    /// By path.
    pub methods: BTreeMap<MethodPath, MethodRoute>,
}

impl RouteTable {
    /// The clusters that the routes name.
    pub fn clusters(&self) -> BTreeSet<&ClusterName> {
        self.methods.values().map(|route| &route.cluster).collect()
    }
}

/// Where a method's calls go, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodRoute {
    /// Where they go.
    pub cluster: ClusterName,
    /// Where the method is declared.
    pub declared_at: Origin,
    /// Default deadline and ceiling.
    pub timeout: Sourced<Option<Duration>>,
    /// When to try again; `attempts` is 1 where that is not allowed.
    pub retry: Sourced<RetryPolicy>,
    /// Bytes.
    pub max_request_bytes: Sourced<u32>,
    /// Bytes.
    pub max_response_bytes: Sourced<u32>,
    /// Whether the gateway may reach it.
    pub public: Sourced<bool>,
    /// Whether the client streams.
    pub client_streaming: bool,
    /// Whether the server streams.
    pub server_streaming: bool,
}
