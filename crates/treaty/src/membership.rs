//! What a process holds while it is part of the mesh. When the last mesh, server or channel that shares it
//! is dropped, the lease ends and so does everything in here.

use crate::{
    Config, Contracts,
    bootstrap::renewal::Renewal,
    contracts::Declared,
    control_plane::ControlPlane,
    registration::{Lease, Standing},
};
use parking_lot::Mutex;
use resource::ServerListener;
use stack::client::{Bar, Client, usage::Usage};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, OnceLock},
};
use telemetry::Telemetry;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use transport::HotIdentity;
use xds::{Node, client::AdsClient};

/// See above.
pub(crate) struct Membership {
    pub(crate) config: Config,
    pub(crate) contracts: Contracts,
    pub(crate) declared: Declared,
    pub(crate) identity: HotIdentity,
    pub(crate) telemetry: Telemetry,
    pub(crate) control: ControlPlane,
    pub(crate) lease: Lease,
    /// What keeps it from calling services that it was refused for.
    pub(crate) bars: BTreeMap<String, Bar>,
    /// Counts what this process calls.
    pub(crate) usage: Usage,
    /// Held, for it ends with this value.
    pub(crate) _renewal: Renewal,
    pub(crate) _metrics: Option<Metrics>,
    /// Opened when somebody needs it: an agent never does.
    pub(crate) ads: OnceLock<AdsClient>,
    /// By service: whoever asks twice shares the connections.
    pub(crate) channels: Mutex<BTreeMap<String, Client>>,
    /// Until a server takes it. Bound from the beginning, because the registration says where it is.
    pub(crate) listener: Mutex<Option<TcpListener>>,
    /// Where others reach it.
    pub(crate) address: Option<SocketAddr>,
}

impl Membership {
    pub(crate) fn ads(&self) -> &AdsClient {
        self.ads.get_or_init(|| {
            let Config { instance, locality, .. } = &self.config;
            let node = Node::treaty(self.identity.id().workload(), instance.clone(), locality.clone());
            let control = self.control.clone();
            AdsClient::spawn(move || control.ads(), node)
        })
    }

    pub(crate) fn client(&self, service: &str) -> Client {
        let mut channels = self.channels.lock();
        if let Some(client) = channels.get(service) {
            return client.clone();
        }
        let view = self.ads().watch_service(service);
        let (identity, telemetry) = (self.identity.clone(), self.telemetry.clone());
        let client = Client::counting(service, view, identity, telemetry, self.usage.clone());
        let client = client.behind(self.bars.get(service).cloned().unwrap_or_default());
        channels.insert(service.to_owned(), client.clone());
        client
    }

    /// The policy by which this process serves, from the moment it is admitted.
    pub(crate) fn policy(&self) -> Policy {
        let (policies, policy) = watch::channel(None);
        let (ads, standing) = (self.ads().clone(), self.lease.standing());
        Policy { policy, task: tokio::spawn(follow(ads, standing, policies)) }
    }
}

/// A policy, kept up to date as long as this value lives.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) policy: watch::Receiver<Option<Arc<ServerListener>>>,
    task: JoinHandle<()>,
}

impl Drop for Policy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Which Listener governs this process is the registry's answer; what it says comes by ADS.
async fn follow(
    ads: AdsClient,
    mut standing: watch::Receiver<Standing>,
    policies: watch::Sender<Option<Arc<ServerListener>>>,
) {
    let mut named = String::new();
    let mut resource = None;
    loop {
        if let Standing::Admitted { listener, .. } = &*standing.borrow_and_update()
            && *listener != named
        {
            named.clone_from(listener);
            resource = Some(ads.watch_listener(listener));
        }
        // A refusal, or a resource that is gone, takes no policy away: what is known stays in force.
        if let Some(known) = resource.as_mut().and_then(|resource| resource.borrow_and_update().clone()) {
            policies.send_replace(Some(known));
        }
        tokio::select! {
            changed = standing.changed() => if changed.is_err() { return },
            () = changed(resource.as_mut()) => {}
        }
    }
}

async fn changed(resource: Option<&mut watch::Receiver<Option<Arc<ServerListener>>>>) {
    let gone = match resource {
        Some(resource) => resource.changed().await.is_err(),
        None => true,
    };
    if gone {
        std::future::pending::<()>().await;
    }
}

/// The page with Prometheus metrics, shown as long as this value lives.
#[derive(Debug)]
pub(crate) struct Metrics(JoinHandle<()>);

impl Metrics {
    pub(crate) fn show(telemetry: &Telemetry, listener: TcpListener) -> Self {
        let telemetry = telemetry.clone();
        Self(tokio::spawn(async move { telemetry.serve_metrics(listener, std::future::pending()).await }))
    }
}

impl Drop for Metrics {
    fn drop(&mut self) {
        self.0.abort();
    }
}
