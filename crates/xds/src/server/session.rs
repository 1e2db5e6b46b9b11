//! One stream of the state-of-the-world protocol, without sockets: requests and snapshots go in,
//! responses come out.

use super::{
    refusal::Refusal,
    state::{ClientState, TypeState},
    subscription::Subscription,
    view::View,
};
use crate::{
    Published,
    message::{Nack, Node, Request, Response},
    wire::{self, Dialect},
};
use identity::WorkloadId;
use resource::{Kind, Resource};
use std::{collections::BTreeMap, sync::Arc};

/// Names of one type that one client may ask for.
pub const MAX_NAMES: usize = 4096;
/// Bytes of all names, of all types, that one stream may ask for at a time.
pub const MAX_NAMES_BYTES: usize = 512 * 1024;
/// Bytes of one name, of each text in `node`, of a nonce.
pub const MAX_NAME_BYTES: usize = 1024;
/// Bytes of a NACK's reason that are kept.
pub const MAX_REASON_BYTES: usize = 4096;

/// What a request leads to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reaction {
    /// To be sent, in this order.
    pub responses: Vec<Response>,
    /// The client refused what it was sent last, and says why.
    pub nack: Option<(Kind, Nack)>,
}

/// One client's stream.
#[derive(Debug)]
pub struct Session {
    caller: WorkloadId,
    node: Option<Node>,
    view: View,
    subscriptions: BTreeMap<Kind, Subscription>,
    responses: u64,
}

impl Session {
    /// A stream that `caller` opened, by its certificate.
    pub fn new(caller: WorkloadId, published: Arc<Published>) -> Self {
        let view = View::new(published, caller.clone(), None);
        Self { caller, node: None, view, subscriptions: BTreeMap::new(), responses: 0 }
    }

    /// Takes a request.
    ///
    /// # Errors
    /// The client is wrong, and the stream ends.
    pub fn on_request(&mut self, mut request: Request) -> Result<Reaction, Refusal> {
        self.check(&request)?;
        if self.node.is_none() {
            self.node = request.node.take();
            self.look(self.view.published());
        }
        let kind = request.kind;
        truncate(&mut request.error);
        let subscription = self.subscriptions.entry(kind).or_default();
        if subscription.is_stale(&request) {
            return Ok(Reaction::default());
        }
        let meaning = subscription.take(request);
        let mut responses: Vec<Response> = self.respond(kind, meaning.added).into_iter().collect();
        if meaning.ack && matches!(kind, Kind::Listener | Kind::Routes) {
            // Nothing routes to what is gone any more.
            responses.extend(self.respond(Kind::Cluster, false));
        }
        Ok(Reaction { responses, nack: meaning.nack.map(|nack| (kind, nack)) })
    }

    /// Takes a new snapshot. What routes will name comes before the routes; what they no longer name
    /// goes last (make before break).
    pub fn on_snapshot(&mut self, published: Arc<Published>) -> Vec<Response> {
        self.look(published);
        let mut responses = Vec::new();
        for kind in Kind::ALL {
            let retained = self.sent(kind);
            responses.extend(self.respond_with(kind, false, retained));
        }
        // Without new listeners or routes to wait for, what is gone can go at once.
        responses.extend(self.respond(Kind::Cluster, false));
        responses
    }

    /// Whoever is refused and one of ours knows, and says why; the others must not see what they must not call.
    fn look(&mut self, published: Arc<Published>) {
        let node = self.node.as_ref().filter(|_| self.dialect() != Dialect::Treaty);
        self.view = View::new(published, self.caller.clone(), node.map(|node| node.id.as_str()));
    }

    /// For logs: "shop/orders (orders-1)".
    pub(super) fn label(&self) -> String {
        let node = self.node.as_ref().map_or("", |node| node.id.as_str());
        format!("{} ({node})", self.caller)
    }

    /// How resources are put for this client.
    pub fn dialect(&self) -> Dialect {
        self.node.as_ref().map_or(Dialect::Other, |node| Dialect::of(&node.user_agent_name))
    }

    /// What this client was sent, and what it made of it.
    pub fn state(&self) -> ClientState {
        let node = self.node.clone().unwrap_or_default();
        ClientState {
            workload: self.caller.clone(),
            node: node.id,
            user_agent: format!("{} {}", node.user_agent_name, node.user_agent_version).trim().to_owned(),
            types: self
                .subscriptions
                .iter()
                .map(|(kind, subscription)| type_state(*kind, subscription))
                .collect(),
            not_enforced: wire::not_enforced(self.dialect()).iter().map(ToString::to_string).collect(),
        }
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let introduced = |node: &Node| !node.id.is_empty();
        if self.node.is_none() && !request.node.as_ref().is_some_and(introduced) {
            return Err(Refusal::NodeMissing);
        }
        let count = request.names.len();
        if count > MAX_NAMES {
            return Err(Refusal::TooManyNames { kind: request.kind, count });
        }
        let names = request.names.iter().map(|name| ("resource_names", name.as_str()));
        let node = request.node.iter().flat_map(node_texts);
        let mut texts = names.chain(node).chain([("response_nonce", request.nonce.as_str())]);
        if let Some((field, text)) = texts.find(|(_, text)| text.len() > MAX_NAME_BYTES) {
            return Err(Refusal::TooLong { field, bytes: text.len() });
        }
        let others = self.subscriptions.iter().filter(|(kind, _)| **kind != request.kind);
        let others = others.flat_map(|(_, subscription)| &subscription.names);
        let bytes = request.names.iter().chain(others).map(String::len).sum();
        if bytes > MAX_NAMES_BYTES { Err(Refusal::TooManyBytes { bytes }) } else { Ok(()) }
    }

    fn respond(&mut self, kind: Kind, added: bool) -> Option<Response> {
        let wildcard = self.subscriptions.get(&kind).is_some_and(|subscription| subscription.wildcard);
        let gone = wildcard && self.runs_latest_routes();
        let retained = if gone { BTreeMap::new() } else { self.sent(kind) };
        self.respond_with(kind, added, retained)
    }

    fn respond_with(
        &mut self,
        kind: Kind,
        added: bool,
        retained: BTreeMap<String, Resource>,
    ) -> Option<Response> {
        let subscription = self.subscriptions.get_mut(&kind)?;
        let current = self.view.select(kind, &subscription.names, subscription.wildcard);
        let Some(mut current) = current else {
            subscription.owe(added);
            return None;
        };
        for (name, resource) in retained {
            current.entry(name).or_insert(resource);
        }
        let responses = &mut self.responses;
        subscription.respond(kind, current, added, || {
            *responses += 1;
            responses.to_string()
        })
    }

    /// The clusters that a client has. It keeps them although they are gone: those that it asks for by
    /// name until it no longer does (its routes no longer name them), those of a wildcard until it runs
    /// the listeners and routes it was sent last.
    fn sent(&self, kind: Kind) -> BTreeMap<String, Resource> {
        match self.subscriptions.get(&kind) {
            Some(subscription) if kind == Kind::Cluster => subscription.sent.clone(),
            _ => BTreeMap::new(),
        }
    }

    fn runs_latest_routes(&self) -> bool {
        let settled = |kind| self.subscriptions.get(&kind).is_none_or(Subscription::is_settled);
        settled(Kind::Listener) && settled(Kind::Routes)
    }
}

fn node_texts(node: &Node) -> [(&'static str, &str); 6] {
    [
        ("node.id", &node.id),
        ("node.cluster", &node.cluster),
        ("node.locality.region", &node.locality.region),
        ("node.locality.zone", &node.locality.zone),
        ("node.user_agent_name", &node.user_agent_name),
        ("node.user_agent_version", &node.user_agent_version),
    ]
}

fn type_state(kind: Kind, subscription: &Subscription) -> TypeState {
    TypeState {
        type_url: wire::type_url(kind).to_owned(),
        acked_version: subscription.acked.clone(),
        sent_version: subscription.version.clone(),
        nack: subscription.nack.as_ref().map(|nack| nack.reason.clone()),
    }
}

fn truncate(reason: &mut Option<String>) {
    if let Some(reason) = reason.as_mut().filter(|reason| reason.len() > MAX_REASON_BYTES) {
        let end = (0..=MAX_REASON_BYTES).rev().find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
        reason.truncate(end);
    }
}
