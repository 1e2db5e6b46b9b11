//! The same over real sockets, without TLS: the peer is put where the serve loop would put it.

use crate::{
    Node, Published,
    client::AdsClient,
    fixture::{CATALOG, Mesh, listener_name},
    server::AdsServer,
};
use identity::Peer;
use resource::{Locality, ServiceView};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    time,
};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request,
    transport::{Channel, Endpoint, Server},
};

/// A control plane that listens, until it is dropped.
struct Plane {
    address: SocketAddr,
    publish: watch::Sender<Arc<Published>>,
    ads: AdsServer,
    stop: Option<oneshot::Sender<()>>,
    stopped: tokio::task::JoinHandle<()>,
}

impl Plane {
    async fn start(mesh: &Mesh, address: SocketAddr, workload: Option<&str>) -> Self {
        let (publish, published) = watch::channel(mesh.publish());
        let ads = AdsServer::new(published);
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let id =
            workload.map(|w| format!("spiffe://treaty.local/ns/{}", w.replace('/', "/sa/")).parse().unwrap());
        let peer = Arc::new(Peer { id, address });
        let service = tonic::service::interceptor::InterceptedService::new(
            ads.clone().into_service(),
            move |mut request: Request<()>| {
                request.extensions_mut().insert(Arc::clone(&peer));
                Ok(request)
            },
        );
        let (stop, stopping) = oneshot::channel::<()>();
        let serving =
            Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener));
        // Not gracefully: as if it was killed.
        let stopped = tokio::spawn(async move {
            tokio::select! {
                served = serving => served.unwrap(),
                _ = stopping => {}
            }
        });
        Self { address, publish, ads, stop: Some(stop), stopped }
    }

    async fn stop(mut self) {
        drop(self.stop.take());
        self.stopped.await.unwrap();
    }
}

fn client(address: SocketAddr) -> AdsClient {
    let connect =
        move || -> Channel { Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy() };
    AdsClient::spawn(connect, Node::treaty(&"shop/orders".parse().unwrap(), "orders-1", Locality::default()))
}

/// Waits until `ready` holds; ten seconds are for ever.
async fn until<T: Clone>(receiver: &mut watch::Receiver<T>, ready: impl FnMut(&T) -> bool) -> T {
    let waiting = time::timeout(Duration::from_secs(10), receiver.wait_for(ready));
    waiting.await.expect("in time").expect("the sender lives").clone()
}

fn ports(view: &Option<Arc<ServiceView>>) -> Vec<u16> {
    let clusters = view.iter().flat_map(|view| view.clusters.values());
    clusters.flat_map(|(_, set)| &set.endpoints).map(|endpoint| endpoint.address.port()).collect()
}

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

#[tokio::test]
async fn a_view_arrives_follows_and_outlives_the_control_plane() {
    let mut mesh = Mesh::new();
    mesh.place(CATALOG, 4001);
    let plane = Plane::start(&mesh, ANY, Some("shop/orders")).await;
    let address = plane.address;
    let client = client(address);
    let mut view = client.watch_service(CATALOG);
    until(&mut view, |view| ports(view) == [4001]).await;

    mesh.place(CATALOG, 4002);
    plane.publish.send_replace(mesh.publish());
    until(&mut view, |view| ports(view) == [4001, 4002]).await;

    let mut changes = plane.ads.changes();
    let acked = |ads: &AdsServer| {
        ads.clients().iter().any(|client| {
            client.node == "orders-1"
                && client.types.len() == 4
                && client.types.iter().all(|state| state.acked_version == state.sent_version)
        })
    };
    until(&mut changes, |_| acked(&plane.ads)).await;

    let mut connected = client.connected();
    plane.stop().await;
    until(&mut connected, |connected| !connected).await;
    assert_eq!(ports(&view.borrow()), [4001, 4002]);

    mesh.displace(4001);
    let plane = Plane::start(&mesh, address, Some("shop/orders")).await;
    until(&mut view, |view| ports(view) == [4002]).await;
    drop((client, view));
    let mut changes = plane.ads.changes();
    until(&mut changes, |_| plane.ads.clients().is_empty()).await;
}

#[tokio::test]
async fn what_is_watched_later_is_asked_for_on_the_same_stream() {
    let mut mesh = Mesh::new();
    mesh.place(CATALOG, 4001);
    mesh.see("shop/catalog", CATALOG);
    let plane = Plane::start(&mesh, ANY, Some("shop/catalog")).await;
    let client = client(plane.address);
    let mut listener = client.watch_listener(&listener_name(4001));
    until(&mut listener, Option::is_some).await;
    let mut view = client.watch_service(CATALOG);
    until(&mut view, |view| ports(view) == [4001]).await;
    assert_eq!(plane.ads.clients().len(), 1);
    // Who comes later gets what is there.
    assert!(client.watch_service(CATALOG).borrow().is_some());
}

#[tokio::test]
async fn a_caller_without_a_certificate_is_refused() {
    use envoy_types::pb::envoy::service::discovery::v3::{
        DiscoveryRequest, aggregated_discovery_service_client::AggregatedDiscoveryServiceClient,
    };
    let plane = Plane::start(&Mesh::new(), ANY, None).await;
    let channel = Endpoint::from_shared(format!("http://{}", plane.address)).unwrap().connect_lazy();
    let mut client = AggregatedDiscoveryServiceClient::new(channel);
    let requests = || tokio_stream::iter([DiscoveryRequest::default()]);
    let refused = client.stream_aggregated_resources(requests()).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unauthenticated);
    assert!(plane.ads.clients().is_empty());
    let delta = client.delta_aggregated_resources(tokio_stream::iter([])).await.unwrap_err();
    assert_eq!(delta.code(), tonic::Code::Unimplemented);
    assert!(delta.message().contains("state of the world"), "{}", delta.message());
}

#[tokio::test]
async fn a_client_that_does_not_introduce_itself_is_told_so() {
    use envoy_types::pb::envoy::service::discovery::v3::{
        DiscoveryRequest, aggregated_discovery_service_client::AggregatedDiscoveryServiceClient,
    };
    let plane = Plane::start(&Mesh::new(), ANY, Some("shop/orders")).await;
    let channel = Endpoint::from_shared(format!("http://{}", plane.address)).unwrap().connect_lazy();
    let request = DiscoveryRequest {
        type_url: crate::wire::type_url(resource::Kind::Listener).to_owned(),
        ..DiscoveryRequest::default()
    };
    let requests = tokio_stream::StreamExt::chain(tokio_stream::iter([request]), tokio_stream::pending());
    let mut responses =
        AggregatedDiscoveryServiceClient::new(channel).stream_aggregated_resources(requests).await.unwrap();
    let refused = responses.get_mut().message().await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    assert!(refused.message().contains("node"), "{}", refused.message());
}
