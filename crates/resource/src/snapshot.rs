//! All resources of a mesh at one moment.

use crate::{
    any::{Kind, Resource, Version},
    cluster::{Cluster, ClusterName, EndpointSet},
    listener::{ClientListener, ServerListener},
    route::RouteTable,
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

impl Snapshot {
    /// The resources of one type, sorted by name.
    pub fn resources(&self, kind: Kind) -> BTreeMap<String, Resource> {
        let all: Vec<Resource> = match kind {
            Kind::Cluster => self.clusters.values().cloned().map(Resource::Cluster).collect(),
            Kind::Endpoints => self.endpoints.values().cloned().map(Resource::Endpoints).collect(),
            Kind::Routes => self.routes.values().cloned().map(Resource::Routes).collect(),
            Kind::Listener => {
                let clients = self.client_listeners.values().cloned().map(Resource::ClientListener);
                clients.chain(self.server_listeners.values().cloned().map(Resource::ServerListener)).collect()
            }
        };
        all.into_iter().map(|resource| (resource.name().to_owned(), resource)).collect()
    }

    /// The version of all resources of one type.
    pub fn version(&self, kind: Kind) -> Version {
        Version::of(self.resources(kind).values())
    }

    /// The view of one service: what its consumers will come to know.
    pub fn view(&self, service: &str) -> Option<ServiceView> {
        let listener = self.client_listeners.get(service)?;
        let routes = self.routes.get(&listener.routes)?.clone();
        ServiceView::assemble(
            routes,
            |name| self.clusters.get(name).cloned(),
            |name| self.endpoints.get(name).cloned(),
        )
    }
}

/// What a consumer needs to call one service, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    /// The routes.
    pub routes: Arc<RouteTable>,
    /// Every cluster that the routes name, with its endpoints.
    pub clusters: BTreeMap<ClusterName, (Arc<Cluster>, Arc<EndpointSet>)>,
}

impl ServiceView {
    /// A view of `routes`, or `None` as long as one of the clusters they name is not complete.
    pub fn assemble(
        routes: Arc<RouteTable>,
        cluster: impl Fn(&ClusterName) -> Option<Arc<Cluster>>,
        endpoints: impl Fn(&ClusterName) -> Option<Arc<EndpointSet>>,
    ) -> Option<Self> {
        let clusters = routes
            .clusters()
            .into_iter()
            .map(|name| Some((name.clone(), (cluster(name)?, endpoints(name)?))))
            .collect::<Option<BTreeMap<_, _>>>()?;
        Some(Self { routes, clusters })
    }
}
