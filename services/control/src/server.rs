//! The parts put together, started and stopped in order.

#[cfg(test)]
mod tests;

use crate::{
    Config, Error, MIN_SVID_TTL,
    audit::{self, Audit},
    ca::{self, Ca},
    door::{self, Door},
    intake::{Intake, Paced},
    metrics::Metrics,
    own, publish,
    registrar::{self, Registrar},
    registry::{self, Judged, Left, Registry, View},
    serve::{admin::AdminService, identity::IdentityService, registry::RegistryService},
    store::{AuditKind, Placement, Store, StoreError},
    usage::Usage,
};
use contract::Digest;
use contracts::treaty::v1::{
    admin_server::AdminServer, identity_server::IdentityServer, registry_server::RegistryServer,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use telemetry::Telemetry;
use tokio::{
    net::TcpListener,
    sync::{Notify, oneshot, watch},
    task::{AbortHandle, JoinHandle, JoinSet},
    time::Instant,
};
use tonic::service::Routes;
use transport::{ClientCertificates, Drain, HotIdentity, ServeOptions};
use xds::server::AdsServer;

/// How long open calls may take to end.
const DRAIN_GRACE: Duration = Duration::from_secs(2);
/// How long the last audit events may take to be written.
const FAREWELL: Duration = Duration::from_secs(1);
/// The largest message of treaty.v1.Registry, as its contract says.
const REGISTRY_BYTES: usize = 16 * 1024 * 1024;
/// The largest request of treaty.v1.Admin, likewise; its largest response is as that of the registry.
const JUDGED_BYTES: usize = 64 * 1024 * 1024;

/// See [`crate::run`]. `opened` is told when everybody can come in.
pub(crate) async fn run(
    config: Config,
    shutdown: impl Future<Output = ()>,
    opened: impl FnOnce(SocketAddr),
) -> Result<(), Error> {
    if config.svid_ttl < MIN_SVID_TTL {
        return Err(Error::SvidTtl(config.svid_ttl));
    }
    // First what can be refused without a trace, then what writes.
    let listener = listen("the control plane", config.listen)?;
    let metrics = config.metrics.map(|address| listen("metrics", address)).transpose()?;
    let store = open_store(&config).await?;
    let parts = Parts::new(&config, store, &listener).await?;
    parts.run(&config, listener, metrics, shutdown, opened).await
}

/// Everything that runs.
struct Parts {
    address: SocketAddr,
    /// Where Prometheus asks.
    metrics_address: Option<SocketAddr>,
    ca: Arc<Ca>,
    door: Arc<Door>,
    own: HotIdentity,
    store: Store,
    audit: Audit,
    metrics: Metrics,
    telemetry: Telemetry,
    registrar: Registrar,
    usage: Usage,
    ads: AdsServer,
    /// ADS streams end with it.
    publisher: AbortHandle,
    admin_joined: Arc<Notify>,
    /// Ends when every [`Audit`] is dropped.
    writer: JoinHandle<Result<(), StoreError>>,
    /// None of them ends on its own.
    tasks: JoinSet<Result<(), Error>>,
}

impl Parts {
    async fn new(config: &Config, store: Store, listener: &TcpListener) -> Result<Self, Error> {
        let address = listener
            .local_addr()
            .map_err(|source| not_listening("the control plane", config.listen, source))?;
        let ca = Arc::new(Ca::open(&store, config)?);
        let own = HotIdentity::new(ca.own()?).map_err(|error| Error::Authority(error.to_string()))?;
        let (tail, remembered) = store.run(remembered).await?;
        let (audit, unwritten) = Audit::new(tail);
        let telemetry = Telemetry::from_env(ca::OWN_WORKLOAD);
        let metrics = Metrics::new(&telemetry);
        let mut tasks = JoinSet::new();
        let registrar = start_registry(config, remembered, &store, &audit, &metrics, &mut tasks);
        let usage = start_usage(config, &registrar, &store, &metrics, &mut tasks).await?;
        let (ads, publisher) = start_publishing(config, &registrar, &mut tasks);
        tasks.spawn(watch_views(registrar.view(), metrics.clone()));
        tasks.spawn(watch_clients(ads.clone(), metrics.clone(), audit.clone()));
        tasks.spawn(forever(ca::renew(ca.clone(), own.clone())));
        let writer = tokio::spawn(audit::write(unwritten, store.clone()));
        let admin_joined = Arc::default();
        Ok(Self {
            address,
            metrics_address: None,
            ca,
            door: Arc::new(Door::new(&config.state_dir)),
            own,
            store,
            audit,
            metrics,
            telemetry,
            registrar,
            usage,
            ads,
            publisher,
            admin_joined,
            writer,
            tasks,
        })
    }

    async fn run(
        mut self,
        config: &Config,
        listener: TcpListener,
        metrics: Option<TcpListener>,
        shutdown: impl Future<Output = ()>,
        opened: impl FnOnce(SocketAddr),
    ) -> Result<(), Error> {
        let (trigger, drain) = transport::drain();
        let policy = Arc::new(own::listener(&config.trust_domain, self.address)?);
        // The sender stays: whoever waits for a change must not see the end.
        let (_policies, policy) = watch::channel(Some(policy));
        let routes = self.routes(config, &drain).await;
        let stack = stack::server::serve_stack(routes, policy, self.telemetry.clone());
        let tls = self.own.server_config(ClientCertificates::Optional);
        let options = ServeOptions { drain_grace: DRAIN_GRACE, ..ServeOptions::default() };
        let mut serving = tokio::spawn(transport::serve(listener, tls, stack, options, drain.clone()));
        if let Some(listener) = metrics {
            self.metrics_address = listener.local_addr().ok();
            let (telemetry, mut drain) = (self.telemetry.clone(), drain.clone());
            self.tasks.spawn(async move {
                telemetry.serve_metrics(listener, async move { drain.started().await }).await;
                Ok(())
            });
        }
        let (outcome, served) = tokio::select! {
            outcome = self.admit(config, shutdown, opened) => (outcome, false),
            _ = &mut serving => (Err(Error::Ended("the listener")), true),
        };
        // Before any stream ends: from here on that says nothing about who is alive.
        self.registrar.shut_down();
        self.door.close();
        trigger.drain();
        self.publisher.abort();
        if !served {
            let _ = serving.await;
        }
        self.stop().await;
        outcome
    }

    /// Opens the door; until `shutdown`, or until something breaks.
    async fn admit(
        &mut self,
        config: &Config,
        shutdown: impl Future<Output = ()>,
        opened: impl FnOnce(SocketAddr),
    ) -> Result<(), Error> {
        let (ready, first_token) = oneshot::channel();
        self.tasks.spawn(door::keep_admin_token(
            self.door.clone(),
            self.store.clone(),
            self.admin_joined.clone(),
            ready,
        ));
        // A failure of the task is the next thing that is looked at.
        let _ = first_token.await;
        let (door, ca) = (self.door.clone(), self.ca.clone());
        let (address, metrics) = (self.address, self.metrics_address);
        let open = tokio::task::spawn_blocking(move || door.open(&ca, address, metrics));
        open.await.map_err(|_| Error::Ended("writing the state directory"))??;
        let message = format!("the control plane of {} listens on {}", config.trust_domain, self.address);
        self.audit.record(AuditKind::ControlPlaneStarted, None, message);
        opened(self.address);
        tokio::select! {
            () = shutdown => Ok(()),
            ended = self.tasks.join_next() => match ended {
                Some(Ok(Err(error))) => Err(error),
                _ => Err(Error::Ended("a task of the control plane")),
            },
        }
    }

    async fn routes(&self, config: &Config, drain: &Drain) -> Routes {
        let identity = IdentityService {
            ca: self.ca.clone(),
            store: self.store.clone(),
            audit: self.audit.clone(),
            metrics: self.metrics.clone(),
            admin_joined: self.admin_joined.clone(),
        };
        let admin = AdminService {
            trust_domain: config.trust_domain.clone(),
            view: self.registrar.view(),
            registrar: self.registrar.clone(),
            ads: self.ads.clone(),
            audit: self.audit.clone(),
            store: self.store.clone(),
            drain: drain.clone(),
        };
        let (registrar, usage) = (self.registrar.clone(), self.usage.clone());
        let intake = Intake::default();
        let registry = RegistryService { registrar, usage, intake: intake.clone(), drain: drain.clone() };
        let registry = RegistryServer::new(registry)
            .max_decoding_message_size(REGISTRY_BYTES)
            .max_encoding_message_size(REGISTRY_BYTES);
        let admin = AdminServer::new(admin)
            .max_decoding_message_size(JUDGED_BYTES)
            .max_encoding_message_size(REGISTRY_BYTES);
        let (health, health_server) = tonic_health::server::health_reporter();
        for service in ["treaty.v1.Identity", "treaty.v1.Registry", "treaty.v1.Admin"] {
            health.set_service_status(service, tonic_health::ServingStatus::Serving).await;
        }
        Routes::new(health_server)
            .add_service(IdentityServer::new(identity))
            .add_service(Paced::new(registry, intake))
            .add_service(admin)
            .add_service(self.ads.clone().into_service())
            .prepare()
    }

    /// Ends what is left, and writes what is left.
    async fn stop(mut self) {
        self.tasks.shutdown().await;
        let Self { writer, audit, telemetry, usage, store, .. } = self;
        if let Err(error) = usage.close(&store).await {
            tracing::warn!(%error, "what was called in the last minute is not kept");
        }
        drop(audit);
        if tokio::time::timeout(FAREWELL, writer).await.is_err() {
            tracing::warn!("the last audit events are in the log only");
        }
        if tokio::time::timeout(FAREWELL, store.close()).await.is_err() {
            tracing::warn!("the state directory is free only once the process is gone");
        }
        telemetry.shutdown();
    }
}

/// What a control plane before this one left.
struct Remembered {
    placements: Vec<Placement>,
    left: Left,
    routes: registry::Routes,
    contracts: Vec<Judged>,
}

fn remembered(store: &Store) -> Result<(Vec<crate::store::AuditEvent>, Remembered), StoreError> {
    let placements = store.placements()?;
    let (left, routes) = (store.left()?, store.routes()?);
    let placed = placements.iter().flat_map(|placement| placement.claim.digests());
    let digests: BTreeSet<&Digest> = placed.chain(left.values().flat_map(BTreeMap::values)).collect();
    let found = digests.into_iter().filter_map(|digest| store.contract(digest).transpose());
    let contracts = found.map(|bytes| bytes.map(Judged::remembered)).collect::<Result<_, _>>()?;
    Ok((store.audit(Audit::tail_length())?, Remembered { placements, left, routes, contracts }))
}

async fn open_store(config: &Config) -> Result<Store, Error> {
    let (directory, trust_domain) = (config.state_dir.clone(), config.trust_domain.clone());
    let open = move || Store::open(&directory, &trust_domain, &|| Ca::generate(&trust_domain));
    Ok(tokio::task::spawn_blocking(open).await.map_err(|_| Error::Ended("opening the store"))??)
}

fn start_registry(
    config: &Config,
    Remembered { placements, left, routes, contracts }: Remembered,
    store: &Store,
    audit: &Audit,
    metrics: &Metrics,
    tasks: &mut JoinSet<Result<(), Error>>,
) -> Registrar {
    if !placements.is_empty() {
        let grace = config.relearn_grace;
        tracing::info!(
            instances = placements.len(),
            ?grace,
            "relearning who is alive; nothing is withdrawn before"
        );
    }
    let until = Instant::now().into_std() + config.relearn_grace;
    let registry = Registry::new(placements, left, contracts, until).with_routes(routes);
    let registry = registry.with_window(config.usage_window).with_linger(config.linger);
    let (registrar, work) = registrar::registrar(registry, store.clone(), audit.clone(), metrics.clone());
    tasks.spawn(async move { Ok(work.run().await?) });
    registrar
}

/// Who calls what is known before anybody is judged.
async fn start_usage(
    config: &Config,
    registrar: &Registrar,
    store: &Store,
    metrics: &Metrics,
    tasks: &mut JoinSet<Result<(), Error>>,
) -> Result<Usage, Error> {
    let records = store.run(Store::usage).await?;
    let usage = Usage::new(records, config.usage_window, registrar.view(), metrics.clone());
    usage.tell(registrar);
    let (usage_too, registrar, store) = (usage.clone(), registrar.clone(), store.clone());
    tasks.spawn(async move { Ok(usage_too.run(registrar, store).await?) });
    Ok(usage)
}

fn start_publishing(
    config: &Config,
    registrar: &Registrar,
    tasks: &mut JoinSet<Result<(), Error>>,
) -> (AdsServer, AbortHandle) {
    let first = publish::published(&registrar.view().borrow(), &config.trust_domain);
    let (published, receiver) = watch::channel(Arc::new(first));
    let (trust_domain, views) = (config.trust_domain.clone(), registrar.view());
    let publisher = tasks.spawn(forever(publish::publish(trust_domain, views, published)));
    (AdsServer::new(receiver), publisher)
}

async fn watch_views(mut views: watch::Receiver<Arc<View>>, metrics: Metrics) -> Result<(), Error> {
    loop {
        let view = views.borrow_and_update().clone();
        metrics.registry(&view);
        if views.changed().await.is_err() {
            return Ok(());
        }
    }
}

async fn watch_clients(ads: AdsServer, metrics: Metrics, audit: Audit) -> Result<(), Error> {
    let mut changes = ads.changes();
    loop {
        for [workload, node, kind, reason] in metrics.clients(&ads.clients()) {
            let message = format!("{node} refused a {kind}: {reason}");
            audit.record(AuditKind::XdsNack, workload.parse().ok(), message);
        }
        if changes.changed().await.is_err() {
            return Ok(());
        }
    }
}

fn listen(what: &'static str, address: SocketAddr) -> Result<TcpListener, Error> {
    transport::listen(address)
        .and_then(TcpListener::from_std)
        .map_err(|source| not_listening(what, address, source))
}

fn not_listening(what: &'static str, address: SocketAddr, source: std::io::Error) -> Error {
    Error::Listen { what, address, source }
}

async fn forever(task: impl Future<Output = ()>) -> Result<(), Error> {
    task.await;
    Ok(())
}
