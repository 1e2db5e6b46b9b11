//! A resource of any type, and what identifies a set of them: their content.

use crate::{
    cluster::{Cluster, EndpointSet},
    listener::{ClientListener, ServerListener},
    route::RouteTable,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{fmt, sync::Arc};

/// The types of resources, in the order in which a change is made known: what a route names is there
/// before the route is (xDS protocol, "Eventual consistency considerations").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// CDS.
    Cluster,
    /// EDS.
    Endpoints,
    /// LDS.
    Listener,
    /// RDS.
    Routes,
}

impl Kind {
    /// Every type, in order.
    pub const ALL: [Self; 4] = [Self::Cluster, Self::Endpoints, Self::Listener, Self::Routes];

    /// Whether a response holds *all* resources of the type that the client asked for, so that one that
    /// is missing does not exist (LDS and CDS in the state-of-the-world protocol).
    pub const fn is_full_state(self) -> bool {
        matches!(self, Self::Cluster | Self::Listener)
    }
}

/// "CDS", "EDS", "LDS" or "RDS".
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cluster => "CDS",
            Self::Endpoints => "EDS",
            Self::Listener => "LDS",
            Self::Routes => "RDS",
        })
    }
}

/// One resource. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// LDS: what a consumer dials.
    ClientListener(Arc<ClientListener>),
    /// LDS: what a provider stands behind.
    ServerListener(Arc<ServerListener>),
    /// RDS.
    Routes(Arc<RouteTable>),
    /// CDS.
    Cluster(Arc<Cluster>),
    /// EDS.
    Endpoints(Arc<EndpointSet>),
}

impl Resource {
    /// Its type.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::ClientListener(_) | Self::ServerListener(_) => Kind::Listener,
            Self::Routes(_) => Kind::Routes,
            Self::Cluster(_) => Kind::Cluster,
            Self::Endpoints(_) => Kind::Endpoints,
        }
    }

    /// Its name, unique within its type.
    pub fn name(&self) -> &str {
        match self {
            Self::ClientListener(listener) => &listener.name,
            Self::ServerListener(listener) => &listener.name,
            Self::Routes(routes) => &routes.name,
            Self::Cluster(cluster) => &cluster.name.0,
            Self::Endpoints(endpoints) => &endpoints.cluster.0,
        }
    }
}

/// What identifies a set of resources: the first 16 hexadecimal digits of the SHA-256 of their content.
/// Equal sets in equal order have equal versions, in every process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(String);

impl Version {
    /// The version of `resources`, in their order.
    pub fn of<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> Self {
        let mut hash = Sha256::new();
        for resource in resources {
            // These types have string keys only, so that encoding them cannot fail.
            let content = serde_json::to_vec(resource).unwrap_or_default();
            hash.update((content.len() as u64).to_be_bytes());
            hash.update(content);
        }
        Self(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
