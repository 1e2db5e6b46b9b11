//! Spans on the wire: a collector on loopback, and one that is not there.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::any_value::Value,
    trace::v1::{ResourceSpans, Span, span::SpanKind, status::StatusCode},
};
use std::{env, process::Command};
use telemetry::{Telemetry, TraceContext};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

struct Collector(mpsc::UnboundedSender<ResourceSpans>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for spans in request.into_inner().resource_spans {
            self.0.send(spans).expect("the test listens");
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const UNSAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

/// Not a test of its own: the process that is observed by the tests below, with an environment of its own.
#[test]
#[ignore = "started by the other tests"]
fn observed() {
    let telemetry = Telemetry::from_env("shop/orders");
    for parent in [PARENT, UNSAMPLED] {
        let parent = TraceContext::parse(parent).unwrap();
        let served = telemetry.server_call("/shop.orders.v1.Orders/PlaceOrder", "shop/web", Some(parent));
        let mut called = telemetry.client_call(
            "/shop.catalog.v1.Catalog/GetProduct",
            "shop.catalog.v1.Catalog",
            Some(served.context()),
        );
        called.peer_address("127.0.0.1:4000".parse().unwrap());
        called.finish(14, Some("NO_ENDPOINT"));
        served.finish(5, None);
    }
    for _ in 0..env::var("FLOOD").map_or(0, |flood| flood.parse().unwrap()) {
        telemetry.server_call("/a.B/C", "shop/web", None).finish(0, None);
    }
    telemetry.shutdown();
    println!("{}", telemetry.metrics_text());
}

fn observe(endpoint: &str, flood: &str) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "observed", "--nocapture"])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_RESOURCE_ATTRIBUTES", "service.version=7")
        .env("FLOOD", flood)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn calls_become_spans_of_one_trace() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (sender, mut received) = mpsc::unbounded_channel();
    let server = tonic::transport::Server::builder().add_service(TraceServiceServer::new(Collector(sender)));
    let server = tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    tokio::task::spawn_blocking(move || observe(&endpoint, "0")).await.unwrap();

    let batch = received.recv().await.unwrap();
    let resource = format!("{:?}", batch.resource);
    for part in
        ["service.name", "orders", "service.namespace", "shop", "service.version", "service.instance.id"]
    {
        assert!(resource.contains(part), "{part} not in {resource}");
    }
    let spans: Vec<Span> = batch.scope_spans.into_iter().flat_map(|scope| scope.spans).collect();
    let [client, server_span] = &spans[..] else { panic!("two sampled calls, not {spans:#?}") };
    assert_eq!((client.kind(), server_span.kind()), (SpanKind::Client, SpanKind::Server));
    assert_eq!(client.parent_span_id, server_span.span_id);
    assert_eq!(server_span.parent_span_id, [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]);
    assert_eq!(client.trace_id, server_span.trace_id);
    assert_eq!(server_span.name, "shop.orders.v1.Orders/PlaceOrder");
    assert_eq!(attribute(server_span, "treaty.caller"), "shop/web");
    assert_eq!(attribute(server_span, "rpc.response.status_code"), "NOT_FOUND");
    assert_eq!(attribute(client, "rpc.method"), "shop.catalog.v1.Catalog/GetProduct");
    assert_eq!(attribute(client, "error.type"), "NO_ENDPOINT");
    assert_eq!(attribute(client, "server.address"), "shop.catalog.v1.Catalog");
    assert_eq!(attribute(client, "network.peer.address"), "127.0.0.1");
    // NOT_FOUND is not a server's fault, and UNAVAILABLE is a failure to a client.
    assert_eq!(status(server_span), StatusCode::Unset);
    assert_eq!(status(client), StatusCode::Error);
    server.abort();
}

#[test]
fn an_outage_drops_spans_and_calls_go_on() {
    // Bound and not accepting: connections hang, as with a collector that is stuck.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = observe(&format!("http://{}", listener.local_addr().unwrap()), "20000");
    let lost = text
        .lines()
        .find_map(|line| line.strip_prefix("otel_sdk_exporter_span_lost_total{error_type=\"queue_full\"} "));
    let lost: u64 = lost.expect("the loss is counted").parse().unwrap();
    // 20,002 sampled calls, 2,048 places in the queue, and a batch or two in flight.
    assert!((16_000..18_000).contains(&lost), "{lost}");
}

fn attribute(span: &Span, key: &str) -> String {
    let value =
        span.attributes.iter().find(|attribute| attribute.key == key).and_then(|found| found.value.clone());
    match value.and_then(|value| value.value) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{key}: {other:?}"),
    }
}

fn status(span: &Span) -> StatusCode {
    span.status.as_ref().map_or(StatusCode::Unset, opentelemetry_proto::tonic::trace::v1::Status::code)
}
