//! What the operator of a mesh sees of its xDS clients.

use identity::WorkloadId;

/// What one client has been sent, and what it made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientState {
    /// By its certificate.
    pub workload: WorkloadId,
    /// `node.id`; empty before its first request.
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
