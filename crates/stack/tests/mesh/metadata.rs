//! Metadata and statuses that are too large hurt only the call that has them.

use crate::{
    echo::{Echo, reason, said, unary},
    world::{CONSUMER, PROVIDER, World},
};
use http_body_util::{BodyExt, Empty};
use stack::client::Client;
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
};
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, PreconditionViolation, StatusExt};
use transport::{ClientCertificates, ConnectOptions, Connection, ServeOptions};

const OTHERS: usize = 20;

/// A status with a detail of about `size` bytes.
fn missing(size: usize) -> Status {
    let violation = PreconditionViolation::new("MISSING", "x".repeat(size), "");
    let details = ErrorDetails::with_precondition_failure(vec![violation]);
    Status::with_error_details(Code::NotFound, "no such products", details)
}

/// Calls that wait meanwhile on the same connection.
struct Others {
    waiting: JoinSet<Result<Response<String>, Status>>,
    gate: Arc<Semaphore>,
}

impl Others {
    /// They wait in an [`asked`] provider.
    async fn of(client: &Client, arrived: &Semaphore, gate: &Arc<Semaphore>) -> Self {
        let mut waiting = JoinSet::new();
        for _ in 0..OTHERS {
            let client = client.clone();
            waiting.spawn(async move { unary(&client, "Once", "wait".to_owned()).await });
        }
        arrived.acquire_many(OTHERS.try_into().unwrap()).await.unwrap().forget();
        Self { waiting, gate: Arc::clone(gate) }
    }

    async fn succeed(self) {
        self.gate.add_permits(OTHERS);
        let ended = self.waiting.join_all().await;
        let failed: Vec<_> = ended.into_iter().filter_map(Result::err).collect();
        assert!(failed.is_empty(), "{} of {OTHERS} others failed: {:?}", failed.len(), failed.first());
    }
}

/// Keeps who asks it to "wait" waiting; fails for others with a detail of as many bytes as they say.
fn asked(arrived: &Arc<Semaphore>, gate: &Arc<Semaphore>) -> Echo {
    let (arrived, gate) = (Arc::clone(arrived), Arc::clone(gate));
    Echo::answering(move |request| {
        let (arrived, gate) = (Arc::clone(&arrived), Arc::clone(&gate));
        async move {
            if request.get_ref() != "wait" {
                return Err(missing(request.get_ref().parse().unwrap()));
            }
            arrived.add_permits(1);
            gate.acquire().await.unwrap().forget();
            Ok(Response::new(String::new()))
        }
    })
}

#[tokio::test]
async fn a_status_with_many_details_arrives_whole_and_once() {
    let mut world = World::new();
    let (arrived, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let echo = asked(&arrived, &gate);
    let _provider = world.provider(echo.clone()).await;
    let client = world.client(CONSUMER);
    for size in [13_000, 20_000, 40_000] {
        let status = unary(&client, "Again", size.to_string()).await.unwrap_err();
        assert_eq!((status.code(), reason(&status)), (Code::NotFound, None), "{status:?}");
        let details = status.get_details_precondition_failure().unwrap();
        assert_eq!(details.violations[0].subject.len(), size);
    }
    assert_eq!(echo.calls(), 3);
}

#[tokio::test]
async fn a_status_too_large_for_anybody_keeps_code_and_message_and_harms_nobody() {
    let mut world = World::new();
    let (arrived, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let echo = asked(&arrived, &gate);
    let _provider = world.provider(echo.clone()).await;
    let client = world.client(CONSUMER);
    let others = Others::of(&client, &arrived, &gate).await;
    for size in [70_000, 300_000, 3_000_000] {
        let status = unary(&client, "Again", size.to_string()).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::NotFound, "no such products"));
        assert_eq!(reason(&status).as_deref(), Some("METADATA_TOO_LARGE"));
        assert_eq!(said(&status, "detailsKept").as_deref(), Some("0 of 1"));
    }
    assert_eq!(echo.calls(), OTHERS + 3);
    others.succeed().await;
}

#[tokio::test]
async fn a_request_with_too_much_metadata_stays_at_home() {
    let mut world = World::new();
    let (arrived, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let echo = asked(&arrived, &gate);
    let _provider = world.provider(echo.clone()).await;
    let client = world.client(CONSUMER);
    let others = Others::of(&client, &arrived, &gate).await;
    for size in [20_000, 70_000, 500_000] {
        let mut request = Request::new("wait".to_owned());
        request.metadata_mut().insert("x-large", "x".repeat(size).parse().unwrap());
        let refused = unary(&client, "Again", request).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_deref()),
            (Code::ResourceExhausted, Some("METADATA_TOO_LARGE"))
        );
        assert_eq!(said(&refused, "rule").as_deref(), Some("request metadata: less than 16384 bytes"));
    }
    assert_eq!(echo.calls(), OTHERS, "no handler has seen them");
    others.succeed().await;
}

#[tokio::test]
async fn initial_metadata_that_is_too_large_is_named() {
    let mut world = World::new();
    let echo = Echo::answering(|_| async {
        let mut response = Response::new(String::new());
        response.metadata_mut().insert("x-large", "x".repeat(70_000).parse().unwrap());
        Ok(response)
    });
    let _provider = world.provider(echo.clone()).await;
    let refused = unary(&world.client(CONSUMER), "Again", String::new()).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_deref()),
        (Code::ResourceExhausted, Some("METADATA_TOO_LARGE"))
    );
    assert_eq!(echo.calls(), 1);
}

/// A connection as others make them: it takes `room` bytes of headers, and sends whatever it is given.
async fn stranger(
    world: &World,
    address: std::net::SocketAddr,
    room: u32,
) -> Connection<Empty<bytes::Bytes>> {
    let tls = world.identity(CONSUMER).client_config(&world.identity(PROVIDER).id());
    let options =
        ConnectOptions { max_header_list_size: room, max_request_headers: u32::MAX, ..Default::default() };
    Connection::open(address, tls, &options).await.unwrap()
}

fn plain(large: usize) -> http::Request<Empty<bytes::Bytes>> {
    let request = http::Request::post("https://echo.v1.Echo/echo.v1.Echo/Once")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("x-large", "x".repeat(large));
    request.body(Empty::new()).unwrap()
}

#[tokio::test]
async fn who_takes_less_gets_less() {
    let mut world = World::new();
    let size = 6000;
    let provider = world.provider(Echo::answering(move |_| async move { Err(missing(size)) })).await;
    // One empty message.
    let request = |body| plain(0).map(|_| body);
    for (room, whole) in [(1 << 20, true), (8192, false)] {
        let tls = world.identity(CONSUMER).client_config(&world.identity(PROVIDER).id());
        let options = ConnectOptions { max_header_list_size: room, ..Default::default() };
        let mut connection = Connection::open(provider.address, tls, &options).await.unwrap();
        let body = http_body_util::Full::new(bytes::Bytes::from_static(&[0; 5]));
        let response = connection.send(request(body)).await.unwrap();
        let status = Status::from_header_map(response.headers()).unwrap();
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(status.get_details_precondition_failure().is_some(), whole);
        assert_eq!(reason(&status).is_none(), whole);
    }
}

#[tokio::test]
async fn strangers_with_too_much_metadata_are_told_in_grpcs_words() {
    let mut world = World::new();
    let echo = Echo::new();
    let provider = world.provider(echo.clone()).await;
    let mut connection = stranger(&world, provider.address, 1 << 20).await;
    let response = connection.send(plain(20_000)).await.unwrap();
    let refused = Status::from_header_map(response.headers()).unwrap();
    assert_eq!(
        (refused.code(), reason(&refused).as_deref()),
        (Code::ResourceExhausted, Some("METADATA_TOO_LARGE"))
    );
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
    assert_eq!(echo.calls(), 0);
}

/// A provider that is not ours: it answers every request with `answer`, and counts them.
async fn foreign(
    world: &mut World,
    answer: fn() -> http::Response<Empty<bytes::Bytes>>,
) -> (Arc<AtomicUsize>, JoinHandle<()>, transport::DrainTrigger) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let service = tower::service_fn(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move { Ok::<_, Infallible>(answer()) }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.place(listener.local_addr().unwrap());
    let tls = world.identity(PROVIDER).server_config(ClientCertificates::Required);
    let (trigger, drain) = transport::drain();
    let serving = transport::serve(listener, tls, service, ServeOptions::default(), drain);
    (calls, tokio::spawn(serving), trigger)
}

#[tokio::test]
async fn an_answer_too_large_for_us_is_no_lost_connection_and_not_asked_for_again() {
    let mut world = World::new();
    let (calls, _serving, _trigger) = foreign(&mut world, || {
        let response = http::Response::builder().header("grpc-status", "14");
        response.header("x-large", "x".repeat(1_500_000)).body(Empty::new()).unwrap()
    })
    .await;
    let refused = unary(&world.client(CONSUMER), "Again", String::new()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_deref()), (Code::Internal, Some("RESPONSE_UNUSABLE")));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn http_status_431_is_translated() {
    let mut world = World::new();
    let (calls, _serving, _trigger) =
        foreign(&mut world, || http::Response::builder().status(431).body(Empty::new()).unwrap()).await;
    let refused = unary(&world.client(CONSUMER), "Again", String::new()).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_deref()),
        (Code::ResourceExhausted, Some("METADATA_TOO_LARGE"))
    );
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}
