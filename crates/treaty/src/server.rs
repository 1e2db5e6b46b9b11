//! Serving: tonic's servers as they are, behind the server stack, on mTLS; with health, reflection and drain.

use crate::{contracts::Difference, membership::Membership, reflection::Reflection, shutdown};
use http::{Request, Response};
use stack::validate::{Rulebook, RulebookError};
use std::{collections::BTreeSet, convert::Infallible, future::Future, io, sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinHandle, time::sleep};
use tonic::{body::Body, server::NamedService, service::Routes};
use tonic_health::{ServingStatus, server::HealthReporter};
use tower_service::Service;
use transport::{ClientCertificates, ServeOptions};

/// How long callers have to learn that this process stops, before its connections are told so. A call that
/// comes too late all the same was not processed, and goes to another endpoint.
const NOTICE: Duration = Duration::from_millis(250);

/// Several of tonic's servers in one process.
#[derive(Clone)]
pub struct Server {
    membership: Arc<Membership>,
    routes: Routes,
    offered: BTreeSet<String>,
}

/// Why serving did not begin, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A server whose contract was not given.
    #[error(
        "`{service}` is served, but its contract was not given: join with `Contracts::serving(CONTRACT)` of its package"
    )]
    Undeclared {
        /// The service's full name.
        service: String,
    },
    /// A contract whose server was not given.
    #[error(
        "the contract of `{service}` was given as served, but no server of it: add it with `add_service`"
    )]
    Unserved {
        /// The service's full name.
        service: String,
    },
    /// A rule of its contracts cannot be enforced.
    #[error("the rules of the contracts served cannot be enforced: {0}")]
    Rules(#[from] RulebookError),
    /// There is no listener any more.
    #[error("this process serves already: add all services to one `Mesh::server()`")]
    Already,
    /// Signals cannot be listened to.
    #[error("cannot listen for SIGTERM and SIGINT: {0}")]
    Signals(io::Error),
    /// The accept loop died.
    #[error("the server died: {0}")]
    Died(String),
}

impl Server {
    pub(crate) fn new(membership: Arc<Membership>) -> Self {
        Self { membership, routes: Routes::default(), offered: BTreeSet::new() }
    }

    /// Serves this one too.
    #[must_use]
    pub fn add_service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.offered.insert(S::NAME.to_owned());
        self.routes = self.routes.add_service(service);
        self
    }

    /// Serves until SIGTERM or SIGINT. Then: not ready any more, connections are told (GOAWAY), calls end
    /// or are cut after a grace, the lease is given back.
    ///
    /// A process that the control plane refuses stays, says why, and is admitted when the reason is gone.
    ///
    /// # Errors
    /// Contracts and servers do not fit, or this process serves already.
    pub async fn serve(self) -> Result<(), ServeError> {
        let signal = shutdown::signal().map_err(ServeError::Signals)?;
        self.serve_until(signal).await
    }

    /// As [`Server::serve`], until `shutdown` is ready.
    ///
    /// # Errors
    /// As [`Server::serve`].
    pub async fn serve_until(self, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
        let Self { membership, routes, offered } = self;
        match membership.declared.differs_from(&offered) {
            Some(Difference::Undeclared(service)) => return Err(ServeError::Undeclared { service }),
            Some(Difference::Unserved(service)) => return Err(ServeError::Unserved { service }),
            None => {}
        }
        let rulebook = Arc::new(Rulebook::read(membership.contracts.served_sets())?);
        let listener = membership.listener.lock().take().ok_or(ServeError::Already)?;
        let health = HealthReporter::new();
        let policy = membership.policy();
        let routes = infrastructure(routes, &membership, &health).prepare();
        let stack = stack::server::serve_stack(routes, policy.policy.clone(), membership.telemetry.clone());
        let stack = stack.validating(rulebook);
        let tls = membership.identity.server_config(ClientCertificates::Required);
        let options = ServeOptions { drain_grace: membership.config.drain_grace, ..ServeOptions::default() };
        let (trigger, drain) = transport::drain();
        let mut accepting = Task(tokio::spawn(transport::serve(listener, tls, stack, options, drain)));
        let readiness = Readiness { membership, health, offered };
        readiness.set(false).await;
        tokio::pin!(shutdown);
        tokio::select! {
            () = &mut shutdown => {}
            ended = accepting.end() => return ended,
            () = readiness.follow(policy.policy.clone()) => {}
        }
        readiness.end().await;
        trigger.drain();
        accepting.end().await?;
        readiness.membership.lease.leave().await;
        let telemetry = readiness.membership.telemetry.clone();
        let _ = tokio::task::spawn_blocking(move || telemetry.shutdown()).await;
        Ok(())
    }
}

/// gRPC's own services beside the application's: health (grpc.health.v1) and reflection (v1, v1alpha).
fn infrastructure(routes: Routes, membership: &Membership, health: &HealthReporter) -> Routes {
    let reflection = Reflection::new(membership.contracts.served_sets());
    let (v1, v1alpha) = reflection.services();
    let health = tonic_health::server::HealthService::from_health_reporter(health.clone());
    routes
        .add_service(tonic_health::pb::health_server::HealthServer::new(health))
        .add_service(v1)
        .add_service(v1alpha)
}

/// What health and the registry say of this process.
struct Readiness {
    membership: Arc<Membership>,
    health: HealthReporter,
    offered: BTreeSet<String>,
}

impl Readiness {
    /// Ready once there is a policy: without one, every call would be refused. Never returns.
    async fn follow(&self, mut policy: watch::Receiver<Option<Arc<resource::ServerListener>>>) {
        if policy.wait_for(Option::is_some).await.is_ok() {
            self.set(true).await;
            let address = self.membership.address.map(|address| address.to_string()).unwrap_or_default();
            let services: Vec<_> = self.offered.iter().map(String::as_str).collect();
            tracing::info!(address, services = services.join(", "), "ready");
        }
        std::future::pending::<()>().await;
    }

    async fn end(&self) {
        tracing::info!("draining");
        self.set(false).await;
        sleep(NOTICE).await;
    }

    async fn set(&self, ready: bool) {
        let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
        for service in self.offered.iter().map(String::as_str).chain([""]) {
            self.health.set_service_status(service, status).await;
        }
        self.membership.lease.set_ready(ready);
    }
}

/// A task that does not outlive whoever waits for it.
struct Task(JoinHandle<()>);

impl Task {
    async fn end(&mut self) -> Result<(), ServeError> {
        (&mut self.0).await.map_err(|error| ServeError::Died(error.to_string()))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
