//! [`World`] → [`Snapshot`]. One function for each kind of resource; none looks at another's result.

use crate::{
    cluster::{Cluster, ClusterName, Endpoint, EndpointSet},
    listener::{ClientListener, Guard, ServerListener},
    route::{MethodRoute, RouteTable},
    snapshot::Snapshot,
    world::{Instance, Served, World},
};
use contract::{Allow, Method, MethodPath, Sourced};
use identity::SpiffeId;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
};

/// The snapshot of `world`: the same world gives the same snapshot, whatever the order of its instances.
///
/// Every service has a client listener, routes and one cluster, whose endpoints are the ready instances
/// of its provider; a service that nobody serves now has an empty set. Every instance that serves
/// something has a server listener, ready or not.
pub fn compile(world: &World) -> Snapshot {
    let mut snapshot = Snapshot { server_listeners: server_listeners(world), ..Snapshot::default() };
    for (name, served) in &world.services {
        let cluster = ClusterName::of(name, &served.provider);
        let endpoints = endpoints(world, name, served, &cluster);
        let listener = ClientListener { name: name.clone(), routes: name.clone() };
        snapshot.client_listeners.insert(name.clone(), Arc::new(listener));
        snapshot.routes.insert(name.clone(), Arc::new(routes(name, served, &cluster)));
        snapshot.clusters.insert(cluster.clone(), Arc::new(self::cluster(world, served, &cluster)));
        snapshot.endpoints.insert(cluster, Arc::new(endpoints));
    }
    snapshot
}

fn routes(name: &str, served: &Served, cluster: &ClusterName) -> RouteTable {
    let methods = served.service.methods.iter().map(|method| (method.path.clone(), route(method, cluster)));
    RouteTable {
        name: name.to_owned(),
        owner: served.service.policy.owner.value.clone(),
        methods: methods.collect(),
    }
}

fn route(method: &Method, cluster: &ClusterName) -> MethodRoute {
    let policy = &method.policy;
    MethodRoute {
        cluster: cluster.clone(),
        declared_at: method.origin.clone(),
        timeout: policy.timeout.clone(),
        retry: policy.retry.clone(),
        max_request_bytes: policy.max_request_bytes.clone(),
        max_response_bytes: policy.max_response_bytes.clone(),
        public: policy.public.clone(),
        client_streaming: method.client_streaming,
        server_streaming: method.server_streaming,
    }
}

fn cluster(world: &World, served: &Served, name: &ClusterName) -> Cluster {
    let policy = &served.service.policy;
    Cluster {
        name: name.clone(),
        identity: SpiffeId::new(world.trust_domain.clone(), served.provider.clone()),
        balance: policy.balance.clone(),
        max_in_flight: policy.max_in_flight.clone(),
    }
}

fn endpoints(world: &World, service: &str, served: &Served, cluster: &ClusterName) -> EndpointSet {
    let serving = |instance: &&Instance| {
        instance.ready
            && instance.workload == served.provider
            && instance.serves.iter().any(|name| name == service)
    };
    // By address: xDS clients refuse an address that comes twice, in two localities too.
    let by_address: BTreeMap<SocketAddr, Endpoint> = sorted(world)
        .into_iter()
        .rev()
        .filter(serving)
        .map(|instance| (instance.address, endpoint(instance)))
        .collect();
    let endpoints: BTreeSet<Endpoint> = by_address.into_values().collect();
    EndpointSet { cluster: cluster.clone(), endpoints: endpoints.into_iter().collect() }
}

fn endpoint(instance: &Instance) -> Endpoint {
    Endpoint { locality: instance.locality.clone(), address: instance.address }
}

fn server_listeners(world: &World) -> BTreeMap<String, Arc<ServerListener>> {
    let mut listeners = BTreeMap::new();
    // Backwards, so that of two instances with one address (the later one took over the port of one that
    // died, and whose lease has not run out) the first in order is the one that stays.
    for instance in sorted(world).into_iter().rev() {
        let guards = guards(world, instance);
        if guards.is_empty() {
            continue;
        }
        let listener = ServerListener {
            name: ServerListener::name_for(instance.address),
            address: instance.address,
            workload: instance.workload.clone(),
            trust_domain: world.trust_domain.clone(),
            guards,
        };
        listeners.insert(listener.name.clone(), Arc::new(listener));
    }
    listeners
}

/// In one order, whatever the order in the world: ready ones first, then by workload and name.
fn sorted(world: &World) -> Vec<&Instance> {
    let mut instances: Vec<&Instance> = world.instances.iter().collect();
    instances.sort_by_key(|instance| {
        (!instance.ready, &instance.workload, &instance.name, &instance.locality, &instance.serves)
    });
    instances
}

/// What `instance` enforces: the methods of the services that it serves and its workload provides.
fn guards(world: &World, instance: &Instance) -> BTreeMap<MethodPath, Guard> {
    instance
        .serves
        .iter()
        .filter_map(|name| world.services.get(name))
        .filter(|served| served.provider == instance.workload)
        .flat_map(|served| &served.service.methods)
        .map(|method| (method.path.clone(), guard(method)))
        .collect()
}

fn guard(method: &Method) -> Guard {
    let policy = &method.policy;
    Guard {
        allow: allow(&policy.allow, policy.public.value),
        declared_at: method.origin.clone(),
        timeout: policy.timeout.clone(),
        max_request_bytes: policy.max_request_bytes.clone(),
        max_response_bytes: policy.max_response_bytes.clone(),
        public: policy.public.clone(),
        validate: policy.validate.clone(),
        client_streaming: method.client_streaming,
        server_streaming: method.server_streaming,
    }
}

/// Who may call: as declared, and the gateway where the method is public.
fn allow(declared: &Sourced<Vec<Allow>>, public: bool) -> Sourced<Vec<Allow>> {
    let gateway = Allow::Workload { namespace: "treaty".to_owned(), account: "gateway".to_owned() };
    let mut allow = declared.clone();
    if public && !allow.value.contains(&gateway) {
        allow.value.push(gateway);
    }
    allow
}
