//! The gateway as clients from outside see it.

mod town;

use super::{Error, Gateway};
use bytes::Bytes;
use contracts::shop::inventory::v1::{
    DeliverStockRequest, GetReservationRequest, GetStockItemRequest, WatchStockRequest, WatchStockResponse,
    inventory_client::InventoryClient,
};
use http::{Request as HttpRequest, StatusCode};
use http_body::Frame;
use http_body_util::BodyExt as _;
use prost::Message as _;
use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::mpsc;
use tokio_stream::{StreamExt as _, wrappers::UnboundedReceiverStream};
use tonic::{Code, Request, Status, body::Body};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt as _;
use tower_service::Service as _;
use town::{INVENTORY, Town};
use transport::ConnectOptions;

fn get(name: &str) -> GetStockItemRequest {
    GetStockItemRequest { name: name.to_owned() }
}

/// Reason and metadata of a failure that the mesh made.
fn explained(status: &Status) -> (String, HashMap<String, String>) {
    let info = status.get_details_error_info().unwrap_or_else(|| panic!("not the mesh's: {status:?}"));
    assert_eq!(info.domain, "treaty");
    (info.reason, info.metadata)
}

#[tokio::test]
async fn a_unary_call_arrives_without_what_could_be_spoofed() {
    let (town, _health) = Town::built().await.published().await;
    let mut client = InventoryClient::new(town.client().await);
    let mut request = Request::new(get("stockItems/beans"));
    for (key, value) in [
        ("x-treaty-caller", "treaty/admin"),
        ("x-forwarded-client-cert", "URI=spiffe://treaty.local/ns/treaty/sa/admin"),
        ("authorization", "Bearer of"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("tracestate", "vendor=1"),
        ("grpc-timeout", "60S"),
    ] {
        request.metadata_mut().insert(key, value.parse().unwrap());
    }
    let response = client.get_stock_item(request).await.unwrap();
    assert_eq!(response.metadata().get("x-initial").unwrap(), "1");
    let seen = response.into_inner().product;
    for absent in ["x-treaty", "x-forwarded"] {
        assert!(!seen.contains(absent), "{seen}");
    }
    for present in
        ["authorization=Bearer of", "traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-", "tracestate=vendor=1"]
    {
        assert!(seen.contains(present), "{seen}");
    }
    // The contract allows three seconds, whatever the caller asks for.
    let timeout = seen.lines().find_map(|line| line.strip_prefix("grpc-timeout=")).unwrap();
    assert!(!timeout.ends_with('S') || timeout < "4S", "{timeout}");
}

#[tokio::test]
async fn an_applications_own_status_is_untouched() {
    let (town, _health) = Town::built().await.published().await;
    let status =
        InventoryClient::new(town.client().await).get_stock_item(get("stockItems/none")).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, "no `none`: 0 of it"));
    assert_eq!(status.details(), [8, 5, 1]);
    assert_eq!(status.metadata().get("x-shelf").unwrap(), "7");
}

/// Streams of several clients, opened through the gateway's shared connections.
async fn watching(
    town: &Town,
) -> Vec<(mpsc::UnboundedSender<WatchStockRequest>, tonic::Streaming<WatchStockResponse>)> {
    let mut watches = Vec::new();
    for _ in 0..20 {
        let mut client = InventoryClient::new(town.client().await);
        let (ask, asked) = mpsc::unbounded_channel();
        ask.send(WatchStockRequest { add: vec!["beans".to_owned()], remove: Vec::new() }).unwrap();
        let mut told = client.watch_stock(UnboundedReceiverStream::new(asked)).await.unwrap().into_inner();
        told.message().await.unwrap().unwrap();
        watches.push((ask, told));
    }
    watches
}

/// A request as most clients send their streams: its end comes by itself, as a frame of nothing.
struct EndsEmpty(VecDeque<Bytes>);

impl http_body::Body for EndsEmpty {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

/// HTTP/2 peers take a hundred frames of nothing for a flood, and end the connection.
#[tokio::test]
async fn hundreds_of_streams_may_end_on_one_connection() {
    let (town, _health) = Town::built().await.published().await;
    let mut client = town.client().await;
    let asked = WatchStockRequest { add: vec!["beans".to_owned()], remove: Vec::new() }.encode_to_vec();
    let mut message = vec![0];
    message.extend(u32::try_from(asked.len()).unwrap().to_be_bytes());
    message.extend(asked);
    for call in 0..250 {
        let body = EndsEmpty([Bytes::from(message.clone()), Bytes::new()].into());
        let request = HttpRequest::post("https://localhost/shop.inventory.v1.Inventory/WatchStock")
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Body::new(body))
            .unwrap();
        let answer = client.call(request).await.unwrap().into_body().collect().await.unwrap();
        let trailers = answer.trailers().unwrap_or_else(|| panic!("call {call} has no status"));
        assert_eq!(trailers.get("grpc-status").unwrap(), "0", "call {call}: {trailers:?}");
    }
}

#[tokio::test]
async fn one_caller_with_too_much_metadata_harms_no_other() {
    let (town, _health) = Town::built().await.published().await;
    let mut watches = watching(&town).await;
    let careless = ConnectOptions { max_request_headers: u32::MAX, ..ConnectOptions::default() };
    for (size, told) in [(17_000, true), (31_000, true), (40_000, false), (70_000, false), (1_000_000, false)]
    {
        // A fresh connection each, several times, so that every worker gets some of it.
        for _ in 0..4 {
            let mut client = InventoryClient::new(town.client_with(&careless).await);
            let mut request = Request::new(get("stockItems/beans"));
            request.metadata_mut().insert("x-large", "x".repeat(size).parse().unwrap());
            let refused = client.get_stock_item(request).await.unwrap_err();
            if told {
                assert_eq!(refused.code(), Code::ResourceExhausted);
                assert_eq!(explained(&refused).0, "METADATA_TOO_LARGE");
            }
        }
    }
    for (ask, told) in &mut watches {
        ask.send(WatchStockRequest { add: vec!["filters".to_owned()], remove: Vec::new() }).unwrap();
        assert_eq!(told.message().await.unwrap().unwrap().stock_item.unwrap().product, "filters");
    }
}

#[tokio::test]
async fn a_status_is_shortened_for_who_takes_little_only() {
    let (town, _health) = Town::built().await.published().await;
    let modest = ConnectOptions { max_header_list_size: 8192, ..ConnectOptions::default() };
    for (options, whole) in [(ConnectOptions::default(), true), (modest, false)] {
        let mut client = InventoryClient::new(town.client_with(&options).await);
        let status = client.get_stock_item(get("stockItems/detailed-9000")).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::NotFound, "no such items"));
        assert_eq!(status.get_details_precondition_failure().is_some(), whole);
        assert_eq!(status.get_details_error_info().is_none(), whole);
    }
}

#[tokio::test]
async fn what_is_forwarded_is_counted_by_every_worker_in_one_place() {
    let (town, _health) = Town::built().await.published().await;
    for _ in 0..5 {
        let mut client = InventoryClient::new(town.client().await);
        client.get_stock_item(get("stockItems/beans")).await.unwrap();
    }
    let product = "products/espresso-beans".to_owned();
    let parcel = DeliverStockRequest { product, quantity: 3, ..DeliverStockRequest::default() };
    let parcels = tokio_stream::iter([parcel]);
    InventoryClient::new(town.client().await).deliver_stock(parcels).await.unwrap();
    let hidden = GetReservationRequest { name: "reservations/1".to_owned() };
    InventoryClient::new(town.client().await).get_reservation(hidden).await.unwrap_err();
    let used = town.shared.usage.take().into_iter();
    let used: Vec<_> =
        used.map(|used| (used.method, used.calls, used.written.into_iter().collect::<Vec<_>>())).collect();
    let called = |method: &str, calls, paths: &[u32]| {
        (format!("{INVENTORY}/{method}"), calls, paths.iter().map(|number| vec![*number]).collect::<Vec<_>>())
    };
    assert_eq!(used, [called("DeliverStock", 1, &[1, 2]), called("GetStockItem", 5, &[1])]);
}

#[tokio::test]
async fn client_streams_pass() {
    let (town, _health) = Town::built().await.published().await;
    let mut client = InventoryClient::new(town.client().await);
    let parcels = (1..=300).map(|quantity| DeliverStockRequest {
        product: "products/espresso-beans".to_owned(),
        quantity,
        ..DeliverStockRequest::default()
    });
    let booked = client.deliver_stock(tokio_stream::iter(parcels)).await.unwrap().into_inner();
    assert_eq!((booked.parcels, booked.quantity), (300, 45_150));
}

#[tokio::test]
async fn both_directions_stream_at_once_and_end_with_trailers() {
    let (town, _health) = Town::built().await.published().await;
    let mut client = InventoryClient::new(town.client().await);
    let (ask, asked) = mpsc::unbounded_channel();
    let say = |product: &str| {
        ask.send(WatchStockRequest { add: vec![product.to_owned()], remove: Vec::new() }).unwrap();
    };
    say("beans");
    let mut told = client.watch_stock(UnboundedReceiverStream::new(asked)).await.unwrap().into_inner();
    for product in ["beans", "filters"] {
        let item = told.message().await.unwrap().unwrap().stock_item.unwrap();
        assert_eq!(item.product, product);
        // Each question only after the answer before: nothing is held back on the way.
        say(if product == "beans" { "filters" } else { "unknown" });
    }
    let status = told.message().await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::NotFound, "`unknown` is not stocked"));
}

#[tokio::test]
async fn what_is_not_public_says_so_and_where() {
    let (town, _health) = Town::built().await.published().await;
    let mut client = InventoryClient::new(town.client().await);
    let status = client.get_reservation(GetReservationRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert!(
        status.message().contains("/shop.inventory.v1.Inventory/GetReservation exists, but is not public")
    );
    let (reason, metadata) = explained(&status);
    assert_eq!(reason, "METHOD_NOT_PUBLIC");
    assert_eq!(metadata["method"], "/shop.inventory.v1.Inventory/GetReservation");
    assert!(metadata["origin"].starts_with("shop/inventory/v1/inventory.proto:"), "{metadata:?}");
    assert!(metadata["remedy"].contains("public: true"), "{metadata:?}");
}

#[tokio::test]
async fn what_does_not_exist_is_named() {
    let (town, _health) = Town::built().await.published().await;
    let mut grpc = tonic::client::Grpc::new(town.client().await);
    for (path, expected) in [
        ("/shop.inventory.v1.Inventory/Nope", "it has GetStockItem, "),
        ("/treaty.v1.Admin/ReadStatus", "no public contract of this mesh declares it"),
        ("/grpc.health.v1.Health/Nope", "no public contract of this mesh declares it"),
    ] {
        grpc.ready().await.unwrap();
        let codec = tonic_prost::ProstCodec::<GetStockItemRequest, GetStockItemRequest>::default();
        let status = grpc.unary(Request::new(get("")), path.parse().unwrap(), codec).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented);
        assert!(status.message().contains(path) && status.message().contains(expected), "{status:?}");
        assert_eq!(explained(&status).0, "METHOD_UNKNOWN");
    }
}

#[tokio::test]
async fn before_the_control_plane_has_spoken_nothing_is_claimed() {
    let town = Town::built().await;
    let status =
        InventoryClient::new(town.client().await).get_stock_item(get("stockItems/beans")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(explained(&status).0, "POLICY_NOT_READY");
}

#[tokio::test]
async fn what_is_not_grpc_is_415() {
    let (town, _health) = Town::built().await.published().await;
    let request = HttpRequest::get(format!("https://{}/", town.address)).body(Body::empty()).unwrap();
    let response = town.client().await.call(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn health_follows_the_endpoints() {
    let (town, mut health) = Town::built().await.published().await;
    let mut client = HealthClient::new(town.client().await);
    let of = |service: &str| HealthCheckRequest { service: service.to_owned() };
    let mut overall = client.watch(of("")).await.unwrap().into_inner();
    assert_eq!(overall.message().await.unwrap().unwrap().status, 1);
    let mut inventory = client.watch(of(INVENTORY)).await.unwrap().into_inner();
    let mut serving = async |wanted: i32| {
        while inventory.message().await.unwrap().unwrap().status != wanted {}
    };
    serving(1).await;
    town.view.send_replace(None);
    serving(2).await;
    health.end().await;
    while overall.message().await.unwrap().unwrap().status != 2 {}
    assert_eq!(client.check(of("no.Such")).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn reflection_lists_what_is_public() {
    use tonic_reflection::pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let (town, _health) = Town::built().await.published().await;
    let mut client = ServerReflectionClient::new(town.client().await);
    let list = MessageRequest::ListServices(String::new());
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(list) };
    let mut answers =
        client.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
    let Some(MessageResponse::ListServicesResponse(list)) =
        answers.next().await.unwrap().unwrap().message_response
    else {
        panic!("a list")
    };
    let names: Vec<_> = list.service.iter().map(|service| service.name.as_str()).collect();
    assert!(names.contains(&INVENTORY) && names.contains(&"grpc.health.v1.Health"), "{names:?}");
}

#[tokio::test]
async fn calls_are_measured_by_method_and_outcome() {
    let (mut town, _health) = Town::built().await.published().await;
    let mut client = InventoryClient::new(town.client().await);
    client.get_stock_item(get("stockItems/beans")).await.unwrap();
    client.get_stock_item(get("stockItems/none")).await.unwrap_err();
    client.get_reservation(GetReservationRequest::default()).await.unwrap_err();
    town.drain().await;
    let text = town.telemetry.metrics_text();
    let server = "rpc_server_call_duration_seconds_count{rpc_system_name=\"grpc\",";
    for line in [
        format!(
            r#"{server}rpc_method="shop.inventory.v1.Inventory/GetStockItem",treaty_caller="anonymous",rpc_response_status_code="OK"}} 1"#
        ),
        format!(
            r#"{server}rpc_method="shop.inventory.v1.Inventory/GetStockItem",treaty_caller="anonymous",rpc_response_status_code="NOT_FOUND"}} 1"#
        ),
        format!(
            r#"{server}rpc_method="_OTHER",treaty_caller="anonymous",rpc_response_status_code="UNIMPLEMENTED",error_type="METHOD_NOT_PUBLIC"}} 1"#
        ),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn a_drain_lets_calls_finish_and_refuses_new_connections() {
    let (mut town, _health) = Town::built().await.published().await;
    let mut client = InventoryClient::new(town.client().await);
    let (ask, asked) = mpsc::unbounded_channel();
    ask.send(WatchStockRequest { add: vec!["beans".to_owned()], remove: Vec::new() }).unwrap();
    let mut told = client.watch_stock(UnboundedReceiverStream::new(asked)).await.unwrap().into_inner();
    told.message().await.unwrap().unwrap();
    let address = town.address;
    let drained = tokio::spawn(async move { town.drain().await });
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    ask.send(WatchStockRequest { add: vec!["filters".to_owned()], remove: Vec::new() }).unwrap();
    assert_eq!(told.message().await.unwrap().unwrap().stock_item.unwrap().product, "filters");
    drop(ask);
    assert!(told.message().await.unwrap().is_none());
    drained.await.unwrap();
}

#[tokio::test]
async fn a_deadline_ends_a_call() {
    let (town, _health) = Town::built().await.published().await;
    let mut request = Request::new(get("stockItems/slow"));
    request.set_timeout(Duration::from_millis(50));
    let status = InventoryClient::new(town.client().await).get_stock_item(request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_taken_port_is_told_before_anything_else_happens() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = super::Listen::At(taken.local_addr().unwrap());
    let mesh = treaty::Config::new("127.0.0.1:1", "/none".into(), "/none".into());
    let error = Gateway::start(super::Config { listen, mesh, workers: 1 }).await.unwrap_err();
    assert!(matches!(error, Error::Listen { .. }));
    assert!(error.to_string().contains("something else listens there already"), "{error}");
}
