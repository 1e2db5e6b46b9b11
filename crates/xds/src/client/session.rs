//! A client's side of the state-of-the-world protocol, without sockets: what is watched and what is
//! received goes in, requests and complete views come out.
//!
//! What is subscribed to follows from what is watched, one step at a time: listeners, the routes they
//! name, the clusters those name, their endpoints. A view is published when all of it is there, and stays
//! until the next one is complete, or until the control plane says that the listener is gone.

use crate::message::{Decoded, Node, Request};
use resource::{ClusterName, Kind, Resource, ServerListener, ServiceView};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Bytes of a NACK's reason.
const MAX_REASON_BYTES: usize = 4096;

/// What is to be done after something went in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A request is to be sent.
    Send(Box<Request>),
    /// A service's view changed.
    Service(String, Option<Arc<ServiceView>>),
    /// A server listener changed.
    Listener(String, Option<Arc<ServerListener>>),
}

/// A client over all its streams, one after the other.
#[derive(Debug)]
pub struct Session {
    node: Node,
    /// Service names.
    services: BTreeSet<String>,
    /// Names of server listeners.
    listeners: BTreeSet<String>,
    types: BTreeMap<Kind, Subscription>,
    views: BTreeMap<String, Arc<ServiceView>>,
    guards: BTreeMap<String, Arc<ServerListener>>,
    connection: Connection,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connection {
    None,
    /// The stream's first request, with the node, is still to come.
    Fresh,
    Introduced,
}

/// One resource type.
#[derive(Debug, Default)]
struct Subscription {
    names: BTreeSet<String>,
    /// Accepted last.
    version: String,
    /// Of the last response on this stream.
    nonce: String,
    /// Something was asked for on this stream. Before that, an empty list of names would mean "all".
    asked: bool,
    /// The last good ones of those asked for.
    resources: BTreeMap<String, Resource>,
}

/// An answer to a response: `None` is an ACK.
type Answer = Option<String>;

impl Session {
    /// A client that watches nothing yet and is not connected.
    pub fn new(node: Node) -> Self {
        Self {
            node,
            services: BTreeSet::new(),
            listeners: BTreeSet::new(),
            types: Kind::ALL.into_iter().map(|kind| (kind, Subscription::default())).collect(),
            views: BTreeMap::new(),
            guards: BTreeMap::new(),
            connection: Connection::None,
        }
    }

    /// Watches exactly these services and server listeners from now on.
    pub fn watch(&mut self, services: BTreeSet<String>, listeners: BTreeSet<String>) -> Vec<Effect> {
        self.services = services;
        self.listeners = listeners;
        self.settle(Kind::Listener, None)
    }

    /// Whether there is anything to ask a control plane for.
    pub fn is_idle(&self) -> bool {
        self.services.is_empty() && self.listeners.is_empty()
    }

    /// A new stream is open: asks again for everything, with the versions that were accepted last.
    pub fn on_connected(&mut self) -> Vec<Effect> {
        self.connection = Connection::Fresh;
        for subscription in self.types.values_mut() {
            subscription.nonce.clear();
            subscription.asked = false;
        }
        self.settle(Kind::Listener, None)
    }

    /// The stream is gone. Nothing that was published is withdrawn.
    pub fn on_disconnected(&mut self) {
        self.connection = Connection::None;
    }

    /// Takes a response, and answers it. What of it can be used is used; for the rest, what was good
    /// before stays, and the answer is a NACK with the reasons (gRFC A46).
    pub fn on_response(&mut self, response: Decoded) -> Vec<Effect> {
        let kind = response.kind;
        let subscription = self.types.entry(kind).or_default();
        subscription.nonce.clone_from(&response.nonce);
        let mut mentioned = BTreeSet::new();
        let mut reasons = Vec::new();
        for resource in response.resources {
            match resource {
                Ok(resource) => {
                    mentioned.insert(resource.name().to_owned());
                    subscription.store(resource);
                }
                Err(invalid) => {
                    reasons.push(invalid.to_string());
                    mentioned.insert(invalid.name);
                }
            }
        }
        if kind.is_full_state() {
            subscription.resources.retain(|name, _| mentioned.contains(name));
        }
        if reasons.is_empty() {
            subscription.version = response.version;
        }
        self.settle(kind, Some(nack(&reasons)))
    }

    /// Publishes what is complete, asks for what is needed now, and answers a response of type `of`.
    fn settle(&mut self, of: Kind, mut answer: Option<Answer>) -> Vec<Effect> {
        let mut effects = self.publish_services();
        effects.extend(self.publish_listeners());
        let wanted = [
            (Kind::Listener, self.services.union(&self.listeners).cloned().collect()),
            (Kind::Routes, self.wanted_routes()),
            (Kind::Cluster, self.wanted_clusters()),
            (Kind::Endpoints, self.wanted_clusters()),
        ];
        for (kind, names) in wanted {
            let answer = if kind == of { answer.take() } else { None };
            effects.extend(self.request(kind, names, answer).map(|request| Effect::Send(Box::new(request))));
        }
        effects
    }

    fn publish_services(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let gone: Vec<String> =
            self.views.keys().filter(|name| self.client_routes(name).is_none()).cloned().collect();
        for name in gone {
            self.views.remove(&name);
            effects.push(Effect::Service(name, None));
        }
        for name in &self.services {
            match self.assemble(name) {
                Some(view) if self.views.get(name).is_none_or(|old| **old != view) => {
                    let view = Arc::new(view);
                    self.views.insert(name.clone(), Arc::clone(&view));
                    effects.push(Effect::Service(name.clone(), Some(view)));
                }
                _ => {}
            }
        }
        effects
    }

    fn publish_listeners(&mut self) -> Vec<Effect> {
        let held: BTreeMap<String, Arc<ServerListener>> = self
            .resources(Kind::Listener)
            .filter_map(|resource| match resource {
                Resource::ServerListener(listener) if self.listeners.contains(&listener.name) => {
                    Some((listener.name.clone(), Arc::clone(listener)))
                }
                _ => None,
            })
            .collect();
        let gone = self.guards.keys().filter(|name| !held.contains_key(*name));
        let mut effects: Vec<Effect> = gone.map(|name| Effect::Listener(name.clone(), None)).collect();
        let news = held.iter().filter(|(name, listener)| self.guards.get(*name) != Some(listener));
        effects
            .extend(news.map(|(name, listener)| Effect::Listener(name.clone(), Some(Arc::clone(listener)))));
        self.guards = held;
        effects
    }

    /// The complete view of a service, or `None`.
    fn assemble(&self, service: &str) -> Option<ServiceView> {
        let Some(Resource::Routes(routes)) = self.resource(Kind::Routes, self.client_routes(service)?) else {
            return None;
        };
        ServiceView::assemble(
            Arc::clone(routes),
            |name| match self.resource(Kind::Cluster, &name.0) {
                Some(Resource::Cluster(cluster)) => Some(Arc::clone(cluster)),
                _ => None,
            },
            |name| match self.resource(Kind::Endpoints, &name.0) {
                Some(Resource::Endpoints(endpoints)) => Some(Arc::clone(endpoints)),
                _ => None,
            },
        )
    }

    /// The name of the routes that a watched service's listener leads to.
    fn client_routes(&self, service: &str) -> Option<&str> {
        match self.resource(Kind::Listener, service) {
            Some(Resource::ClientListener(listener)) if self.services.contains(service) => {
                Some(&listener.routes)
            }
            _ => None,
        }
    }

    fn wanted_routes(&self) -> BTreeSet<String> {
        self.services.iter().filter_map(|service| self.client_routes(service)).map(str::to_owned).collect()
    }

    /// Those that routes name, and those that are still in use until the new ones are complete.
    fn wanted_clusters(&self) -> BTreeSet<String> {
        let wanted = self.wanted_routes();
        let tables = self.resources(Kind::Routes).filter_map(|resource| match resource {
            Resource::Routes(table) if wanted.contains(&table.name) => Some(table),
            _ => None,
        });
        let named = tables.flat_map(|table| table.clusters());
        let in_use = self.views.values().flat_map(|view| view.clusters.keys());
        named.chain(in_use).map(|ClusterName(name)| name.clone()).collect()
    }

    fn resource(&self, kind: Kind, name: &str) -> Option<&Resource> {
        self.types.get(&kind)?.resources.get(name)
    }

    fn resources(&self, kind: Kind) -> impl Iterator<Item = &Resource> {
        self.types.get(&kind).into_iter().flat_map(|subscription| subscription.resources.values())
    }

    /// The request that is due now that `names` are wanted and perhaps a response is to be answered.
    fn request(&mut self, kind: Kind, names: BTreeSet<String>, answer: Option<Answer>) -> Option<Request> {
        let subscription = self.types.entry(kind).or_default();
        let changed = subscription.names != names;
        if changed {
            subscription.resources.retain(|name, _| names.contains(name));
            subscription.names = names;
        }
        let ask = !subscription.asked && !subscription.names.is_empty();
        let tell = subscription.asked && (changed || answer.is_some());
        if self.connection == Connection::None || !(ask || tell) {
            return None;
        }
        subscription.asked = true;
        let node = (self.connection == Connection::Fresh).then(|| self.node.clone());
        self.connection = Connection::Introduced;
        Some(Request {
            node,
            kind,
            names: subscription.names.clone(),
            version: subscription.version.clone(),
            nonce: subscription.nonce.clone(),
            error: answer.flatten(),
        })
    }
}

impl Subscription {
    /// Keeps what was asked for; the rest is an echo of an earlier question.
    fn store(&mut self, resource: Resource) {
        if self.names.contains(resource.name()) {
            self.resources.insert(resource.name().to_owned(), resource);
        }
    }
}

fn nack(reasons: &[String]) -> Answer {
    if reasons.is_empty() {
        return None;
    }
    let mut text = reasons.join("; ");
    let end = (0..=MAX_REASON_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.truncate(end.unwrap_or(0));
    Some(text)
}
