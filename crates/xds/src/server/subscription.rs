//! One resource type on one stream: what the client wants, what it was sent, what it made of it.

use crate::message::{Nack, Request, Response};
use resource::{Kind, Resource, Version};
use std::collections::{BTreeMap, BTreeSet};

/// "Everything of the type" (LDS and CDS only).
const WILDCARD: &str = "*";

#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) names: BTreeSet<String>,
    pub(super) wildcard: bool,
    /// The wildcard of old: an empty list in the first request, and in every one since.
    empty_so_far: bool,
    /// Of the last response; empty before the first.
    nonce: String,
    /// Of the last response; empty before the first.
    pub(super) version: String,
    /// What the last response said of the names that are still wanted.
    pub(super) sent: BTreeMap<String, Resource>,
    /// The version that the client runs; empty before its first ACK.
    pub(super) acked: String,
    /// Why the last response was refused.
    pub(super) nack: Option<Nack>,
    /// The last response was accepted.
    settled: bool,
    /// Something was added while nothing could be said.
    owed: bool,
}

/// What a request meant.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    /// It asks for something that was not asked for before.
    pub(super) added: bool,
    /// It refuses the last response.
    pub(super) nack: Option<Nack>,
    /// It accepts the last response.
    pub(super) ack: bool,
}

impl Default for Subscription {
    fn default() -> Self {
        Self {
            names: BTreeSet::new(),
            wildcard: false,
            empty_so_far: true,
            nonce: String::new(),
            version: String::new(),
            sent: BTreeMap::new(),
            acked: String::new(),
            nack: None,
            settled: true,
            owed: false,
        }
    }
}

impl Subscription {
    /// Whether the client runs what it was sent last.
    pub(super) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Whether a request answers an older response than the last, and so says nothing any more: the
    /// client will answer the last one too ("ACK and NACK semantics summary").
    pub(super) fn is_stale(&self, request: &Request) -> bool {
        !request.nonce.is_empty() && !self.nonce.is_empty() && request.nonce != self.nonce
    }

    /// Takes a request that is not stale.
    pub(super) fn take(&mut self, request: Request) -> Meaning {
        let mut meaning = Meaning::default();
        if !self.nonce.is_empty() && request.nonce == self.nonce {
            self.settle(request.error, &mut meaning);
        }
        meaning.added = self.subscribe(request.kind, request.names);
        meaning
    }

    fn settle(&mut self, error: Option<String>, meaning: &mut Meaning) {
        match error {
            Some(reason) => {
                let nack = Nack { version: self.version.clone(), reason };
                // Said again with a change of names: not news.
                if self.nack.as_ref() != Some(&nack) {
                    meaning.nack = Some(nack.clone());
                }
                self.nack = Some(nack);
                self.settled = false;
            }
            None => {
                meaning.ack = !self.settled;
                self.settled = true;
                self.nack = None;
                self.acked = self.version.clone();
            }
        }
    }

    /// Whether something was added ("How the client specifies what resources to return").
    fn subscribe(&mut self, kind: Kind, names: BTreeSet<String>) -> bool {
        self.empty_so_far &= names.is_empty();
        let wildcard = kind.is_full_state() && (self.empty_so_far || names.contains(WILDCARD));
        let added = !self.wildcard && (wildcard || names.difference(&self.names).next().is_some());
        self.wildcard = wildcard;
        self.names = names;
        let names = &self.names;
        self.sent.retain(|name, _| wildcard || names.contains(name));
        added
    }

    /// Remembers an addition that cannot be answered yet.
    pub(super) fn owe(&mut self, added: bool) {
        self.owed |= added;
    }

    /// The response that is due now that `current` is what there is, or `None`. `added` as in [`Meaning`].
    pub(super) fn respond(
        &mut self,
        kind: Kind,
        current: BTreeMap<String, Resource>,
        added: bool,
        nonce: impl FnOnce() -> String,
    ) -> Option<Response> {
        let added = std::mem::take(&mut self.owed) || added;
        if !self.is_due(kind, &current, added) {
            if !kind.is_full_state() {
                // What is gone is not told, but if it comes back, it is sent again.
                self.sent.retain(|name, _| current.contains_key(name));
            }
            return None;
        }
        self.nonce = nonce();
        self.version = Version::of(current.values()).to_string();
        self.settled = false;
        self.nack = None;
        let resources = current.values().cloned().collect();
        self.sent = current;
        Some(Response { kind, version: self.version.clone(), nonce: self.nonce.clone(), resources })
    }

    fn is_due(&self, kind: Kind, current: &BTreeMap<String, Resource>, added: bool) -> bool {
        let news = current.iter().any(|(name, resource)| self.sent.get(name) != Some(resource));
        if !kind.is_full_state() {
            return news;
        }
        let gone = self.sent.keys().any(|name| !current.contains_key(name));
        // To a name that does not exist the answer is a response without it; to one more such name after
        // a NACK too, unless that would be the refused version once more.
        let refused = || self.nack.as_ref().is_some_and(|nack| is_version(&nack.version, current));
        news || gone || self.nonce.is_empty() || (added && !refused())
    }
}

fn is_version(version: &str, resources: &BTreeMap<String, Resource>) -> bool {
    Version::of(resources.values()).as_str() == version
}
