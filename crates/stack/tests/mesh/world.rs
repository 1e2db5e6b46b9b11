//! A small mesh: an authority, providers on loopback, consumers, one contract.

use crate::echo::Echo;
use contract::Contract;
use identity::{
    Authority, AuthorityKind, Csr, PrivateKey, SpiffeId, TrustBundle, TrustDomain, Validity, WorkloadId,
};
use resource::{Instance, Locality, Served, ServerListener, ServiceView, World as Placement};
use stack::{client::Client, server::serve_stack};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};
use telemetry::Telemetry;
use tokio::{net::TcpListener, sync::watch, task::AbortHandle};
use transport::{ClientCertificates, DrainTrigger, HotIdentity, Material, ServeOptions};

pub(crate) const SOURCE: &str = include_str!("echo.proto");
pub(crate) const ECHO: &str = "echo.v1.Echo";
pub(crate) const CONSUMER: &str = "test/consumer";
pub(crate) const PROVIDER: &str = "test/echo";

pub(crate) struct World {
    authority: Authority,
    trust_domain: TrustDomain,
    contract: Contract,
    instances: Vec<Instance>,
    view: watch::Sender<Option<Arc<ServiceView>>>,
}

/// One instance. Dropped, it is killed.
pub(crate) struct Provider {
    pub(crate) address: SocketAddr,
    pub(crate) policy: watch::Sender<Option<Arc<ServerListener>>>,
    pub(crate) drain: Option<DrainTrigger>,
    task: AbortHandle,
}

impl Provider {
    /// As `kill -9`: connections break where they are.
    pub(crate) fn kill(&self) {
        self.task.abort();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.kill();
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(SOURCE)
    }

    /// With another contract, whose only file is `echo.proto`.
    pub(crate) fn with(source: &str) -> Self {
        let trust_domain: TrustDomain = "treaty.test".parse().unwrap();
        let authority = Authority::generate(AuthorityKind::Mesh, &trust_domain, SystemTime::now()).unwrap();
        let contract = Contract::read(testkit::descriptor_set(&[("echo.proto", source)])).unwrap();
        let view = watch::Sender::new(None);
        Self { authority, trust_domain, contract, instances: Vec::new(), view }
    }

    /// The descriptor set of its contract.
    pub(crate) fn set(&self) -> Arc<[u8]> {
        self.contract.bytes.clone()
    }

    pub(crate) fn identity(&self, workload: &str) -> HotIdentity {
        let id = SpiffeId::new(self.trust_domain.clone(), workload.parse().unwrap());
        let key = PrivateKey::generate().unwrap();
        let validity = Validity { now: SystemTime::now(), ttl: Duration::from_secs(3600) };
        let csr = Csr::new(&key).unwrap();
        let svid = self.authority.issue_svid(csr.der(), &id, &[], validity).unwrap();
        let roots = vec![self.authority.certificate_der().clone()];
        let bundle = TrustBundle::new(self.trust_domain.clone(), roots).unwrap();
        HotIdentity::new(Material { svid, key, bundle }).unwrap()
    }

    /// Starts an instance, and lets consumers know.
    pub(crate) async fn provider(&mut self, echo: Echo) -> Provider {
        self.provider_with(echo, ServeOptions::default()).await
    }

    pub(crate) async fn provider_with(&mut self, echo: Echo, options: ServeOptions) -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        self.place(address);
        let policy = watch::Sender::new(self.listener(address));
        let service = serve_stack(echo, policy.subscribe(), Telemetry::disabled());
        let tls = self.identity(PROVIDER).server_config(ClientCertificates::Optional);
        let (trigger, drain) = transport::drain();
        let serving = transport::serve(listener, tls, service, options, drain);
        let task = tokio::spawn(serving).abort_handle();
        Provider { address, policy, drain: Some(trigger), task }
    }

    /// Consumers will dial `address`, whoever listens there.
    pub(crate) fn place(&mut self, address: SocketAddr) {
        self.instances.push(Instance {
            workload: PROVIDER.parse().unwrap(),
            name: address.to_string(),
            address,
            locality: Locality::default(),
            serves: vec![ECHO.to_owned()],
            ready: true,
        });
        self.publish();
    }

    /// Takes an instance out of the consumers' sight.
    pub(crate) fn withdraw(&mut self, address: SocketAddr) {
        self.instances.retain(|instance| instance.address != address);
        self.publish();
    }

    fn publish(&self) {
        self.view.send_replace(self.snapshot().view(ECHO).map(Arc::new));
    }

    /// What the instance at `address` is to enforce.
    pub(crate) fn listener(&self, address: SocketAddr) -> Option<Arc<ServerListener>> {
        self.snapshot().server_listeners.get(&ServerListener::name_for(address)).cloned()
    }

    fn snapshot(&self) -> resource::Snapshot {
        let provider: WorkloadId = PROVIDER.parse().unwrap();
        let served = |service: &contract::Service| {
            (service.name.clone(), Served { service: service.clone(), provider: provider.clone() })
        };
        resource::compile(&Placement {
            trust_domain: self.trust_domain.clone(),
            services: self.contract.services.iter().map(served).collect(),
            instances: self.instances.clone(),
        })
    }

    pub(crate) fn view(&self) -> watch::Receiver<Option<Arc<ServiceView>>> {
        self.view.subscribe()
    }

    pub(crate) fn client(&self, workload: &str) -> Client {
        Client::new(ECHO, self.view(), self.identity(workload), Telemetry::disabled())
    }
}
