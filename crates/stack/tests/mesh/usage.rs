//! What a consumer called is counted, once each, and of its requests the paths are known.

use crate::{
    echo::{Echo, client_stream, unary},
    world::{CONSUMER, ECHO, World},
};
use contract::{Contract, schema::Schema};
use stack::client::{
    Client,
    usage::{Followed, Usage, Used},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use telemetry::Telemetry;
use tonic::{Response, Status};

fn counting(world: &World) -> (Client, Usage) {
    let usage = Usage::default();
    let set = world.set();
    let (contract, schema) = (Contract::read(set.clone()).unwrap(), Schema::read(&set).unwrap());
    usage.follow([Followed { service: ECHO, contract: &contract, schema: Some(&schema) }]);
    let identity = world.identity(CONSUMER);
    (Client::counting(ECHO, world.view(), identity, Telemetry::disabled(), usage.clone()), usage)
}

fn told(usage: &Usage) -> Vec<(String, u64, Vec<Vec<u32>>)> {
    let told = |Used { method, calls, written, .. }: Used| (method, calls, written.into_iter().collect());
    usage.take().into_iter().map(told).collect()
}

#[tokio::test]
async fn a_call_that_is_tried_again_counts_once() {
    let mut world = World::new();
    let made = Arc::new(AtomicUsize::new(0));
    let echo = Echo::answering(move |_| {
        let failed = made.fetch_add(1, Ordering::SeqCst) < 2;
        async move { if failed { Err(Status::unavailable("not now")) } else { Ok(Response::new(String::new())) } }
    });
    let _provider = world.provider(echo.clone()).await;
    let (client, usage) = counting(&world);
    unary(&client, "Again", "text".to_owned()).await.unwrap();
    assert_eq!(echo.calls(), 3);
    assert_eq!(told(&usage), [("echo.v1.Echo/Again".to_owned(), 1, vec![vec![1]])]);
    unary(&client, "Again", "text".to_owned()).await.unwrap();
    unary(&client, "Once", String::new()).await.unwrap();
    let again = ("echo.v1.Echo/Again".to_owned(), 1, Vec::new());
    let once = ("echo.v1.Echo/Once".to_owned(), 1, Vec::new());
    assert_eq!(told(&usage), [again, once], "a path is told once, and an empty text is not written");
    assert_eq!(told(&usage), []);
}

#[tokio::test]
async fn messages_of_a_stream_are_seen_as_they_pass() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    let (client, usage) = counting(&world);
    let messages = ["", "", "a"].map(str::to_owned).to_vec();
    client_stream(&client, "Up", messages).await.unwrap();
    assert_eq!(told(&usage), [("echo.v1.Echo/Up".to_owned(), 1, vec![vec![1]])]);
}

#[tokio::test]
async fn the_most_that_calls_took_is_told_once() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    let (client, usage) = counting(&world);
    for text in ["", "four", "to"] {
        unary(&client, "Once", text.to_owned()).await.unwrap();
    }
    client_stream(&client, "Up", ["a", "bc", ""].map(str::to_owned).to_vec()).await.unwrap();
    // A tag and a length before each text; of both, the answer is as long as what was sent.
    let [once, up] = usage.take().try_into().unwrap();
    assert_eq!((once.peaks.request_bytes, once.peaks.response_bytes, once.peaks.in_flight), (6, 6, 1));
    assert!(!once.peaks.time.is_zero(), "{once:?}");
    assert_eq!((up.peaks.request_bytes, up.peaks.response_bytes), (4, 5));
    assert!(up.peaks.time.is_zero(), "how long a stream lasts says little: {up:?}");
    unary(&client, "Once", String::new()).await.unwrap();
    assert_eq!(usage.take().remove(0).peaks.request_bytes, 0);
}

#[tokio::test]
async fn what_is_refused_is_nobodys_need() {
    let mut world = World::new();
    let refusing = Echo::answering(|_| async { Err(Status::invalid_argument("too long for us")) });
    let _provider = world.provider(refusing).await;
    let (client, usage) = counting(&world);
    unary(&client, "Once", "four".to_owned()).await.unwrap_err();
    let peaks = usage.take().remove(0).peaks;
    assert_eq!((peaks.request_bytes, peaks.time.is_zero()), (0, true));
}

#[tokio::test]
async fn a_counter_that_comes_with_the_handle_counts_instead() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    let (_, usage) = counting(&world);
    let client = world.client(CONSUMER).counted(usage.counter("/echo.v1.Echo/Once"));
    unary(&client, "Once", "text".to_owned()).await.unwrap();
    unary(&world.client(CONSUMER), "Once", "text".to_owned()).await.unwrap();
    assert_eq!(told(&usage), [("echo.v1.Echo/Once".to_owned(), 1, vec![vec![1]])]);
}
