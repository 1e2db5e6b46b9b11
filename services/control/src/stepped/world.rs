//! A control plane and its data planes, stepped by hand: one clock, no socket, no task.
//!
//! Real are the registry, what is published of it, both sides of xDS, and the choice of an endpoint. Left out
//! are the bytes between them (`xds` and `serve` test those) and the store's file (`store` does).

use crate::{
    publish,
    registry::{
        Answer, Event, LeaseId, Offer,
        tests::{Sim, workload},
    },
};
use contract::{Allow, MethodPath};
use resource::{Locality, ServerListener, ServiceView};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use xds::{Decoded, Invalid, Node, Published, Request, Response, client, server};

/// Why a call goes nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nowhere {
    /// The consumer has no view of the service.
    Unknown,
    /// Nobody is there.
    NoEndpoint,
}

/// The mesh.
pub(super) struct World {
    pub(super) sim: Sim,
    planes: BTreeMap<String, Plane>,
}

/// One process beside its data plane.
struct Plane {
    workload: String,
    offer: Offer,
    /// `None` while the control plane is away, and after it came back without this one.
    lease: Option<LeaseId>,
    ready: bool,
    /// The control plane's side of its stream.
    server: server::Session,
    client: client::Session,
    views: BTreeMap<String, Arc<ServiceView>>,
    guards: BTreeMap<String, Arc<ServerListener>>,
    /// It cannot use any resource that it is sent.
    refuses: bool,
}

impl World {
    pub(super) fn new() -> Self {
        Self { sim: Sim::new(), planes: BTreeMap::new() }
    }

    /// A process starts: registers, sends the contracts it is asked for, subscribes. It is not ready.
    pub(super) fn join(&mut self, workload: &str, offer: Offer) {
        let name = offer.instance.clone();
        let id = self::workload(workload);
        let plane = Plane {
            workload: workload.to_owned(),
            lease: None,
            ready: false,
            server: server::Session::new(id.clone(), self.published()),
            client: client::Session::new(Node::treaty(&id, name.clone(), Locality::default())),
            views: BTreeMap::new(),
            guards: BTreeMap::new(),
            refuses: false,
            offer,
        };
        self.planes.insert(name.clone(), plane);
        self.register(&name);
        let published = self.published();
        self.plane(&name).connect(published);
        self.settle();
    }

    /// Opens a lease for a process that is there: its first, or the next one after a restart.
    pub(super) fn register(&mut self, name: &str) {
        let Plane { workload, offer, ready, .. } = &self.planes[name];
        let (workload, offer, ready) = (workload.clone(), offer.clone(), *ready);
        let lease = self.sim.open(&workload, offer);
        self.sim.upload(lease);
        self.sim.handle(Event::Readiness { lease, ready });
        let listener = match &self.sim.told[&lease] {
            Answer::Admitted { listener, .. } => listener.clone(),
            other => panic!("{name} is not admitted: {other:?}"),
        };
        let plane = self.plane(name);
        plane.lease = Some(lease);
        let listeners = BTreeSet::from([listener]).into_iter().filter(|name| !name.is_empty()).collect();
        let effects = plane.client.watch(plane.offer.consumes.iter().cloned().collect(), listeners);
        plane.run(effects, Vec::new());
        self.settle();
    }

    pub(super) fn ready(&mut self, name: &str) {
        let plane = self.plane(name);
        plane.ready = true;
        let lease = plane.lease.expect("a lease");
        self.sim.handle(Event::Readiness { lease, ready: true });
        self.settle();
    }

    /// A process ends, and its lease with it.
    pub(super) fn end(&mut self, name: &str) {
        let lease = self.planes.remove(name).and_then(|plane| plane.lease).expect("a lease");
        self.sim.close(lease);
        self.settle();
    }

    /// The control plane goes; data planes have what they have.
    pub(super) fn stop_control_plane(&mut self) {
        self.sim.handle(Event::ShutDown);
        for plane in self.planes.values_mut() {
            plane.client.on_disconnected();
            let lease = plane.lease.take().expect("a lease");
            self.sim.close(lease);
        }
    }

    /// The control plane comes back with what it kept. Data planes subscribe again; nobody has registered yet.
    pub(super) fn start_control_plane(&mut self) {
        self.sim.restart();
        let published = self.published();
        for plane in self.planes.values_mut() {
            plane.connect(published.clone());
        }
    }

    pub(super) fn later(&mut self, by: Duration) {
        self.sim.later(by);
        self.settle();
    }

    /// From now on, this data plane can use nothing it is sent, or everything again.
    pub(super) fn refuses(&mut self, name: &str, refuses: bool) {
        self.plane(name).refuses = refuses;
    }

    /// Where a consumer's call goes; `random` as in [`routing::least_request`].
    pub(super) fn call(&self, consumer: &str, path: &MethodPath, random: u64) -> Result<u16, Nowhere> {
        let view = self.planes[consumer].views.get(service(path)).ok_or(Nowhere::Unknown)?;
        let (_, set) = &view.clusters[&view.routes.methods[path].cluster];
        let picked = routing::least_request(&set.endpoints, |_| Some(0), random);
        picked.map(|index| set.endpoints[index].address.port()).ok_or(Nowhere::NoEndpoint)
    }

    /// Everywhere that a consumer's calls go.
    pub(super) fn calls(&self, consumer: &str, path: &MethodPath) -> Result<BTreeSet<u16>, Nowhere> {
        (0..64).map(|n: u64| self.call(consumer, path, n.wrapping_mul(0x9E37_79B9_7F4A_7C15))).collect()
    }

    /// Whom a provider lets call a method.
    pub(super) fn allowed(&self, provider: &str, path: &MethodPath) -> Vec<String> {
        let guards = &self.planes[provider].guards;
        let listener = guards.values().next().expect("a listener");
        listener.guards[path].allow.value.iter().map(Allow::to_string).collect()
    }

    /// What an operator reads of a data plane's refusals.
    pub(super) fn nacks(&self, name: &str) -> Vec<String> {
        self.planes[name].server.state().types.into_iter().filter_map(|kind| kind.nack).collect()
    }

    /// Everybody hears what is new, until nobody has anything to say.
    fn settle(&mut self) {
        let published = self.published();
        for plane in self.planes.values_mut() {
            let responses = plane.server.on_snapshot(published.clone());
            plane.run(Vec::new(), responses);
        }
    }

    fn published(&self) -> Arc<Published> {
        Arc::new(publish::published(&self.sim.view(), &"treaty.local".parse().unwrap()))
    }

    fn plane(&mut self, name: &str) -> &mut Plane {
        self.planes.get_mut(name).expect("a process of this name")
    }
}

impl Plane {
    /// A new stream, to a control plane that publishes this.
    fn connect(&mut self, published: Arc<Published>) {
        self.server = server::Session::new(workload(&self.workload), published);
        let effects = self.client.on_connected();
        self.run(effects, Vec::new());
    }

    fn run(&mut self, effects: Vec<client::Effect>, responses: Vec<Response>) {
        let (mut requests, mut responses) =
            (self.apply(effects), std::collections::VecDeque::from(responses));
        loop {
            for request in requests.drain(..) {
                responses.extend(self.server.on_request(request).unwrap().responses);
            }
            let Some(response) = responses.pop_front() else { return };
            let effects = self.client.on_response(self.read(response));
            requests = self.apply(effects);
        }
    }

    fn read(&self, Response { kind, version, nonce, resources }: Response) -> Decoded {
        let read = |resource: resource::Resource| {
            let name = resource.name().to_owned();
            if self.refuses { Err(Invalid { name, reason: "not for me".to_owned() }) } else { Ok(resource) }
        };
        Decoded { kind, version, nonce, resources: resources.into_iter().map(read).collect() }
    }

    fn apply(&mut self, effects: Vec<client::Effect>) -> Vec<Request> {
        let mut requests = Vec::new();
        for effect in effects {
            match effect {
                client::Effect::Send(request) => requests.push(*request),
                client::Effect::Service(name, Some(view)) => drop(self.views.insert(name, view)),
                client::Effect::Service(name, None) => drop(self.views.remove(&name)),
                client::Effect::Listener(name, Some(listener)) => drop(self.guards.insert(name, listener)),
                client::Effect::Listener(name, None) => drop(self.guards.remove(&name)),
            }
        }
        requests
    }
}

/// "demo.v1.Greeter" of "/demo.v1.Greeter/SayHello".
fn service(path: &MethodPath) -> &str {
    path.as_str().split('/').nth(1).unwrap_or_default()
}
