//! The edge: gRPC over TLS from outside to the methods that contracts call `public`, with one merged
//! reflection and health.
//!
//! One thread per core, each with its own runtime, its own connections from outside and its own connections
//! upstream: a call never changes threads. What all of them know, which services are public, comes from the
//! control plane, and stays in force while that is away.

mod certificate;
mod directory;
mod edge;
mod follow;
mod headers;
mod health;
mod record;
mod refuse;
mod worker;

#[cfg(test)]
mod tests;

use certificate::{EdgeCertificate, EdgeError};
use edge::Shared;
use follow::Follow;
use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};
use telemetry::Telemetry;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};
use treaty::{Contracts, JoinError, Mesh};
use worker::Workers;

/// How long calls in flight may go on once the gateway is told to stop.
const DRAIN_GRACE: Duration = Duration::from_secs(3);
/// How long stopping may take in all.
const STOP_LIMIT: Duration = Duration::from_millis(4500);

/// Where clients from outside connect.
#[derive(Debug)]
pub enum Listen {
    /// Port 0 lets the kernel choose.
    At(SocketAddr),
    /// A listening socket that somebody else opened, see [`transport::adopt`].
    Given(std::net::TcpListener),
}

/// How a gateway is run.
#[derive(Debug)]
pub struct Config {
    /// Where clients from outside connect.
    pub listen: Listen,
    /// How it joins the mesh. Its `listen` is not used: a gateway serves no contract of its own.
    pub mesh: treaty::Config,
    /// Threads; one per core is right.
    pub workers: usize,
}

/// Why a gateway does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is somebody else's.
    #[error("cannot listen at {address}: {}", explain(.source))]
    Listen {
        /// The wanted address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The mesh does not take it.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// There is no certificate to show at the edge.
    #[error("no certificate for the edge: {0}")]
    Edge(#[from] EdgeError),
    /// A worker thread could not be started, or died.
    #[error("a worker of the gateway died: {0}")]
    Worker(io::Error),
}

fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "something else listens there already; stop it, or choose another address".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "the system does not allow it (ports below 1024 need a privilege)".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        _ => error.to_string(),
    }
}

fn open(listen: Listen) -> Result<(std::net::TcpListener, SocketAddr), Error> {
    let wanted = match listen {
        Listen::At(address) => address,
        Listen::Given(_) => SocketAddr::from(([0, 0, 0, 0], 0)),
    };
    let refused = |source| Error::Listen { address: wanted, source };
    let listener = match listen {
        Listen::At(address) => transport::listen(address).map_err(refused)?,
        Listen::Given(listener) => listener,
    };
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

/// Runs a gateway until `shutdown` is ready, then drains: new connections are refused, clients are told to
/// go elsewhere, and calls in flight have three seconds. Waits, and says so, while there is no control plane.
///
/// # Errors
/// The address is taken, the mesh refuses the gateway, or a worker dies.
pub async fn run(config: Config, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
    tokio::pin!(shutdown);
    let gateway = tokio::select! {
        started = Gateway::start(config) => started?,
        () = &mut shutdown => return Ok(()),
    };
    gateway.run(shutdown).await
}

/// A gateway that takes calls.
#[derive(Debug)]
pub struct Gateway {
    address: SocketAddr,
    mesh: Mesh,
    telemetry: Telemetry,
    workers: Workers,
    follow: Follow,
    /// Renews the certificate as long as it lives.
    _certificate: EdgeCertificate,
}

impl Gateway {
    /// Joins the mesh and starts to take calls.
    ///
    /// # Errors
    /// As [`run`].
    pub async fn start(config: Config) -> Result<Self, Error> {
        // First: a taken port must not cost the join token.
        let (listener, address) = open(config.listen)?;
        let mesh = treaty::join_with(config.mesh, Contracts::none()).await?;
        let certificate = EdgeCertificate::obtain(mesh.control_plane()).await?;
        let tls = certificate.hot().server_config();
        let telemetry = mesh.telemetry();
        let ads = mesh.ads();
        let views = Arc::new(move |service: &str| ads.watch_service(service));
        let shared = Arc::new(Shared::new(views, mesh.identity(), telemetry.clone(), mesh.usage()));
        let (first, known) = oneshot::channel();
        // Nobody waits any more where the gateway is told to end meanwhile.
        let follow = Follow::start(mesh.control_plane(), shared.clone(), move || _ = first.send(()));
        // Whoever connects before waits in the kernel's queue, and finds everything there.
        let _ = known.await;
        let workers = Workers::start(config.workers, listener, &tls, &shared).map_err(Error::Worker)?;
        mesh.set_ready(true);
        tracing::info!(%address, workers = config.workers.max(1), "gateway takes calls");
        Ok(Self { address, mesh, telemetry, workers, follow, _certificate: certificate })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Goes on until `shutdown` is ready; drains; leaves the mesh. The drain takes less than five seconds.
    ///
    /// # Errors
    /// A worker died.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        tokio::select! {
            () = shutdown => {}
            died = self.workers.died() => return Err(Error::Worker(died)),
        }
        tracing::info!("gateway drains");
        let end = Instant::now() + STOP_LIMIT;
        self.mesh.set_ready(false);
        self.follow.stop().await;
        self.workers.drain(end).await;
        if timeout_at(end, self.mesh.leave()).await.is_err() {
            tracing::debug!("the control plane did not hear that the gateway leaves");
        }
        let telemetry = self.telemetry;
        let flushed = tokio::task::spawn_blocking(move || telemetry.shutdown());
        if timeout_at(end, flushed).await.is_err() {
            tracing::debug!("the last spans were not exported in time");
        }
        Ok(())
    }
}
