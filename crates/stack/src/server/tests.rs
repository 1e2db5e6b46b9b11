use super::*;
use contract::{Allow, MethodPath, Origin, Sourced};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use identity::{Peer, SpiffeId};
use resource::Guard;
use std::{collections::BTreeMap, sync::Mutex, time::Duration};
use tonic::Status;
use tonic_types::StatusExt;
use tower::{ServiceExt, service_fn};

const PATH: &str = "/echo.v1.Echo/Say";

fn guard(allow: &[&str], timeout: Option<Duration>, max: u32) -> Guard {
    let origin = Origin::At { file: "echo.proto".to_owned(), line: 7, column: 3 };
    let at = |value| Sourced { value, origin: origin.clone() };
    let allow = allow.iter().map(|text| Allow::try_from((*text).to_owned()).unwrap()).collect();
    Guard {
        allow: Sourced { value: allow, origin: origin.clone() },
        declared_at: origin.clone(),
        timeout: Sourced { value: timeout, origin: origin.clone() },
        max_request_bytes: at(max),
        max_response_bytes: at(max),
        public: Sourced::default_of(false),
        validate: Sourced::default(),
        client_streaming: false,
        server_streaming: false,
    }
}

fn policy(guard: Guard) -> watch::Receiver<Option<Arc<ServerListener>>> {
    let address = "127.0.0.1:1".parse().unwrap();
    let listener = ServerListener {
        name: ServerListener::name_for(address),
        address,
        workload: "test/echo".parse().unwrap(),
        trust_domain: "treaty.test".parse().unwrap(),
        guards: BTreeMap::from([(MethodPath::new("echo.v1.Echo", "Say"), guard)]),
    };
    watch::Sender::new(Some(Arc::new(listener))).subscribe()
}

fn request(path: &str, caller: Option<&str>) -> http::Request<Full<Bytes>> {
    let id = caller.map(|id| id.parse::<SpiffeId>().unwrap());
    let peer = Arc::new(Peer { id, address: "127.0.0.1:9".parse().unwrap() });
    let mut request = http::Request::post(path).body(Full::new(message(3))).unwrap();
    request.extensions_mut().insert(peer);
    request
}

const ORDERS: Option<&str> = Some("spiffe://treaty.test/ns/shop/sa/orders");

fn message(length: usize) -> Bytes {
    let mut bytes = vec![0];
    bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
    bytes.resize(5 + length, 7);
    bytes.into()
}

/// A handler that reads everything and answers with one message.
async fn echo(request: http::Request<Body>) -> Result<http::Response<Body>, Infallible> {
    let read = request.into_body().collect().await;
    Ok(match read {
        Ok(read) => http::Response::new(Body::new(Full::new(read.to_bytes()))),
        Err(status) => status.into_http(),
    })
}

async fn ask<S>(
    inner: S,
    policy: watch::Receiver<Option<Arc<ServerListener>>>,
    request: http::Request<Full<Bytes>>,
) -> http::Response<ResponseBody>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
{
    let Ok(response) = serve_stack(inner, policy, Telemetry::disabled()).oneshot(request).await;
    response
}

/// The reason and the code of a refusal.
fn refused(response: &http::Response<ResponseBody>) -> (String, tonic::Code) {
    assert!(http_body::Body::is_end_stream(response.body()), "only trailers");
    let status = Status::from_header_map(response.headers()).unwrap();
    (status.get_details_error_info().unwrap().reason, status.code())
}

#[tokio::test]
async fn nobody_is_allowed_by_default() {
    let response = ask(service_fn(echo), policy(guard(&[], None, 9)), request(PATH, ORDERS)).await;
    assert_eq!(refused(&response), ("CALLER_NOT_ALLOWED".to_owned(), tonic::Code::PermissionDenied));
    let response = ask(service_fn(echo), policy(guard(&[], None, 9)), request(PATH, None)).await;
    assert_eq!(refused(&response), ("CALLER_UNAUTHENTICATED".to_owned(), tonic::Code::Unauthenticated));
}

#[tokio::test]
async fn a_star_is_for_the_trust_domain_only_and_anonymous_for_anybody() {
    let foreign = Some("spiffe://elsewhere/ns/shop/sa/orders");
    for (allow, caller, admitted) in [
        ("*", ORDERS, true),
        ("*", foreign, false),
        ("*", None, false),
        ("shop/orders", ORDERS, true),
        ("shop/orders", foreign, false),
        ("anonymous", None, true),
        ("anonymous", ORDERS, false),
    ] {
        let response = ask(service_fn(echo), policy(guard(&[allow], None, 9)), request(PATH, caller)).await;
        assert_eq!(response.headers().get("grpc-status").is_none(), admitted, "{allow} {caller:?}");
    }
}

#[tokio::test]
async fn health_and_reflection_are_open_to_the_authenticated_even_before_there_is_a_contract() {
    let nothing = || watch::Sender::new(None).subscribe();
    for path in ["/grpc.health.v1.Health/Check", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"]
    {
        let response = ask(service_fn(echo), nothing(), request(path, ORDERS)).await;
        assert!(response.headers().get("grpc-status").is_none());
        let response = ask(service_fn(echo), nothing(), request(path, None)).await;
        assert_eq!(refused(&response).0, "CALLER_UNAUTHENTICATED");
    }
    let response = ask(service_fn(echo), nothing(), request("/grpc.health.v1.Health/Hack", ORDERS)).await;
    assert_eq!(refused(&response).0, "POLICY_NOT_READY");
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_is_dropped_at_the_contracts_timeout() {
    let slow = service_fn(|_| std::future::pending());
    let timeout = Some(Duration::from_secs(5));
    let began = tokio::time::Instant::now();
    let response = ask(slow, policy(guard(&["*"], timeout, 9)), request(PATH, ORDERS)).await;
    assert_eq!(refused(&response).0, "DEADLINE_EXCEEDED");
    assert_eq!(began.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_callers_shorter_timeout_counts() {
    let slow = service_fn(|_| std::future::pending());
    let mut request = request(PATH, ORDERS);
    request.headers_mut().insert("grpc-timeout", "1S".parse().unwrap());
    let began = tokio::time::Instant::now();
    let response = ask(slow, policy(guard(&["*"], Some(Duration::from_secs(5)), 9)), request).await;
    let status = Status::from_header_map(response.headers()).unwrap();
    assert_eq!(status.get_details_error_info().unwrap().metadata["rule"], "grpc-timeout: 1s");
    assert_eq!(began.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_begun_ends_with_trailers() {
    let stream = service_fn(|_| async {
        let first = tokio_stream::once(Ok::<_, Status>(Frame::data(message(1))));
        let body = StreamBody::new(futures::StreamExt::chain(first, futures::stream::pending()));
        Ok::<_, Infallible>(http::Response::new(Body::new(UnsyncBoxBody::new(body))))
    });
    let timeout = Some(Duration::from_secs(5));
    let mut body = ask(stream, policy(guard(&["*"], timeout, 9)), request(PATH, ORDERS)).await.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), message(1));
    let trailers = body.frame().await.unwrap().unwrap().into_trailers().unwrap();
    assert_eq!(Status::from_header_map(&trailers).unwrap().code(), tonic::Code::DeadlineExceeded);
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn both_directions_are_measured() {
    let mut large = request(PATH, ORDERS);
    *large.body_mut() = Full::new(message(10));
    let response = ask(service_fn(echo), policy(guard(&["*"], None, 9)), large).await;
    assert_eq!(refused(&response).0, "REQUEST_TOO_LARGE");

    let talkative = service_fn(|_| async {
        let body = Body::new(Full::new(Bytes::from([message(9), message(10)].concat())));
        Ok::<_, Infallible>(http::Response::new(body))
    });
    let response = ask(talkative, policy(guard(&["*"], None, 9)), request(PATH, ORDERS)).await;
    let answer = response.into_body().collect().await.unwrap();
    let status = Status::from_header_map(answer.trailers().unwrap()).unwrap();
    assert_eq!(status.get_details_error_info().unwrap().reason, "RESPONSE_TOO_LARGE");
    assert_eq!(answer.to_bytes(), message(9), "what was sound went through");
}

#[tokio::test]
async fn the_handler_and_its_stream_know_their_call() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = {
        let seen = Arc::clone(&seen);
        move || {
            let call = crate::context::current().unwrap();
            seen.lock().unwrap().push((call.trace.trace_id_hex(), call.caller().cloned()));
        }
    };
    let handler = service_fn(move |_| {
        let note = note.clone();
        async move {
            note();
            let frames = futures::stream::once(async move {
                note();
                Ok::<_, Status>(Frame::data(message(1)))
            });
            Ok::<_, Infallible>(http::Response::new(Body::new(UnsyncBoxBody::new(StreamBody::new(frames)))))
        }
    });
    let mut request = request(PATH, ORDERS);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let header = format!("00-{trace}-b7ad6b7169203331-01");
    request.headers_mut().insert("traceparent", header.parse().unwrap());
    let body = ask(handler, policy(guard(&["*"], None, 9)), request).await.into_body();
    body.collect().await.unwrap();
    let want = (trace.to_owned(), Some(ORDERS.unwrap().parse().unwrap()));
    assert_eq!(*seen.lock().unwrap(), [want.clone(), want]);
    assert!(crate::context::current().is_none());
}
