//! The messages of the state-of-the-world protocol as plain data (xDS protocol, "Basic Protocol Overview").

use identity::WorkloadId;
use resource::{Kind, Locality, Resource};
use std::{collections::BTreeSet, fmt};

/// Who a client says it is. Believed for display and for the choice of a dialect only; what it may see
/// is decided by its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Node {
    /// `node.id`: one process.
    pub id: String,
    /// `node.cluster`: for Treaty's own, the workload.
    pub cluster: String,
    /// Where it runs.
    pub locality: Locality,
    /// `node.user_agent_name`: "treaty", "gRPC Go", ….
    pub user_agent_name: String,
    /// `node.user_agent_version`.
    pub user_agent_version: String,
}

impl Node {
    /// One of Treaty's own data planes.
    pub fn treaty(workload: &WorkloadId, instance: impl Into<String>, locality: Locality) -> Self {
        Self {
            id: instance.into(),
            cluster: workload.to_string(),
            locality,
            user_agent_name: "treaty".to_owned(),
            user_agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// From a client: a subscription, an ACK, a NACK, or several of these at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// On the first request of a stream.
    pub node: Option<Node>,
    /// What it is about.
    pub kind: Kind,
    /// Everything of this type that the client wants from now on; see the protocol for what "*" and an
    /// empty list mean.
    pub names: BTreeSet<String>,
    /// The version of the type that the client runs; empty before the first.
    pub version: String,
    /// The nonce of the response that this answers; empty if none.
    pub nonce: String,
    /// Why that response was refused.
    pub error: Option<String>,
}

/// From the server: resources of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Their type.
    pub kind: Kind,
    /// What identifies their content.
    pub version: String,
    /// What identifies this response on its stream.
    pub nonce: String,
    /// The resources, sorted by name.
    pub resources: Vec<Resource>,
}

/// A [`Response`] as a client reads it: some of its resources may be unusable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Their type.
    pub kind: Kind,
    /// What identifies their content.
    pub version: String,
    /// What identifies this response on its stream.
    pub nonce: String,
    /// Each resource, or why it cannot be used.
    pub resources: Vec<Result<Resource, Invalid>>,
}

/// A resource that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Invalid {
    /// Its name; empty where not even that could be read.
    pub name: String,
    /// What is wrong with it, and what would be right.
    pub reason: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, reason } = self;
        write!(f, "`{name}`: {reason}")
    }
}

/// A refused response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nack {
    /// The version that was refused.
    pub version: String,
    /// The client's reason.
    pub reason: String,
}
