//! Connections end: by age, by drain, by limits. Calls do not.

use super::world::{self, Caller, authority, caller, material, open, request, start, start_with, text};
use crate::{ClientCertificates::Required, ConnectError, HotIdentity, SendFailure, ServeOptions};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    io::AsyncReadExt,
    sync::{Notify, Semaphore},
    task::JoinSet,
};

fn pair() -> (HotIdentity, HotIdentity) {
    let ca = authority();
    let hot = |workload| HotIdentity::new(material(&ca, workload, &[&ca])).unwrap();
    (hot("shop/catalog"), hot("shop/orders"))
}

/// `callers` at once make `calls` each through one shared connection after the other; returns how often a request
/// had to be sent again.
async fn hammer(caller: &Arc<Caller>, callers: u32, calls: u32) -> u32 {
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let caller = Arc::clone(caller);
        tasks.spawn(async move {
            let mut again = 0;
            for _ in 0..calls {
                again += caller.call().await.unwrap().1;
            }
            again
        });
    }
    tasks.join_all().await.into_iter().sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_grow_old_under_load_fail_no_call() {
    let (server, client) = pair();
    let options = ServeOptions {
        max_connection_age: Some(Duration::from_millis(20)),
        age_jitter: 0.5,
        ..ServeOptions::default()
    };
    let running = start(server.server_config(Required), options);
    let caller = Caller::new(running.address, client.client_config(&server.id()));
    let again = hammer(&caller, 16, 500).await;
    println!("8000 calls, {again} sent again");
    assert!(caller.opened() > 2, "connections did grow old: {}", caller.opened());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_callers_than_streams_wait_and_lose_nothing_when_the_connection_grows_old() {
    let (server, client) = pair();
    let options = ServeOptions {
        max_connection_age: Some(Duration::from_millis(20)),
        max_concurrent_streams: 4,
        ..ServeOptions::default()
    };
    let running = start(server.server_config(Required), options);
    let caller = Caller::new(running.address, client.client_config(&server.id()));
    hammer(&caller, 32, 100).await;
    assert!(caller.opened() > 2, "connections did grow old: {}", caller.opened());
}

#[tokio::test]
async fn a_drain_lets_calls_finish_and_takes_no_new_ones() {
    let (server, client) = pair();
    let (arrived, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = (Arc::clone(&arrived), Arc::clone(&release));
    let running = start_with(server.server_config(Required), ServeOptions::default(), move |request| {
        let (arrived, release) = (Arc::clone(&handler.0), Arc::clone(&handler.1));
        async move {
            arrived.notify_one();
            release.notified().await;
            Response::new(Full::from(caller(&request)))
        }
    });
    let tls = client.client_config(&server.id());
    let mut connection = open(running.address, Arc::clone(&tls)).await.unwrap();
    let mut second = connection.clone();
    let in_flight =
        tokio::spawn(async move { text(connection.send(request()).await.unwrap()).await.unwrap() });
    arrived.notified().await;

    running.trigger.drain();
    // The listener closes first; whoever still gets through to its queue is cut off before a request.
    while open(running.address, Arc::clone(&tls)).await.is_ok() {}
    let error = second.send(request()).await.unwrap_err();
    assert!(error.not_processed, "{error:?}");
    assert!(!running.served.is_finished());
    release.notify_one();
    assert_eq!(in_flight.await.unwrap(), client.id().to_string());
    running.served.await.unwrap();
}

#[tokio::test]
async fn calls_that_do_not_finish_are_ended_after_the_grace() {
    let (server, client) = pair();
    let arrived = Arc::new(Notify::new());
    let handler = Arc::clone(&arrived);
    let options = ServeOptions { drain_grace: Duration::from_millis(50), ..ServeOptions::default() };
    let running = start_with(server.server_config(Required), options, move |_| {
        handler.notify_one();
        std::future::pending::<Response<Full<Bytes>>>()
    });
    let mut connection = open(running.address, client.client_config(&server.id())).await.unwrap();
    let stuck = tokio::spawn(async move { connection.send(request()).await });
    arrived.notified().await;
    running.trigger.drain();
    running.served.await.unwrap();
    let error = stuck.await.unwrap().unwrap_err();
    assert!(!error.not_processed && matches!(error.source, SendFailure::Lost(_)), "{error:?}");
}

#[tokio::test]
async fn silent_clients_hold_their_place_only_for_the_time_of_a_handshake() {
    let (server, client) = pair();
    let options = ServeOptions {
        handshake_timeout: Duration::from_millis(50),
        max_handshakes: 2,
        ..ServeOptions::default()
    };
    let running = start(server.server_config(Required), options);
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(tokio::net::TcpStream::connect(running.address).await.unwrap());
    }
    let mut connection = open(running.address, client.client_config(&server.id())).await.unwrap();
    connection.send(request()).await.unwrap();
    for mut stream in silent {
        assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0, "cut off without a byte");
    }
}

#[tokio::test]
async fn a_connection_too_many_waits_until_another_ends() {
    let (server, client) = pair();
    let options = ServeOptions { max_connections: 1, ..ServeOptions::default() };
    let running = start(server.server_config(Required), options);
    let tls = client.client_config(&server.id());
    let first = open(running.address, Arc::clone(&tls)).await.unwrap();
    let brief = crate::ConnectOptions { timeout: Duration::from_millis(50), ..Default::default() };
    let waiting = crate::Connection::<world::Body>::open(running.address, Arc::clone(&tls), &brief).await;
    assert!(matches!(waiting, Err(ConnectError::Timeout { .. })), "{waiting:?}");
    drop(first);
    open(running.address, tls).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_call_frees_its_place() {
    let (server, client) = pair();
    let arrived = Arc::new(Semaphore::new(0));
    let handler = Arc::clone(&arrived);
    let running = start_with(server.server_config(Required), ServeOptions::default(), move |_| {
        handler.add_permits(1);
        std::future::pending::<Response<Full<Bytes>>>()
    });
    let connection = open(running.address, client.client_config(&server.id())).await.unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let mut connection = connection.clone();
        calls.spawn(async move { connection.send(request()).await.map(drop) });
    }
    arrived.acquire_many(10).await.unwrap().forget();
    let free = connection.free_streams();
    calls.shutdown().await;
    assert_eq!(connection.free_streams(), free + 10);
}

#[test]
fn one_listener_serves_several_single_threaded_runtimes() {
    let (server, client) = pair();
    let listener = crate::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (trigger, drain) = crate::drain();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                runtime().block_on(async {
                    let service = tower::service_fn(|request| async move {
                        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(caller(&request))))
                    });
                    let listener = crate::share(&listener).unwrap();
                    let tls = server.server_config(Required);
                    crate::serve(listener, tls, service, ServeOptions::default(), drain.clone()).await;
                });
            });
        }
        runtime().block_on(async {
            for _ in 0..20 {
                let mut connection = open(address, client.client_config(&server.id())).await.unwrap();
                connection.send(request()).await.unwrap();
            }
        });
        trigger.drain();
    });
}

#[tokio::test]
async fn who_does_not_read_ends_no_calls_but_its_own() {
    let (server, client) = pair();
    let small = || {
        stream::iter(std::iter::repeat_with(|| {
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"small")))
        }))
    };
    let running = start_with(server.server_config(Required), ServeOptions::default(), move |_| async move {
        Response::new(StreamBody::new(small().take(40_000)))
    });
    let tls = client.client_config(&server.id());
    let mut connection = open(running.address, tls).await.unwrap();
    // Each of them waits in tens of thousands of frames, as far as its window lets it.
    let mut unread = Vec::new();
    for _ in 0..4 {
        unread.push(connection.send(request()).await.unwrap());
    }
    for _ in 0..4 {
        let read = connection.send(request()).await.unwrap();
        assert_eq!(read.into_body().collect().await.unwrap().to_bytes().len(), 200_000);
    }
    for late in unread {
        assert_eq!(late.into_body().collect().await.unwrap().to_bytes().len(), 200_000);
    }
}
