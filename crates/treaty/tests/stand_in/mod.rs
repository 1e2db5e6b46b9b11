//! A control plane that does what a test says, behind the real TLS: it issues and renews SVIDs, and lets the
//! test speak for the registry.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use contracts::treaty::v1::{
    IssueEdgeRequest, IssueEdgeResponse, IssueRequest, IssueResponse, RegisterRequest, RegisterResponse,
    RenewRequest, RenewResponse, Svid,
    identity_server::{Identity, IdentityServer},
};
use identity::{
    Authority, AuthorityKind, Csr, PrivateKey, SpiffeId, TrustBundle, TrustDomain, Validity, X509Svid,
    token::JoinToken,
};
use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};
use tonic::{Request, Response, Status, body::Body, service::Routes};
use tower::ServiceExt;
use transport::{ClientCertificates, HotIdentity, Material, ServeOptions};
use treaty::Config;

/// A trust domain, and the folder in which its files are.
pub(crate) struct World {
    folder: tempfile::TempDir,
    authority: Arc<Authority>,
    token: JoinToken,
    pub(crate) workload: SpiffeId,
    /// Of each SVID that is issued.
    pub(crate) ttl: Duration,
}

/// A control plane at work. Ends when dropped.
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    pub(crate) renewals: Arc<AtomicU32>,
    pub(crate) streams: mpsc::UnboundedReceiver<Stream>,
    server: JoinHandle<()>,
}

/// One registry stream.
pub(crate) struct Stream {
    pub(crate) from: tonic::Streaming<RegisterRequest>,
    pub(crate) to: mpsc::UnboundedSender<Result<RegisterResponse, Status>>,
}

impl World {
    pub(crate) fn new(workload: &str) -> Self {
        let domain: TrustDomain = "treaty.local".parse().unwrap();
        let authority = Authority::generate(AuthorityKind::Mesh, &domain, SystemTime::now()).unwrap();
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
            authority: Arc::new(authority),
            token: JoinToken::generate(),
            workload: SpiffeId::new(domain, workload.parse().unwrap()),
            ttl: Duration::from_secs(3600),
        };
        fs::write(world.path("bundle.pem"), world.bundle().to_pem()).unwrap();
        world.write_token(&world.token);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write_token(&self, token: &JoinToken) {
        let _ = fs::remove_file(self.path("token"));
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.path("token"));
        file.unwrap().set_permissions(fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(self.path("token"), token.expose()).unwrap();
    }

    pub(crate) fn config(&self, control: SocketAddr) -> Config {
        Config::new(control.to_string(), self.path("bundle.pem"), self.path("token"))
    }

    fn bundle(&self) -> TrustBundle {
        let domain = self.workload.trust_domain().clone();
        TrustBundle::new(domain, [self.authority.certificate_der().clone()]).unwrap()
    }

    fn issue(&self, csr: &[u8], id: &SpiffeId) -> X509Svid {
        let validity = Validity { now: SystemTime::now(), ttl: self.ttl };
        self.authority.issue_svid(csr, id, &[], validity).unwrap()
    }

    /// A control plane of this world.
    pub(crate) fn control_plane(&self, listener: TcpListener) -> StandIn {
        self.serve_as("treaty/control", listener)
    }

    /// Whoever it is, it has an SVID of this world.
    pub(crate) fn serve_as(&self, workload: &str, listener: TcpListener) -> StandIn {
        let address = listener.local_addr().unwrap();
        let id = SpiffeId::new(self.workload.trust_domain().clone(), workload.parse().unwrap());
        let key = PrivateKey::generate().unwrap();
        let own = Authority::from_der(
            self.authority.certificate_der().clone(),
            PrivateKey::from_der(self.authority.key_der()).unwrap(),
        );
        let svid = self.issue(Csr::new(&key).unwrap().der(), &id);
        let hot = HotIdentity::new(Material { svid, key, bundle: self.bundle() }).unwrap();
        let renewals = Arc::new(AtomicU32::new(0));
        let issuer = Issuer {
            authority: own.unwrap(),
            bundle: self.bundle(),
            workload: self.workload.clone(),
            ttl: self.ttl,
            token: self.token.clone(),
            renewals: renewals.clone(),
        };
        let (opened, streams) = mpsc::unbounded_channel();
        let routes = Routes::new(IdentityServer::new(issuer)).add_service(registry::server(opened)).prepare();
        let service = tower::service_fn(move |request: http::Request<hyper::body::Incoming>| {
            routes.clone().oneshot(request.map(Body::new))
        });
        let tls = hot.server_config(ClientCertificates::Optional);
        let server = tokio::spawn(async move {
            let (_trigger, drain) = transport::drain();
            transport::serve(listener, tls, service, ServeOptions::default(), drain).await;
        });
        StandIn { address, renewals, streams, server }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Issuer {
    authority: Authority,
    bundle: TrustBundle,
    workload: SpiffeId,
    ttl: Duration,
    token: JoinToken,
    renewals: Arc<AtomicU32>,
}

impl Issuer {
    fn svid(&self, csr: &[u8]) -> Result<Option<Svid>, Status> {
        let validity = Validity { now: SystemTime::now(), ttl: self.ttl };
        let svid = self.authority.issue_svid(csr, &self.workload, &[], validity);
        let svid = svid.map_err(|error| Status::invalid_argument(error.to_string()))?;
        Ok(Some(Svid {
            spiffe_id: svid.id.to_string(),
            chain: svid.chain.iter().map(|der| der.to_vec()).collect(),
            roots: self.bundle.roots().iter().map(|der| der.to_vec()).collect(),
            not_before: None,
            not_after: None,
        }))
    }
}

#[tonic::async_trait]
impl Identity for Issuer {
    async fn issue(&self, request: Request<IssueRequest>) -> Result<Response<IssueResponse>, Status> {
        let request = request.into_inner();
        if request.join_token != self.token.expose() {
            return Err(Status::unauthenticated("TOKEN_UNKNOWN: nobody made this token"));
        }
        Ok(Response::new(IssueResponse { svid: self.svid(&request.csr)? }))
    }

    async fn renew(&self, request: Request<RenewRequest>) -> Result<Response<RenewResponse>, Status> {
        let peer = request.extensions().get::<Arc<identity::Peer>>().cloned();
        if peer.and_then(|peer| peer.id.clone()).as_ref() != Some(&self.workload) {
            return Err(Status::unauthenticated("renewal needs the SVID"));
        }
        // One failure first: renewal must try again.
        if self.renewals.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(Status::failed_precondition("not now"));
        }
        Ok(Response::new(RenewResponse { svid: self.svid(&request.into_inner().csr)? }))
    }

    async fn issue_edge(&self, _: Request<IssueEdgeRequest>) -> Result<Response<IssueEdgeResponse>, Status> {
        Err(Status::unimplemented("not here"))
    }
}

mod registry {
    use super::Stream;
    use contracts::treaty::v1::{
        FetchDescriptorSetRequest, FetchDescriptorSetResponse, RegisterRequest, RegisterResponse,
        WatchContractsRequest, WatchContractsResponse,
        registry_server::{Registry, RegistryServer},
    };
    use tokio::sync::mpsc;
    use tokio_stream::wrappers::{ReceiverStream, UnboundedReceiverStream};
    use tonic::{Request, Response, Status, Streaming};

    pub(super) struct Told(mpsc::UnboundedSender<Stream>);

    pub(super) fn server(opened: mpsc::UnboundedSender<Stream>) -> RegistryServer<Told> {
        RegistryServer::new(Told(opened))
    }

    #[tonic::async_trait]
    impl Registry for Told {
        type RegisterStream = UnboundedReceiverStream<Result<RegisterResponse, Status>>;
        type WatchContractsStream = ReceiverStream<Result<WatchContractsResponse, Status>>;

        async fn register(
            &self,
            request: Request<Streaming<RegisterRequest>>,
        ) -> Result<Response<Self::RegisterStream>, Status> {
            let (to, answers) = mpsc::unbounded_channel();
            let _ = self.0.send(Stream { from: request.into_inner(), to });
            Ok(Response::new(UnboundedReceiverStream::new(answers)))
        }

        async fn watch_contracts(
            &self,
            _: Request<WatchContractsRequest>,
        ) -> Result<Response<Self::WatchContractsStream>, Status> {
            Err(Status::unimplemented("not here"))
        }

        async fn fetch_descriptor_set(
            &self,
            _: Request<FetchDescriptorSetRequest>,
        ) -> Result<Response<FetchDescriptorSetResponse>, Status> {
            Err(Status::unimplemented("not here"))
        }
    }
}
