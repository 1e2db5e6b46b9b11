//! The routes to the control plane, compiled from its contract.

use super::identity_of;
use contract::{Balance, Contract, MethodPath, Origin, ReadError, RetryPolicy, Sourced, policy};
use contracts::treaty::v1::CONTRACT;
use identity::TrustDomain;
use resource::{
    Cluster, ClusterName, Endpoint, EndpointSet, Locality, MethodRoute, RouteTable, Served, ServiceView,
    World,
};
use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};
use xds::wire::rpc;

/// The contract that was built in cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the built-in contract of the control plane cannot be read: {0}")]
pub struct ViewError(#[from] ReadError);

/// Everything about the control plane but where it is.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    routes: Arc<RouteTable>,
    cluster: Arc<Cluster>,
}

/// All services of treaty.v1 and ADS behind one cluster, so that they share their connections.
pub(super) fn fixed(trust_domain: &TrustDomain) -> Result<Fixed, ViewError> {
    let identity = identity_of(trust_domain);
    let contract = Contract::read(CONTRACT)?;
    let services = contract
        .services
        .into_iter()
        .map(|service| (service.name.clone(), Served { service, provider: identity.workload().clone() }));
    let world =
        World { trust_domain: trust_domain.clone(), services: services.collect(), instances: Vec::new() };
    let name = ClusterName(format!("treaty.v1@{}", identity.workload()));
    let tables = resource::compile(&world).routes;
    let own = tables.values().flat_map(|table| table.methods.clone());
    let own = own.map(|(path, route)| (path, MethodRoute { cluster: name.clone(), ..route }));
    let methods = own.chain([(MethodPath::new(rpc::SERVICE, rpc::STREAM), ads_route(&name))]).collect();
    let routes = RouteTable { name: "treaty.v1".to_owned(), owner: "treaty".to_owned(), methods };
    let cluster = Cluster {
        name,
        identity,
        balance: Sourced::default_of(Balance::LeastRequest),
        max_in_flight: Sourced::default_of(0),
    };
    Ok(Fixed { routes: Arc::new(routes), cluster: Arc::new(cluster) })
}

impl Fixed {
    /// The view while the control plane is at these addresses.
    pub(super) fn at(&self, addresses: impl IntoIterator<Item = SocketAddr>) -> ServiceView {
        let locality = Locality::default();
        let mut endpoints: Vec<_> =
            addresses.into_iter().map(|address| Endpoint { locality: locality.clone(), address }).collect();
        endpoints.sort();
        endpoints.dedup();
        let name = self.cluster.name.clone();
        let endpoints = Arc::new(EndpointSet { cluster: name.clone(), endpoints });
        let clusters = BTreeMap::from([(name, (self.cluster.clone(), endpoints))]);
        ServiceView { routes: self.routes.clone(), clusters }
    }
}

fn ads_route(cluster: &ClusterName) -> MethodRoute {
    MethodRoute {
        cluster: cluster.clone(),
        declared_at: Origin::Default,
        timeout: Sourced::default_of(None),
        retry: Sourced::default_of(RetryPolicy {
            attempts: 1,
            on: Vec::new(),
            backoff: policy::DEFAULT_BACKOFF,
            per_try: None,
        }),
        max_request_bytes: Sourced::default_of(rpc::MAX_MESSAGE_BYTES),
        max_response_bytes: Sourced::default_of(rpc::MAX_MESSAGE_BYTES),
        public: Sourced::default_of(false),
        client_streaming: true,
        server_streaming: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_of_the_control_plane_has_a_route_to_its_identity() {
        let fixed = fixed(&"treaty.local".parse().unwrap()).unwrap();
        let view = fixed.at(["127.0.0.1:2".parse().unwrap(), "127.0.0.1:1".parse().unwrap()]);
        let (cluster, endpoints) = &view.clusters[&fixed.cluster.name];
        assert_eq!(cluster.identity.to_string(), "spiffe://treaty.local/ns/treaty/sa/control");
        assert_eq!(endpoints.endpoints[0].address.port(), 1);
        for (service, method) in [
            ("treaty.v1.Identity", "Renew"),
            ("treaty.v1.Registry", "Register"),
            ("treaty.v1.Registry", "WatchContracts"),
            ("treaty.v1.Admin", "ReadStatus"),
            (rpc::SERVICE, rpc::STREAM),
        ] {
            let route = &view.routes.methods[&MethodPath::new(service, method)];
            assert_eq!(route.cluster, fixed.cluster.name, "{service}/{method}");
        }
        let register = &view.routes.methods[&MethodPath::new("treaty.v1.Registry", "Register")];
        assert_eq!(register.timeout.value, None, "a lease has no end");
    }
}
