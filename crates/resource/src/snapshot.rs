//! All resources of a mesh at one moment.

use crate::{
    cluster::{Cluster, ClusterName, EndpointSet},
    listener::{ClientListener, ServerListener},
    route::RouteTable,
    world::World,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// Every resource, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Snapshot {
    /// What consumers dial, by service name.
    pub client_listeners: BTreeMap<String, Arc<ClientListener>>,
    /// What providers stand behind, by listener name.
    pub server_listeners: BTreeMap<String, Arc<ServerListener>>,
    /// By service name.
    pub routes: BTreeMap<String, Arc<RouteTable>>,
    /// By cluster name.
    pub clusters: BTreeMap<ClusterName, Arc<Cluster>>,
    /// By cluster name. Every cluster has one, empty or not.
    pub endpoints: BTreeMap<ClusterName, Arc<EndpointSet>>,
}

/// What a consumer needs to call one service, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    /// The routes.
    pub routes: Arc<RouteTable>,
    /// Every cluster that the routes name, with its endpoints.
    pub clusters: BTreeMap<ClusterName, (Arc<Cluster>, Arc<EndpointSet>)>,
}

/// The snapshot of `world`.
pub fn compile(world: &World) -> Snapshot {
    let _ = world;
    Snapshot::default()
}
