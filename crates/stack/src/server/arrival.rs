//! A request on its way through the layers, with what is known about it so far.

use super::policy::{Found, Rule};
use identity::Peer;
use std::{borrow::Cow, sync::Arc, time::Instant};
use telemetry::TraceContext;

/// The name of a caller without a certificate.
const ANONYMOUS: &str = "anonymous";

/// Before `authorize`.
pub(crate) struct Arrival<B> {
    pub(crate) request: http::Request<B>,
    pub(crate) found: Found,
    pub(crate) peer: Option<Arc<Peer>>,
    pub(crate) trace: Option<TraceContext>,
    pub(crate) deadline: Option<Instant>,
}

impl<B> Arrival<B> {
    pub(crate) fn new(mut request: http::Request<B>, found: Found) -> Self {
        let peer = request.extensions_mut().get::<Arc<Peer>>().cloned();
        Self { request, found, peer, trace: None, deadline: None }
    }

    pub(crate) fn rule(&self) -> Option<&Arc<Rule>> {
        match &self.found {
            Found::Rule(rule) => Some(rule),
            Found::Unknown { .. } | Found::NotReady => None,
        }
    }

    /// "shop/orders", or "anonymous".
    pub(crate) fn caller(&self) -> Cow<'_, str> {
        caller_name(self.rule().map(|rule| &**rule), self.peer.as_deref())
    }
}

/// Behind `authorize`: there is a rule, and it allows the caller.
pub(crate) struct Admitted<B> {
    pub(crate) request: http::Request<B>,
    pub(crate) rule: Arc<Rule>,
    pub(crate) peer: Option<Arc<Peer>>,
    pub(crate) trace: Option<TraceContext>,
    pub(crate) deadline: Option<Instant>,
}

pub(crate) fn caller_name<'a>(rule: Option<&'a Rule>, peer: Option<&Peer>) -> Cow<'a, str> {
    match (rule, peer.and_then(|peer| peer.id.as_ref())) {
        (Some(rule), Some(id)) => rule.name_of(id),
        (None, Some(id)) => Cow::Owned(id.workload().to_string()),
        (_, None) => Cow::Borrowed(ANONYMOUS),
    }
}
