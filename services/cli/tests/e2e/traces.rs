//! What a call leaves behind: one trace, counted calls, and never what is about a person.

use crate::{
    orders::order_of,
    support::{Mesh, PATIENCE, Setup},
};
use contracts::shop::orders::v1::{PlaceOrderRequest, orders_client::OrdersClient};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind},
};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, sync::Notify};
use tonic::{Request, Response, Status};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const SECRET: &str = "ada-who-must-not-be-named";

/// An OTLP receiver.
#[derive(Clone, Default)]
struct Receiver(Arc<Received>);

/// Spans, each with the name of its service.
#[derive(Default)]
struct Received {
    spans: Mutex<Vec<(String, Span)>>,
    more: Notify,
}

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for resource in request.into_inner().resource_spans {
            let attributes = resource.resource.unwrap_or_default().attributes;
            let service = text(&attributes, "service.name");
            let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            self.0.spans.lock().unwrap().extend(spans.map(|span| (service.clone(), span)));
        }
        self.0.more.notify_waiters();
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Receiver {
    async fn start() -> (Self, SocketAddr) {
        let receiver = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        let service = TraceServiceServer::new(receiver.clone());
        tokio::spawn(tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming));
        (receiver, address)
    }

    /// The spans of a trace, once there are as many.
    async fn trace(&self, id: &str, spans: usize) -> Vec<(String, Span)> {
        let collected = async {
            loop {
                let more = self.0.more.notified();
                let all = self.0.spans.lock().unwrap().clone();
                let of_trace: Vec<_> =
                    all.into_iter().filter(|(_, span)| hex(&span.trace_id) == id).collect();
                if of_trace.len() >= spans {
                    return of_trace;
                }
                more.await;
            }
        };
        match tokio::time::timeout(PATIENCE, collected).await {
            Ok(spans) => spans,
            Err(_) => panic!("of the trace there is only {:#?}", self.0.spans.lock().unwrap()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.clone()) {
        Some(Value::StringValue(text)) => text,
        _ => String::new(),
    }
}

fn traced(request: PlaceOrderRequest) -> Request<PlaceOrderRequest> {
    let mut request = Request::new(request);
    request.metadata_mut().insert("traceparent", format!("00-{TRACE}-{PARENT}-01").parse().unwrap());
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_is_one_trace_rightly_nested() {
    let (receiver, address) = Receiver::start().await;
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), format!("http://{address}")),
        ("OTEL_BSP_SCHEDULE_DELAY".to_owned(), "100".to_owned()),
    ];
    let mesh = Mesh::start_with(&Setup { env: env.to_vec(), ..Setup::default() });
    let mut request = order_of("products/espresso-beans", 1);
    let customer = request.order.as_mut().unwrap().customer.as_mut().unwrap();
    customer.email = format!("{SECRET}@example.com");
    customer.address = SECRET.to_owned();
    OrdersClient::new(mesh.edge()).place_order(traced(request)).await.unwrap();

    // gateway: server, client · orders: server, clients · catalog: server · inventory: server.
    let spans = receiver.trace(TRACE, 7).await;
    let by_id: BTreeMap<String, &(String, Span)> = spans.iter().map(|it| (hex(&it.1.span_id), it)).collect();
    let ancestors = |span: &Span| {
        let mut path = Vec::new();
        let mut parent = hex(&span.parent_span_id);
        while let Some((service, span)) = by_id.get(&parent) {
            path.push((service.as_str(), span.kind()));
            parent = hex(&span.parent_span_id);
        }
        assert_eq!(parent, PARENT, "{} is not below the caller's span", span.name);
        path
    };
    let server_of = |method: &str, service: &str| {
        let found = spans.iter().find(|(by, span)| {
            by.contains(service) && span.kind() == SpanKind::Server && span.name.contains(method)
        });
        found.map(|(_, span)| span).unwrap_or_else(|| panic!("no {method} of {service} in {spans:#?}"))
    };
    let path: Vec<_> = ancestors(server_of("CreateReservation", "inventory"));
    let kinds: Vec<_> = path.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds, [SpanKind::Client, SpanKind::Server, SpanKind::Client, SpanKind::Server], "{path:?}");
    assert!(path[0].0.contains("orders") && path[3].0.contains("gateway"), "{path:?}");
    ancestors(server_of("Products", "catalog"));
    for (_, span) in &spans {
        assert_eq!(text(&span.attributes, "rpc.system.name"), "grpc", "{span:?}");
        assert!(text(&span.attributes, "rpc.method").contains('/'), "{span:?}");
    }
    assert!(!format!("{spans:?}").contains(SECRET), "what is about a person is in a span");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_and_nothing_about_a_person_is_written_anywhere() {
    // The receiver is out of order from the start: that costs no call.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), format!("http://{nobody}")),
        ("RUST_LOG".to_owned(), "trace".to_owned()),
    ];
    let mesh = Mesh::start_with(&Setup { env: env.to_vec(), ..Setup::default() });
    let mut orders = OrdersClient::new(mesh.edge());
    let mut request = order_of("products/espresso-beans", 1);
    request.order.as_mut().unwrap().note = SECRET.to_owned();
    orders.place_order(traced(request.clone())).await.unwrap();
    request.order.as_mut().unwrap().lines[0].product = "products/none".to_owned();
    orders.place_order(traced(request)).await.unwrap_err();

    let status = mesh.status();
    let instance = |workload: &str| {
        let instances = status["instances"].as_array().unwrap();
        let found = instances.iter().find(|instance| instance["workload"] == workload);
        found.unwrap_or_else(|| panic!("{status:#}"))["metrics_address"].as_str().unwrap().to_owned()
    };
    let metrics = http_get(&instance("shop/orders"), "/metrics");
    let counted = |status: &str| {
        metrics.lines().any(|line| {
            line.starts_with("rpc_server_call_duration_seconds_count")
                && line.contains("shop.orders.v1.Orders/PlaceOrder")
                && line.contains(status)
                && line.ends_with(" 1")
        })
    };
    assert!(counted("OK") && counted("NOT_FOUND"), "{metrics}");
    assert!(!metrics.contains(SECRET));
    assert!(mesh.said(SECRET).is_none(), "{:?}", mesh.said(SECRET));
    assert!(mesh.said(TRACE).is_some(), "no log line carries the trace id, at level trace");
}

fn http_get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}
