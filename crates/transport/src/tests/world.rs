//! A small world on loopback: one or more authorities, a server, callers.

use crate::{
    ConnectError, ConnectOptions, Connection, DrainTrigger, Material, SendError, ServeOptions, drain, listen,
    serve, share,
};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use identity::{
    Authority, AuthorityKind, Csr, Peer, PrivateKey, SpiffeId, TrustBundle, TrustDomain, Validity, X509Svid,
};
use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};
use tokio::{sync::Mutex, task::JoinHandle};

pub(super) const HOUR: Duration = Duration::from_secs(3600);
pub(super) type Body = Empty<Bytes>;

pub(super) fn domain() -> TrustDomain {
    "treaty.local".parse().unwrap()
}

pub(super) fn id(workload: &str) -> SpiffeId {
    SpiffeId::new(domain(), workload.parse().unwrap())
}

pub(super) fn authority() -> Authority {
    Authority::generate(AuthorityKind::Mesh, &domain(), SystemTime::now()).unwrap()
}

pub(super) fn bundle(roots: &[&Authority]) -> TrustBundle {
    TrustBundle::new(domain(), roots.iter().map(|root| root.certificate_der().clone())).unwrap()
}

pub(super) fn issue(authority: &Authority, id: &SpiffeId, validity: Validity) -> (X509Svid, PrivateKey) {
    let key = PrivateKey::generate().unwrap();
    let csr = Csr::new(&key).unwrap();
    (authority.issue_svid(csr.der(), id, &[], validity).unwrap(), key)
}

/// Fresh material of `workload`, signed by `authority`, that believes `roots`.
pub(super) fn material(authority: &Authority, workload: &str, roots: &[&Authority]) -> Material {
    let validity = Validity { now: SystemTime::now(), ttl: HOUR };
    let (svid, key) = issue(authority, &id(workload), validity);
    Material { svid, key, bundle: bundle(roots) }
}

pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) trigger: DrainTrigger,
    pub(super) served: JoinHandle<()>,
}

/// Answers each request with the caller's SPIFFE ID.
pub(super) fn start(tls: Arc<rustls::ServerConfig>, options: ServeOptions) -> Running {
    start_with(tls, options, |request| async move { Response::new(Full::from(caller(&request))) })
}

pub(super) fn caller(request: &Request<Incoming>) -> String {
    let peer = request.extensions().get::<Arc<Peer>>().unwrap();
    peer.id.as_ref().map(ToString::to_string).unwrap_or_default()
}

pub(super) fn start_with<F, R, B>(tls: Arc<rustls::ServerConfig>, options: ServeOptions, answer: F) -> Running
where
    F: Fn(Request<Incoming>) -> R + Clone + Send + 'static,
    R: Future<Output = Response<B>> + Send + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let (trigger, drain) = drain();
    let service = tower::service_fn(move |request| {
        let answered = answer(request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let served = tokio::spawn(serve(share(&listener).unwrap(), tls, service, options, drain));
    Running { address, trigger, served }
}

pub(super) fn request() -> Request<Body> {
    Request::post("http://mesh/test.v1.Test/Call").body(Empty::new()).unwrap()
}

pub(super) async fn text(response: Response<crate::ResponseBody>) -> Result<String, hyper::Error> {
    let body = response.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

pub(super) async fn open(
    address: SocketAddr,
    tls: Arc<rustls::ClientConfig>,
) -> Result<Connection<Body>, ConnectError> {
    Connection::open(address, tls, &ConnectOptions::default()).await
}

/// One connection at a time, shared between calls, replaced when it has ended; requests that were certainly not
/// processed are sent again.
pub(super) struct Caller {
    address: SocketAddr,
    tls: Arc<rustls::ClientConfig>,
    current: Mutex<Option<Connection<Body>>>,
    opened: AtomicU32,
}

impl Caller {
    pub(super) fn new(address: SocketAddr, tls: Arc<rustls::ClientConfig>) -> Arc<Self> {
        Arc::new(Self { address, tls, current: Mutex::new(None), opened: AtomicU32::new(0) })
    }

    /// How many connections it took.
    pub(super) fn opened(&self) -> u32 {
        self.opened.load(Ordering::Relaxed)
    }

    async fn connection(&self) -> Connection<Body> {
        let mut current = self.current.lock().await;
        match &*current {
            Some(connection) if !connection.is_closed() => connection.clone(),
            _ => {
                self.opened.fetch_add(1, Ordering::Relaxed);
                let fresh = open(self.address, Arc::clone(&self.tls)).await.unwrap();
                current.insert(fresh).clone()
            }
        }
    }

    /// The answer, and how often it was sent again.
    pub(super) async fn call(&self) -> Result<(String, u32), Box<dyn std::error::Error>> {
        let mut again = 0;
        loop {
            match self.connection().await.send(request()).await {
                Ok(response) => return Ok((text(response).await?, again)),
                Err(SendError { not_processed: true, .. }) => again += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}
