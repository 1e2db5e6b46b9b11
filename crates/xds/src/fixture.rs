//! For tests: a mesh whose contracts are Treaty's own, and both protocol cores without sockets.

use crate::{
    Decoded, Node, Published, Request, Response, Visible, client, server,
    wire::{Dialect, message},
};
use contract::{Allow, Contract};
use resource::{Instance, Kind, Locality, Served, ServerListener, ServiceView, World, compile};
use std::{collections::BTreeMap, sync::Arc};

/// Provided by "shop/catalog".
pub(crate) const CATALOG: &str = "treaty.v1.Registry";
/// Provided by "shop/stock".
pub(crate) const STOCK: &str = "treaty.v1.Identity";

/// What the control plane knows.
#[derive(Clone)]
pub(crate) struct Mesh {
    pub(crate) world: World,
    pub(crate) visible: BTreeMap<identity::WorkloadId, Visible>,
}

impl Mesh {
    /// Two services without instances; "shop/orders" sees the first, "shop/catalog" its own listener.
    pub(crate) fn new() -> Self {
        let contract = Contract::read(contracts::treaty::v1::CONTRACT).unwrap();
        let served = |name: &str, provider: &str| {
            let service = contract.service(name).unwrap().clone();
            (name.to_owned(), Served { service, provider: provider.parse().unwrap() })
        };
        let world = World {
            trust_domain: "treaty.local".parse().unwrap(),
            services: [served(CATALOG, "shop/catalog"), served(STOCK, "shop/stock")].into(),
            instances: Vec::new(),
        };
        let mut mesh = Self { world, visible: BTreeMap::new() };
        mesh.see("shop/orders", CATALOG);
        mesh.visible
            .entry("shop/catalog".parse().unwrap())
            .or_default()
            .listeners
            .insert(listener_name(4001));
        mesh
    }

    pub(crate) fn see(&mut self, workload: &str, service: &str) {
        self.visible.entry(workload.parse().unwrap()).or_default().services.insert(service.to_owned());
    }

    /// A ready instance of a provider at 127.0.0.1.
    pub(crate) fn place(&mut self, service: &str, port: u16) {
        self.world.instances.push(Instance {
            workload: self.world.services[service].provider.clone(),
            name: format!("{service}-{port}"),
            address: ([127, 0, 0, 1], port).into(),
            locality: Locality::default(),
            serves: vec![service.to_owned()],
            ready: true,
        });
    }

    pub(crate) fn displace(&mut self, port: u16) {
        self.world.instances.retain(|instance| instance.address.port() != port);
    }

    /// The provider changes whom every method of a service allows.
    pub(crate) fn allow(&mut self, service: &str, allow: &str) {
        let allow = Allow::try_from(allow.to_owned()).unwrap();
        for method in &mut self.world.services.get_mut(service).unwrap().service.methods {
            method.policy.allow.value = vec![allow.clone()];
        }
    }

    pub(crate) fn publish(&self) -> Arc<Published> {
        Arc::new(Published {
            snapshot: compile(&self.world),
            visible: self.visible.clone(),
            ..Published::default()
        })
    }
}

pub(crate) fn listener_name(port: u16) -> String {
    ServerListener::name_for(([127, 0, 0, 1], port).into())
}

pub(crate) fn node(user_agent: &str) -> Node {
    Node { id: "n-1".to_owned(), user_agent_name: user_agent.to_owned(), ..Node::default() }
}

/// As the peer reads it: through the bytes of the wire.
pub(crate) fn deliver(response: &Response) -> Decoded {
    message::decode_response(message::encode_response(response, Dialect::Treaty)).unwrap()
}

/// A control plane's side and a data plane's side of one stream, stepped by hand.
pub(crate) struct Pair {
    pub(crate) server: server::Session,
    pub(crate) client: client::Session,
    /// Every view that was published, in order; `None` for a withdrawal.
    pub(crate) views: Vec<(String, Option<Arc<ServiceView>>)>,
    /// Every listener that was published, in order.
    pub(crate) listeners: Vec<Option<Arc<ServerListener>>>,
    /// What the server said, and what the client answered.
    pub(crate) log: Vec<String>,
    /// Applied to what the server sends, on the way to the client.
    pub(crate) spoil: fn(Decoded) -> Decoded,
}

impl Pair {
    /// `workload` watches `services` and `listeners`, and connects.
    pub(crate) fn connect(mesh: &Mesh, workload: &str, services: &[&str], listeners: &[String]) -> Self {
        let workload: identity::WorkloadId = workload.parse().unwrap();
        let mut client = client::Session::new(Node::treaty(&workload, "n-1", Locality::default()));
        client.watch(services.iter().map(ToString::to_string).collect(), listeners.iter().cloned().collect());
        let mut pair = Self {
            server: server::Session::new(workload, mesh.publish()),
            client,
            views: Vec::new(),
            listeners: Vec::new(),
            log: Vec::new(),
            spoil: |decoded| decoded,
        };
        pair.reconnect(mesh);
        pair
    }

    /// A new stream, to a control plane that publishes `mesh`.
    pub(crate) fn reconnect(&mut self, mesh: &Mesh) {
        let workload = self.server.state().workload;
        self.server = server::Session::new(workload, mesh.publish());
        self.client.on_disconnected();
        let effects = self.client.on_connected();
        self.run(effects, Vec::new());
    }

    pub(crate) fn publish(&mut self, mesh: &Mesh) {
        let responses = self.server.on_snapshot(mesh.publish());
        self.run(Vec::new(), responses);
    }

    /// Until neither has anything to say.
    fn run(&mut self, effects: Vec<client::Effect>, mut responses: Vec<Response>) {
        let mut requests = self.apply(effects);
        while !requests.is_empty() || !responses.is_empty() {
            for request in requests.drain(..) {
                responses.extend(self.server.on_request(request).unwrap().responses);
            }
            if responses.is_empty() {
                break;
            }
            let response = responses.remove(0);
            let names: Vec<&str> = response.resources.iter().map(|resource| short(resource.name())).collect();
            self.log.push(format!("{} {}", response.kind, names.join(" ")));
            let effects = self.client.on_response((self.spoil)(deliver(&response)));
            requests = self.apply(effects);
        }
    }

    fn apply(&mut self, effects: Vec<client::Effect>) -> Vec<Request> {
        let mut requests = Vec::new();
        for effect in effects {
            match effect {
                client::Effect::Send(request) => requests.push(*request),
                client::Effect::Service(name, view) => self.views.push((name, view)),
                client::Effect::Listener(_, listener) => self.listeners.push(listener),
            }
        }
        requests
    }

    /// What the server said since the last time.
    pub(crate) fn said(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }

    /// The latest view of a service; `None` when it was withdrawn or never came.
    pub(crate) fn view(&self, service: &str) -> Option<Arc<ServiceView>> {
        self.views.iter().rev().find(|(name, _)| name == service)?.1.clone()
    }

    /// The ports of the latest view of a service; `None` when it was withdrawn or never came.
    pub(crate) fn ports(&self, service: &str) -> Option<Vec<u16>> {
        let view = self.view(service)?;
        Some(view.clusters.values().flat_map(|(_, set)| &set.endpoints).map(|e| e.address.port()).collect())
    }

    pub(crate) fn type_state(&self, kind: Kind) -> server::TypeState {
        let url = crate::wire::type_url(kind);
        self.server.state().types.into_iter().find(|state| state.type_url == url).unwrap()
    }
}

fn short(name: &str) -> &str {
    name.rsplit(['=', ' ']).next().unwrap_or(name)
}
