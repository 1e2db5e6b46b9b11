//! A control plane that does what a test says, behind the real TLS: it issues and renews SVIDs, and lets the
//! test speak for the registry.
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]
#![allow(dead_code, reason = "each suite uses its part")]

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
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tonic::{Request, Response, Status, body::Body, service::Routes};
use tower::ServiceExt;
use transport::{ClientCertificates, HotIdentity, Material, ServeOptions};
use treaty::Config;
use xds::{Published, server::AdsServer};

/// A trust domain, and the folder in which its files are.
pub(crate) struct World {
    folder: tempfile::TempDir,
    authority: Arc<Authority>,
    /// What each token proves.
    tokens: BTreeMap<String, SpiffeId>,
    pub(crate) workload: SpiffeId,
    /// Of each SVID that is issued.
    pub(crate) ttl: Duration,
}

/// A control plane at work. Ends when dropped.
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    pub(crate) renewals: Arc<AtomicU32>,
    pub(crate) streams: mpsc::UnboundedReceiver<Stream>,
    /// What ADS serves.
    pub(crate) published: watch::Sender<Arc<Published>>,
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
        let mut world = Self {
            folder: tempfile::tempdir().unwrap(),
            authority: Arc::new(authority),
            tokens: BTreeMap::new(),
            workload: SpiffeId::new(domain, workload.parse().unwrap()),
            ttl: Duration::from_secs(3600),
        };
        fs::write(world.path("bundle.pem"), world.bundle().to_pem()).unwrap();
        world.may_join(workload);
        fs::copy(world.token_of(workload), world.path("token")).unwrap();
        world
    }

    /// Makes a token for this workload too; before the control plane starts.
    pub(crate) fn may_join(&mut self, workload: &str) {
        let token = JoinToken::generate();
        let id = SpiffeId::new(self.workload.trust_domain().clone(), workload.parse().unwrap());
        self.tokens.insert(token.expose().to_owned(), id);
        write_token(&self.token_of(workload), &token);
    }

    fn token_of(&self, workload: &str) -> PathBuf {
        self.path(&workload.replace('/', "-"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write_token(&self, token: &JoinToken) {
        write_token(&self.path("token"), token);
    }

    /// How this workload joins.
    pub(crate) fn config_of(&self, workload: &str, control: SocketAddr) -> Config {
        Config::new(control.to_string(), self.path("bundle.pem"), self.token_of(workload))
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
            ttl: self.ttl,
            tokens: self.tokens.clone(),
            renewals: renewals.clone(),
        };
        let (opened, streams) = mpsc::unbounded_channel();
        let (published, publications) = watch::channel(Arc::default());
        let routes = Routes::new(IdentityServer::new(issuer))
            .add_service(registry::server(opened))
            .add_service(AdsServer::new(publications).into_service())
            .prepare();
        let service = tower::service_fn(move |request: http::Request<hyper::body::Incoming>| {
            routes.clone().oneshot(request.map(Body::new))
        });
        let tls = hot.server_config(ClientCertificates::Optional);
        let server = tokio::spawn(async move {
            let (_trigger, drain) = transport::drain();
            transport::serve(listener, tls, service, ServeOptions::default(), drain).await;
        });
        StandIn { address, renewals, streams, published, server }
    }
}

fn write_token(path: &Path, token: &JoinToken) {
    let _ = fs::remove_file(path);
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.unwrap().set_permissions(fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(path, token.expose()).unwrap();
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Issuer {
    authority: Authority,
    bundle: TrustBundle,
    ttl: Duration,
    tokens: BTreeMap<String, SpiffeId>,
    renewals: Arc<AtomicU32>,
}

impl Issuer {
    fn svid(&self, csr: &[u8], id: &SpiffeId) -> Result<Option<Svid>, Status> {
        let validity = Validity { now: SystemTime::now(), ttl: self.ttl };
        let svid = self.authority.issue_svid(csr, id, &[], validity);
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
        let unknown = || Status::unauthenticated("TOKEN_UNKNOWN: nobody made this token");
        let id = self.tokens.get(&request.join_token).ok_or_else(unknown)?;
        Ok(Response::new(IssueResponse { svid: self.svid(&request.csr, id)? }))
    }

    async fn renew(&self, request: Request<RenewRequest>) -> Result<Response<RenewResponse>, Status> {
        let peer = request.extensions().get::<Arc<identity::Peer>>().cloned();
        let id = peer.and_then(|peer| peer.id.clone());
        let id = id.ok_or_else(|| Status::unauthenticated("renewal needs the SVID"))?;
        // One failure first: renewal must try again.
        if self.renewals.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err(Status::failed_precondition("not now"));
        }
        Ok(Response::new(RenewResponse { svid: self.svid(&request.into_inner().csr, &id)? }))
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
