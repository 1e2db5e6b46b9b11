//! A process in the mesh.

use crate::{Config, ConfigError, Contracts};
use http::{Request, Response};
use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::Arc,
    task::{Context, Poll},
};
use tonic::{body::Body, server::NamedService, service::Routes};
use tower_service::Service;

/// Joins as the environment says ([`Config::from_env`]).
///
/// # Errors
/// As [`join_with`], or a setting is missing.
pub async fn join(contracts: impl Into<Contracts>) -> Result<Mesh, JoinError> {
    join_with(Config::from_env()?, contracts).await
}

/// Joins the mesh. Waits, and says so, while the control plane is away.
///
/// # Errors
/// The control plane refused the proof, a contract cannot be read, or an address is taken.
pub async fn join_with(config: Config, contracts: impl Into<Contracts>) -> Result<Mesh, JoinError> {
    let _ = (config, contracts.into());
    Ok(Mesh { inner: Arc::new(()) })
}

/// A process that has joined. Dropping it, its servers and all its channels leaves the mesh.
#[derive(Clone, Debug)]
pub struct Mesh {
    inner: Arc<()>,
}

/// Why a process could not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// A setting is missing or garbled.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// Why there is no channel.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The service is not among what this process said it consumes.
    #[error(
        "`{service}` is not declared as consumed: join with `Contracts::….consuming(CONTRACT of its package)`"
    )]
    NotDeclared {
        /// The service's full name.
        service: String,
    },
}

/// Why serving ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {}

impl Mesh {
    /// A channel to a service, by its full name ("shop.catalog.v1.Catalog"), for tonic's generated client.
    ///
    /// # Errors
    /// The service is not declared as consumed.
    pub fn channel(&self, service: &str) -> Result<Channel, ChannelError> {
        let _ = (service, &self.inner);
        Ok(Channel {})
    }

    /// Serves one of tonic's servers until SIGTERM or SIGINT, drains, and returns.
    ///
    /// # Errors
    /// What the contract declares and what is served do not fit.
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
        Server { routes: Routes::default() }
    }
}

/// Several of tonic's servers in one process.
#[derive(Clone, Debug)]
pub struct Server {
    routes: Routes,
}

impl Server {
    /// Serves this one too.
    #[must_use]
    pub fn add_service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.routes = self.routes.add_service(service);
        self
    }

    /// Serves until SIGTERM or SIGINT, drains, and returns.
    ///
    /// # Errors
    /// What the contract declares and what is served do not fit.
    pub async fn serve(self) -> Result<(), ServeError> {
        Ok(())
    }
}

/// A channel to one service; clones share their connections.
#[derive(Clone, Debug)]
pub struct Channel {}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = tonic::Status;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        ready(Err(tonic::Status::unavailable("under construction")))
    }
}
