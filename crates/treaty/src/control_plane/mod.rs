//! Typed clients of the control plane, over the same client stack as every other call: its contract is
//! treaty.v1, and the routes are compiled from it, not asked for. So it can be called before there is any
//! configuration.

mod address;
mod view;

pub(crate) use address::resolve;
pub use view::ViewError;

use contracts::treaty::v1::{
    admin_client::AdminClient, identity_client::IdentityClient, registry_client::RegistryClient,
};
use identity::{SpiffeId, TrustDomain};
use stack::client::Client;
use std::{fmt, sync::Arc};
use telemetry::Telemetry;
use transport::HotIdentity;

/// The account and namespace of every control plane.
const WORKLOAD: &str = "treaty/control";
/// The largest answer of the control plane: a whole mesh.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// A connection pool to the control plane. Clones share it.
#[derive(Clone)]
pub struct ControlPlane {
    address: Arc<str>,
    client: Client,
}

impl ControlPlane {
    /// Clients for the control plane at `address` ("host:port"), which must show the identity
    /// `treaty/control` of the caller's own trust domain. Nothing is connected yet.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// This build's own contract cannot be read.
    pub fn new(address: &str, identity: HotIdentity, telemetry: Telemetry) -> Result<Self, ViewError> {
        let view = view::fixed(identity.id().trust_domain())?;
        let views = address::follow(address.to_owned(), view);
        let client = Client::new("treaty.v1", views, identity, telemetry);
        Ok(Self { address: address.into(), client })
    }

    /// "host:port".
    pub fn address(&self) -> &str {
        &self.address
    }

    /// treaty.v1.Identity.
    pub fn identity(&self) -> IdentityClient<Client> {
        IdentityClient::new(self.client.clone())
    }

    /// treaty.v1.Registry.
    pub fn registry(&self) -> RegistryClient<Client> {
        RegistryClient::new(self.client.clone())
            .max_decoding_message_size(MAX_ANSWER_BYTES)
            .max_encoding_message_size(MAX_ANSWER_BYTES)
    }

    /// treaty.v1.Admin.
    pub fn admin(&self) -> AdminClient<Client> {
        AdminClient::new(self.client.clone()).max_decoding_message_size(MAX_ANSWER_BYTES)
    }

    /// The transport for an ADS stream (envoy.service.discovery.v3).
    pub fn ads(&self) -> Client {
        self.client.clone()
    }
}

impl fmt::Debug for ControlPlane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ControlPlane({})", self.address)
    }
}

/// Whom the control plane of a trust domain must be.
#[allow(clippy::expect_used, reason = "a constant, parsed by a test")]
pub(crate) fn identity_of(trust_domain: &TrustDomain) -> SpiffeId {
    SpiffeId::new(trust_domain.clone(), WORKLOAD.parse().expect("a workload"))
}
