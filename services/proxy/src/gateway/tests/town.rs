//! A small mesh on loopback without a control plane: one provider of `shop.inventory.v1.Inventory`, one
//! gateway, one client outside.

use super::super::{
    directory::Directory,
    edge::{Shared, Views},
    follow::shown,
    health::Health,
    worker::Workers,
};
use contract::{Contract, schema::Schema};
use contracts::shop::inventory::v1::{
    CommitReservationRequest, CreateReservationRequest, DeliverStockRequest, DeliverStockResponse,
    GetReservationRequest, GetStockItemRequest, ListStockItemsRequest, ListStockItemsResponse,
    ReleaseReservationRequest, Reservation, StockItem, WatchStockRequest, WatchStockResponse,
    inventory_server::{Inventory, InventoryServer},
};
use http::{Request as HttpRequest, Response as HttpResponse};
use identity::{
    Authority, AuthorityKind, Csr, Name, PrivateKey, SpiffeId, TrustBundle, TrustDomain, Validity, WorkloadId,
};
use resource::{Instance, Locality, Served, ServiceView, World};
use stack::{
    client::usage::{Followed, Usage},
    validate::Rulebook,
};
use std::{
    collections::BTreeMap,
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};
use telemetry::Telemetry;
use tokio::{net::TcpListener, sync::watch, time::Instant};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status, Streaming, body::Body, service::Routes};
use tonic_types::{ErrorDetails, PreconditionViolation, StatusExt as _};
use tower_service::Service;
use transport::{
    ClientCertificates, ConnectOptions, Connection, HotCertificate, HotIdentity, Material, ResponseBody,
    ServeOptions,
};

pub(super) const INVENTORY: &str = "shop.inventory.v1.Inventory";
const CONTRACT: &[u8] = contracts::shop::inventory::v1::CONTRACT;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The whole of it. Dropping it ends everything.
pub(super) struct Town {
    pub(super) workers: Workers,
    pub(super) address: SocketAddr,
    pub(super) telemetry: Telemetry,
    pub(super) shared: Arc<Shared>,
    pub(super) view: watch::Sender<Option<Arc<ServiceView>>>,
    edge: Authority,
    _provider: transport::DrainTrigger,
}

impl Town {
    pub(super) async fn built() -> Self {
        let domain: TrustDomain = "treaty.local".parse().unwrap();
        let mesh = Authority::generate(AuthorityKind::Mesh, &domain, SystemTime::now()).unwrap();
        let contract = Arc::new(Contract::read(CONTRACT).unwrap());
        let (world, _provider) = provider(&mesh, &domain, &contract).await;
        let view = watch::Sender::new(resource::compile(&world).view(INVENTORY).map(Arc::new));
        let subscription = view.subscribe();
        let views: Views = Arc::new(move |_: &str| subscription.clone());
        let telemetry = Telemetry::from_env("treaty/gateway");
        let identity = identity_of(&mesh, &domain, "treaty/gateway");
        let shared = Arc::new(Shared::new(views, identity, telemetry.clone(), Usage::default()));
        let edge = Authority::generate(AuthorityKind::Edge, &domain, SystemTime::now()).unwrap();
        let listener = transport::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let workers = Workers::start(2, listener, &certificate(&edge).server_config(), &shared).unwrap();
        Self { workers, address, telemetry, shared, view, edge, _provider }
    }

    /// As when the control plane has said what is public.
    pub(super) async fn published(self) -> (Self, Health) {
        let contract = Arc::new(Contract::read(CONTRACT).unwrap());
        let schema = Schema::read(CONTRACT).unwrap();
        let followed = Followed { service: INVENTORY, contract: &contract, schema: Some(&schema) };
        self.shared.usage.follow([followed]);
        let listed = BTreeMap::from([(INVENTORY.to_owned(), contract)]);
        self.shared.reflection.swap(shown(&listed));
        let rulebook = Rulebook::read([CONTRACT]).unwrap();
        let directory = Arc::new(Directory::new(&listed, &rulebook, &self.shared.usage));
        self.shared.directory.store(Some(directory.clone()));
        let mut health = Health::new(self.shared.reporter.clone(), self.shared.views.clone()).await;
        health.publish(directory.listed()).await;
        (self, health)
    }

    /// A client that believes the edge's authority.
    pub(super) async fn client(&self) -> Outside {
        self.client_with(&ConnectOptions::default()).await
    }

    pub(super) async fn client_with(&self, options: &ConnectOptions) -> Outside {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.edge.certificate_der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder =
            rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut tls = builder.unwrap().with_root_certificates(roots).with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let connection = Connection::open(self.address, Arc::new(tls), options).await.unwrap();
        Outside { connection }
    }

    pub(super) async fn drain(&mut self) {
        self.workers.drain(Instant::now() + Duration::from_secs(5)).await;
    }
}

fn validity() -> Validity {
    Validity { now: SystemTime::now(), ttl: DAY }
}

fn certificate(edge: &Authority) -> HotCertificate {
    let key = PrivateKey::generate().unwrap();
    let names = ["127.0.0.1".parse::<Name>().unwrap()];
    let chain = edge.issue_server(Csr::new(&key).unwrap().der(), &names, validity()).unwrap();
    HotCertificate::new(chain, &key).unwrap()
}

fn identity_of(mesh: &Authority, domain: &TrustDomain, workload: &str) -> HotIdentity {
    let key = PrivateKey::generate().unwrap();
    let id = SpiffeId::new(domain.clone(), workload.parse().unwrap());
    let svid = mesh.issue_svid(Csr::new(&key).unwrap().der(), &id, &[], validity()).unwrap();
    let bundle = TrustBundle::new(domain.clone(), [mesh.certificate_der().clone()]).unwrap();
    HotIdentity::new(Material { svid, key, bundle }).unwrap()
}

async fn provider(
    mesh: &Authority,
    domain: &TrustDomain,
    contract: &Contract,
) -> (World, transport::DrainTrigger) {
    let workload: WorkloadId = "shop/inventory".parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = Served { service: contract.service(INVENTORY).unwrap().clone(), provider: workload.clone() };
    let instance = Instance {
        workload: workload.clone(),
        name: "1".to_owned(),
        address,
        locality: Locality::default(),
        serves: vec![INVENTORY.to_owned()],
        ready: true,
    };
    let services = BTreeMap::from([(INVENTORY.to_owned(), served)]);
    let world = World { trust_domain: domain.clone(), services, instances: vec![instance] };
    let policy = resource::compile(&world).server_listeners.into_values().next();
    let (_, policy) = watch::channel(policy);
    let routes = Routes::new(InventoryServer::new(Stock)).prepare();
    let stack = stack::server::serve_stack(routes, policy, Telemetry::disabled());
    let tls = identity_of(mesh, domain, "shop/inventory").server_config(ClientCertificates::Required);
    let (trigger, drain) = transport::drain();
    tokio::spawn(transport::serve(listener, tls, stack, ServeOptions::default(), drain));
    (world, trigger)
}

/// One connection from outside, as a transport for tonic's clients.
#[derive(Clone)]
pub(super) struct Outside {
    connection: Connection<Body>,
}

impl Service<HttpRequest<Body>> for Outside {
    type Response = HttpResponse<ResponseBody>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: HttpRequest<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        *request.uri_mut() = format!("https://localhost{path}").parse().unwrap();
        let mut connection = self.connection.clone();
        Box::pin(async move {
            connection.send(request).await.map_err(|error| io::Error::other(error.source.to_string()))
        })
    }
}

/// A provider that answers with what it was asked, so that tests see what arrived.
struct Stock;

type Watched = Pin<Box<dyn Stream<Item = Result<WatchStockResponse, Status>> + Send>>;

#[tonic::async_trait]
impl Inventory for Stock {
    async fn get_stock_item(
        &self,
        request: Request<GetStockItemRequest>,
    ) -> Result<Response<StockItem>, Status> {
        let (metadata, _, GetStockItemRequest { name }) = request.into_parts();
        if name == "stockItems/none" {
            let mut status =
                Status::with_details(tonic::Code::NotFound, "no `none`: 0 of it", vec![8, 5, 1].into());
            status.metadata_mut().insert("x-shelf", "7".parse().unwrap());
            return Err(status);
        }
        if let Some(size) = name.strip_prefix("stockItems/detailed-") {
            let violation = PreconditionViolation::new("MISSING", "x".repeat(size.parse().unwrap()), "");
            let details = ErrorDetails::with_precondition_failure(vec![violation]);
            return Err(Status::with_error_details(tonic::Code::NotFound, "no such items", details));
        }
        if name == "stockItems/slow" {
            std::future::pending::<()>().await;
        }
        // What arrived, in the only free text there is.
        let mut seen: Vec<_> =
            metadata.as_ref().iter().map(|(k, v)| format!("{k}={}", v.to_str().unwrap_or("?"))).collect();
        seen.sort();
        let mut response =
            Response::new(StockItem { name, product: seen.join("\n"), available: 3, ..StockItem::default() });
        response.metadata_mut().insert("x-initial", "1".parse().unwrap());
        Ok(response)
    }

    async fn list_stock_items(
        &self,
        _: Request<ListStockItemsRequest>,
    ) -> Result<Response<ListStockItemsResponse>, Status> {
        Ok(Response::new(ListStockItemsResponse::default()))
    }

    type WatchStockStream = Watched;

    async fn watch_stock(
        &self,
        request: Request<Streaming<WatchStockRequest>>,
    ) -> Result<Response<Watched>, Status> {
        let answers = request.into_inner().map(|request| {
            let product = request?.add.concat();
            if product == "unknown" {
                return Err(Status::not_found("`unknown` is not stocked"));
            }
            Ok(WatchStockResponse { stock_item: Some(StockItem { product, ..StockItem::default() }) })
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn deliver_stock(
        &self,
        request: Request<Streaming<DeliverStockRequest>>,
    ) -> Result<Response<DeliverStockResponse>, Status> {
        let parcels: Vec<_> = request.into_inner().collect::<Result<_, _>>().await?;
        let quantity = parcels.iter().map(|parcel| i64::from(parcel.quantity)).sum();
        let parcels = i32::try_from(parcels.len()).unwrap();
        Ok(Response::new(DeliverStockResponse { parcels, quantity, stock_items: Vec::new() }))
    }

    async fn create_reservation(
        &self,
        _: Request<CreateReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        Err(Status::internal("reached although it is not public"))
    }

    async fn get_reservation(
        &self,
        _: Request<GetReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        Err(Status::internal("reached although it is not public"))
    }

    async fn commit_reservation(
        &self,
        _: Request<CommitReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        Err(Status::internal("reached although it is not public"))
    }

    async fn release_reservation(
        &self,
        _: Request<ReleaseReservationRequest>,
    ) -> Result<Response<Reservation>, Status> {
        Err(Status::internal("reached although it is not public"))
    }
}
