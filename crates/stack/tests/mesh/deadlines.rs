//! Deadlines shrink on their way, and whoever works beyond them is stopped.

use crate::{
    echo::{Echo, reason, said, server_stream, unary},
    world::{CONSUMER, World},
};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tonic::{Code, Request, Response};

/// The `grpc-timeout` of a request.
fn timeout(request: &Request<String>) -> Duration {
    routing::parse_timeout(request.metadata().get("grpc-timeout").unwrap().as_bytes()).unwrap()
}

#[tokio::test]
async fn a_deadline_shrinks_over_two_hops() {
    let mut inner = World::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let last = Echo::answering({
        let seen = Arc::clone(&seen);
        move |request| {
            seen.lock().unwrap().push(timeout(&request));
            async move { Ok(Response::new(request.into_inner())) }
        }
    });
    let _last = inner.provider(last).await;
    let onward = inner.client("test/relay");

    let mut outer = World::new();
    let relay = Echo::answering({
        let seen = Arc::clone(&seen);
        move |request| {
            let onward = onward.clone();
            let call = stack::context::current().unwrap();
            assert_eq!(call.caller().unwrap().workload().to_string(), CONSUMER);
            assert!(call.deadline.unwrap() > Instant::now());
            seen.lock().unwrap().push(timeout(&request));
            // `Once` has a ceiling of 15 s of its own; what is left of the first call is less.
            async move { unary(&onward, "Once", request.into_inner()).await }
        }
    });
    let _relay = outer.provider(relay).await;

    let mut request = Request::new("on".to_owned());
    request.set_timeout(Duration::from_secs(9));
    assert_eq!(unary(&outer.client(CONSUMER), "Again", request).await.unwrap().into_inner(), "on");
    let seen = seen.lock().unwrap();
    assert!(seen[0] < Duration::from_secs(9), "{seen:?}");
    assert!(seen[1] < seen[0], "{seen:?}");
}

#[tokio::test]
async fn the_contract_is_the_ceiling() {
    let mut world = World::new();
    let (asked, mut told) = mpsc::unbounded_channel();
    let echo = Echo::answering(move |request| {
        asked.send(timeout(&request)).unwrap();
        async { Ok(Response::new(String::new())) }
    });
    let _provider = world.provider(echo).await;
    let mut request = Request::new(String::new());
    request.set_timeout(Duration::from_secs(3600));
    unary(&world.client(CONSUMER), "Again", request).await.unwrap();
    assert!(told.recv().await.unwrap() <= Duration::from_secs(20));
}

/// Tells when it is dropped.
struct Dropped(mpsc::UnboundedSender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_dropped_and_its_caller_told() {
    let mut world = World::new();
    let (sender, mut dropped) = mpsc::unbounded_channel();
    let echo = Echo::answering(move |_| {
        let dropped = Dropped(sender.clone());
        async move {
            let _dropped = dropped;
            std::future::pending().await
        }
    });
    let _provider = world.provider(echo).await;
    let late = unary(&world.client(CONSUMER), "Quick", String::new()).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_deref()), (Code::DeadlineExceeded, Some("DEADLINE_EXCEEDED")));
    assert_eq!(said(&late, "rule").as_deref(), Some("timeout: 50ms"));
    assert!(said(&late, "origin").unwrap().starts_with("echo.proto:"));
    dropped.recv().await.unwrap();
}

#[tokio::test]
async fn streams_last_unless_somebody_bounds_them() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    let client = world.client(CONSUMER);
    let mut request = Request::new("3".to_owned());
    request.set_timeout(Duration::ZERO);
    let late = server_stream(&client, "Down", request).await.unwrap_err();
    assert_eq!(reason(&late).as_deref(), Some("DEADLINE_EXCEEDED"));
    server_stream(&client, "Down", Request::new("3".to_owned())).await.unwrap();
}

#[tokio::test]
async fn while_nothing_is_known_calls_wait() {
    let mut world = World::new();
    let client = world.client(CONSUMER);
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { unary(&client, "Once", "patient".to_owned()).await }
    });
    let mut request = Request::new(String::new());
    request.set_timeout(Duration::from_millis(1));
    let hasty = unary(&client, "Once", request).await.unwrap_err();
    assert_eq!((hasty.code(), reason(&hasty).as_deref()), (Code::Unavailable, Some("CONTRACT_UNKNOWN")));

    let _provider = world.provider(Echo::new()).await;
    assert_eq!(waiting.await.unwrap().unwrap().into_inner(), "patient");
}
