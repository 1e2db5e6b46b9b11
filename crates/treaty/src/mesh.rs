//! A process in the mesh, as application code sees it.

use crate::{
    control_plane::ControlPlane,
    membership::Membership,
    server::{ServeError, Server},
};
use http::{Request, Response};
use stack::client::{Client, usage::Usage};
use std::{
    convert::Infallible,
    fmt,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};
use telemetry::Telemetry;
use tonic::{body::Body, server::NamedService};
use tower_service::Service;
use transport::HotIdentity;
use xds::client::AdsClient;

/// A process that has joined. Clones are the same process; it leaves the mesh when the last of them, of
/// its channels and of its servers is dropped.
#[derive(Clone)]
pub struct Mesh {
    membership: Arc<Membership>,
}

/// Why there is no channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The service is not among what this process said it consumes.
    #[error(
        "`{service}` is not declared as consumed, so the control plane would show none of its endpoints: join \
         with `Contracts::….consuming(CONTRACT)`, CONTRACT being the descriptor set of its package{declared}"
    )]
    NotDeclared {
        /// The service's full name.
        service: String,
        /// What is declared, for people.
        declared: String,
    },
}

impl Mesh {
    pub(crate) fn new(membership: Membership) -> Self {
        Self { membership: Arc::new(membership) }
    }

    /// A channel to a service, by its full name ("shop.catalog.v1.Catalog"), for tonic's generated client.
    /// Nothing is connected before the first call, which waits up to its deadline for the service to appear.
    ///
    /// # Errors
    /// The service is not declared as consumed.
    pub fn channel(&self, service: &str) -> Result<Channel, ChannelError> {
        let consumes = &self.membership.declared.consumes;
        if !consumes.contains_key(service) {
            let known: Vec<_> = consumes.keys().map(String::as_str).collect();
            let declared =
                if known.is_empty() { String::new() } else { format!(" (declared: {})", known.join(", ")) };
            return Err(ChannelError::NotDeclared { service: service.to_owned(), declared });
        }
        Ok(Channel { client: self.membership.client(service), membership: self.membership.clone() })
    }

    /// Serves one of tonic's servers, with health and reflection, until SIGTERM or SIGINT; drains, and
    /// returns. See [`Server::serve`].
    ///
    /// # Errors
    /// As [`Server::serve`].
    pub async fn serve<S>(self, service: S) -> Result<(), ServeError>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.server().add_service(service).serve().await
    }

    /// A server of several services.
    pub fn server(&self) -> Server {
        Server::new(self.membership.clone())
    }

    /// Where others reach this process; `None` for one that serves nothing.
    pub fn address(&self) -> Option<SocketAddr> {
        self.membership.address
    }

    /// Who this process is, now and after every renewal.
    pub fn identity(&self) -> HotIdentity {
        self.membership.identity.clone()
    }

    /// Where its calls are recorded.
    pub fn telemetry(&self) -> Telemetry {
        self.membership.telemetry.clone()
    }

    /// Typed clients of the control plane, for parts of the mesh itself.
    pub fn control_plane(&self) -> ControlPlane {
        self.membership.control.clone()
    }

    /// The subscription to resources, for parts of the mesh itself.
    pub fn ads(&self) -> AdsClient {
        self.membership.ads().clone()
    }

    /// What this process calls, as the registry is told: for parts of the mesh that call on behalf of others,
    /// and follow what those may call.
    pub fn usage(&self) -> Usage {
        self.membership.usage.clone()
    }

    /// Tells the registry whether this process does its work. [`Server::serve`] says so by itself; a process
    /// that serves no contract (a gateway, an agent) says it here.
    pub fn set_ready(&self, ready: bool) {
        self.membership.lease.set_ready(ready);
    }

    /// Gives the lease back now, and does not wait for the last channel to be dropped.
    pub async fn leave(self) {
        self.membership.lease.leave().await;
    }
}

impl fmt::Debug for Mesh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mesh").field("id", &self.membership.identity.id()).finish_non_exhaustive()
    }
}

/// A channel to one service: what tonic's generated clients take. Clones share their connections.
#[derive(Clone)]
pub struct Channel {
    client: Client,
    /// Who may call is derived from the lease: it must not end before the last channel.
    membership: Arc<Membership>,
}

impl Service<Request<Body>> for Channel {
    type Response = <Client as Service<Request<Body>>>::Response;
    type Error = <Client as Service<Request<Body>>>::Error;
    type Future = <Client as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.client.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.client.call(request)
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("from", &self.membership.identity.id()).finish_non_exhaustive()
    }
}
