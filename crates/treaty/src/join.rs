//! Becoming part of the mesh.

use crate::{
    Config, ConfigError, Contracts, Mesh,
    bootstrap::{self, BootstrapError, renewal},
    contracts::{ContractsError, Declared},
    control_plane::{self, ControlPlane, ViewError},
    membership::{Membership, Metrics},
    registration::{self, Bars, Registrant},
};
use contract::{Contract, schema::Schema};
use contracts::treaty::v1;
use parking_lot::Mutex;
use resource::Locality;
use stack::client::usage::{Followed, Usage};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, OnceLock},
};
use telemetry::Telemetry;
use tokio::net::{TcpListener, UdpSocket};

/// Why a process could not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// A setting is missing or garbled.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A descriptor set is of no use.
    #[error(transparent)]
    Contracts(#[from] ContractsError),
    /// There is no identity.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// An address cannot be listened at.
    #[error("cannot listen at {address} (set by {variable}): {source}")]
    Listen {
        /// The wanted address.
        address: SocketAddr,
        /// The variable that says so.
        variable: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The control plane's own contract is broken in this build.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// Joins as the environment says ([`Config::from_env`]).
///
/// # Errors
/// As [`join_with`], or a setting is missing.
pub async fn join(contracts: impl Into<Contracts>) -> Result<Mesh, JoinError> {
    join_with(Config::from_env()?, contracts).await
}

/// Joins the mesh: gets an identity, opens the registry's stream, subscribes to what the contracts name.
/// Waits, and says so, while the control plane is away; a control plane that goes away later stops nothing.
///
/// # Errors
/// A descriptor set is of no use, the proof is refused, or an address is taken.
pub async fn join_with(config: Config, contracts: impl Into<Contracts>) -> Result<Mesh, JoinError> {
    let contracts = contracts.into();
    let declared = contracts.declared()?;
    // Before the token is spent: a taken port must not cost it.
    let listener =
        if declared.serves.is_empty() { None } else { Some(listen(config.listen, "TREATY_LISTEN").await?) };
    let metrics = match config.metrics {
        Some(address) => Some(listen(address, "TREATY_METRICS").await?),
        None => None,
    };
    let identity = bootstrap::identity(&config).await?;
    let workload = identity.id().workload().clone();
    tracing::info!(id = %identity.id(), instance = config.instance, "joined the mesh");
    let telemetry = Telemetry::from_env(&workload.to_string());
    let control = ControlPlane::new(&config.control, identity.clone(), telemetry.clone())?;
    let address = reachable(listener.as_ref(), &config.control).await;
    let metrics_address = reachable(metrics.as_ref(), &config.control).await;
    let registrant = Registrant::new(registration(&config, address, metrics_address), &declared);
    let usage = counting(&declared);
    let bars = Bars::new(workload.to_string(), declared.consumes.keys());
    Ok(Mesh::new(Membership {
        bars: bars.of(),
        lease: registration::spawn(control.clone(), registrant, bars, usage.clone(), config.usage_interval),
        _renewal: renewal::spawn(config.clone(), identity.clone(), control.clone()),
        _metrics: metrics.map(|listener| Metrics::show(&telemetry, listener)),
        ads: OnceLock::new(),
        channels: Mutex::default(),
        listener: Mutex::new(listener),
        address,
        config,
        contracts,
        declared,
        identity,
        telemetry,
        control,
        usage,
    }))
}

/// Calls of what is consumed are counted, by the consumer's own view of it.
fn counting(declared: &Declared) -> Usage {
    let read = |bytes: &Arc<[u8]>| Some((Contract::read(bytes.clone()).ok()?, Schema::read(bytes).ok()));
    let consumed: BTreeSet<_> = declared.consumes.values().collect();
    let sets = consumed.into_iter().filter_map(|digest| Some((digest, read(declared.sets.get(digest)?)?)));
    let sets: BTreeMap<_, _> = sets.collect();
    let usage = Usage::default();
    usage.follow(declared.consumes.iter().filter_map(|(service, digest)| {
        let (contract, schema) = sets.get(digest)?;
        Some(Followed { service, contract, schema: schema.as_ref() })
    }));
    usage
}

async fn listen(address: SocketAddr, variable: &'static str) -> Result<TcpListener, JoinError> {
    TcpListener::bind(address).await.map_err(|source| JoinError::Listen { address, variable, source })
}

/// Where others reach a listener. One that listens everywhere is reached at the address from which this
/// machine would speak to the control plane.
async fn reachable(listener: Option<&TcpListener>, control: &str) -> Option<SocketAddr> {
    let mut address = listener?.local_addr().ok()?;
    if address.ip().is_unspecified() {
        // The kernel's choice of a route is all that is wanted here; a failure leaves what is known.
        let own = own_address(address.ip(), control).await;
        address.set_ip(own.unwrap_or(Ipv4Addr::LOCALHOST.into()));
    }
    Some(address)
}

/// Connecting a datagram socket sends nothing, but chooses a source address.
async fn own_address(any: IpAddr, control: &str) -> Option<IpAddr> {
    let control = control_plane::resolve(control).await.ok()?;
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await.ok()?;
    for address in control {
        if socket.connect(address).await.is_ok() {
            return Some(socket.local_addr().ok()?.ip());
        }
    }
    None
}

/// Everything about this process but its contracts.
fn registration(
    config: &Config,
    address: Option<SocketAddr>,
    metrics: Option<SocketAddr>,
) -> v1::Registration {
    let text = |address: Option<SocketAddr>| address.map(|address| address.to_string()).unwrap_or_default();
    let Locality { region, zone } = config.locality.clone();
    v1::Registration {
        instance: config.instance.clone(),
        version: config.version.clone(),
        address: text(address),
        metrics_address: text(metrics),
        locality: Some(v1::Locality { region, zone }),
        ..v1::Registration::default()
    }
}
