//! Listeners (LDS): the name a consumer dials, and the guards a provider stands behind.

use contract::{Allow, MethodPath, Origin, Sourced, ValidatePolicy};
use identity::{TrustDomain, WorkloadId};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

/// What a consumer dials: the contract's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientListener {
    /// The service's full name: "shop.catalog.v1.Catalog".
    pub name: String,
    /// The name of its [`crate::RouteTable`].
    pub routes: String,
}

/// What one instance enforces on the requests that reach it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerListener {
    /// "grpc/server?xds.resource.listening_address=127.0.0.1:4000" (gRFC A36).
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Whose it is.
    pub workload: WorkloadId,
    /// The one trust domain whose callers can be allowed.
    pub trust_domain: TrustDomain,
    /// By path. A method that is not here is denied to everybody.
    pub guards: BTreeMap<MethodPath, Guard>,
}

impl ServerListener {
    /// The resource name of the instance that listens at `address`.
    pub fn name_for(address: SocketAddr) -> String {
        format!("grpc/server?xds.resource.listening_address={address}")
    }
}

/// What a provider demands of the requests to one method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// Who may call. Empty: nobody. Where `public` is set, "treaty/gateway" is among them.
    pub allow: Sourced<Vec<Allow>>,
    /// Where the method is declared.
    pub declared_at: Origin,
    /// Default deadline and ceiling.
    pub timeout: Sourced<Option<Duration>>,
    /// Bytes.
    pub max_request_bytes: Sourced<u32>,
    /// Bytes.
    pub max_response_bytes: Sourced<u32>,
    /// Whether the gateway may reach it.
    pub public: Sourced<bool>,
    /// Where messages are held against the rules of `buf.validate`.
    pub validate: Sourced<ValidatePolicy>,
    /// Whether the client streams.
    pub client_streaming: bool,
    /// Whether the server streams.
    pub server_streaming: bool,
}
