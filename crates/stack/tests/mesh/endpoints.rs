//! Instances come, go away, and die.

use crate::{
    echo::{Echo, reason, said, stream, unary},
    world::{CONSUMER, SOURCE, World},
};
use stack::client::Client;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Response, Status};
use transport::ServeOptions;

/// `count` calls, 16 at a time; how each of them failed that did.
async fn calls(client: &Client, method: &'static str, count: usize) -> Vec<Status> {
    let mut callers = JoinSet::new();
    for _ in 0..16 {
        let client = client.clone();
        callers.spawn(async move {
            let mut failed = Vec::new();
            for _ in 0..count / 16 {
                failed.extend(unary(&client, method, "x".repeat(100)).await.err());
            }
            failed
        });
    }
    callers.join_all().await.concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_goaways_fails_nothing() {
    let mut world = World::new();
    let restless =
        || ServeOptions { max_connection_age: Some(Duration::from_millis(20)), ..ServeOptions::default() };
    let _one = world.provider_with(Echo::new(), restless()).await;
    let _two = world.provider_with(Echo::new(), restless()).await;
    // Not idempotent: only what was certainly not processed is sent again.
    let failed = calls(&world.client(CONSUMER), "Once", 8000).await;
    assert!(failed.is_empty(), "{} failed; the first: {:?}", failed.len(), failed[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_dies_and_no_safe_call_fails() {
    let mut world = World::new();
    let _one = world.provider(Echo::new()).await;
    let two = world.provider(Echo::new()).await;
    let client = world.client(CONSUMER);
    assert_eq!(calls(&client, "Again", 160).await.len(), 0);
    let traffic = tokio::spawn({
        let client = client.clone();
        async move { calls(&client, "Again", 4000).await }
    });
    calls(&client, "Again", 320).await;
    two.kill();
    let failed = traffic.await.unwrap();
    assert!(failed.is_empty(), "{} failed; the first: {:?}", failed.len(), failed[0]);
    assert_eq!(calls(&client, "Once", 160).await.len(), 0, "the dead one is not asked again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drained_instance_fails_nothing() {
    let mut world = World::new();
    let _one = world.provider(Echo::new()).await;
    let mut two = world.provider(Echo::new()).await;
    let client = world.client(CONSUMER);
    assert_eq!(calls(&client, "Once", 160).await.len(), 0);
    let traffic = tokio::spawn({
        let client = client.clone();
        async move { calls(&client, "Once", 4000).await }
    });
    calls(&client, "Once", 160).await;
    world.withdraw(two.address);
    two.drain.take().unwrap().drain();
    let failed = traffic.await.unwrap();
    assert!(failed.is_empty(), "{} failed; the first: {:?}", failed.len(), failed[0]);
}

#[tokio::test]
async fn a_withdrawn_instance_finishes_its_streams() {
    let mut world = World::new();
    let echo = Echo::new();
    let old = world.provider(echo.clone()).await;
    let client = world.client(CONSUMER);
    let (questions, receiver) = mpsc::channel(1);
    let mut answers = stream(&client, "Both", ReceiverStream::new(receiver)).await.unwrap();
    world.withdraw(old.address);
    let next = Echo::new();
    let _new = world.provider(next.clone()).await;
    unary(&client, "Once", String::new()).await.unwrap();
    assert_eq!((echo.calls(), next.calls()), (0, 1), "new calls go to the new one");
    questions.send("still there?".to_owned()).await.unwrap();
    assert_eq!(answers.message().await.unwrap().unwrap(), "still there?");
}

#[tokio::test]
async fn calls_spread_over_all_instances() {
    let mut world = World::new();
    let echoes = [Echo::new(), Echo::new(), Echo::new()];
    let mut providers = Vec::new();
    for echo in &echoes {
        providers.push(world.provider(echo.clone()).await);
    }
    calls(&world.client(CONSUMER), "Once", 1600).await;
    let counts = echoes.each_ref().map(Echo::calls);
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

#[tokio::test]
async fn without_an_instance_calls_fail_at_once_and_say_so() {
    let mut world = World::new();
    let provider = world.provider(Echo::new()).await;
    world.withdraw(provider.address);
    let none = unary(&world.client(CONSUMER), "Once", String::new()).await.unwrap_err();
    assert_eq!((none.code(), reason(&none).as_deref()), (Code::Unavailable, Some("NO_ENDPOINT")));
    assert_eq!(said(&none, "cluster").as_deref(), Some("echo.v1.Echo@test/echo"));
}

#[tokio::test]
async fn an_instance_that_does_not_answer_is_named() {
    let mut world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    world.place(address);
    let nobody = unary(&world.client(CONSUMER), "Once", String::new()).await.unwrap_err();
    assert_eq!(
        (nobody.code(), reason(&nobody).as_deref()),
        (Code::Unavailable, Some("ENDPOINT_UNREACHABLE"))
    );
    assert_eq!(said(&nobody, "endpoint").unwrap(), address.to_string());
}

#[tokio::test]
async fn strangers_are_refused_in_the_handshake() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    // Same names, another authority.
    let stranger = World::new().identity(CONSUMER);
    let client = Client::new("echo.v1.Echo", world.view(), stranger, telemetry::Telemetry::disabled());
    let refused = unary(&client, "Once", String::new()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_deref()), (Code::Unavailable, Some("PEER_REFUSED")));
}

#[tokio::test(flavor = "current_thread")]
async fn more_calls_than_one_connection_takes_open_another() {
    let mut world = World::new();
    let options = ServeOptions { max_concurrent_streams: 4, ..ServeOptions::default() };
    let _provider = world.provider_with(Echo::new(), options).await;
    let client = world.client(CONSUMER);
    let mut open = Vec::new();
    for _ in 0..20 {
        let (questions, receiver) = mpsc::channel::<String>(1);
        let answers = stream(&client, "Both", ReceiverStream::new(receiver)).await.unwrap();
        open.push((questions, answers));
    }
    for (questions, answers) in &mut open {
        questions.send("all at once".to_owned()).await.unwrap();
        assert_eq!(answers.message().await.unwrap().unwrap(), "all at once");
    }
}

#[tokio::test]
async fn each_in_turn_where_the_contract_wants_it() {
    let mut world = World::with(&SOURCE.replace("owner:", "balance: ROUND_ROBIN owner:"));
    let (one, two) = (Echo::new(), Echo::new());
    let _providers = (world.provider(one.clone()).await, world.provider(two.clone()).await);
    let client = world.client(CONSUMER);
    // Until both are connected.
    while one.calls() == 0 || two.calls() == 0 {
        unary(&client, "Once", String::new()).await.unwrap();
    }
    let before = (one.calls(), two.calls());
    for _ in 0..20 {
        unary(&client, "Once", String::new()).await.unwrap();
    }
    assert_eq!((one.calls() - before.0, two.calls() - before.1), (10, 10));
}

#[tokio::test]
async fn calls_wait_in_turn_and_not_without_end() {
    let mut world = World::with(&SOURCE.replace("owner:", "max_in_flight: 1 owner:"));
    let (gate, order) = (Arc::new(Semaphore::new(0)), Arc::new(Mutex::new(Vec::new())));
    let echo = Echo::answering({
        let (gate, order) = (Arc::clone(&gate), Arc::clone(&order));
        move |request| {
            let (gate, order) = (Arc::clone(&gate), Arc::clone(&order));
            async move {
                gate.acquire().await.unwrap().forget();
                order.lock().unwrap().push(request.get_ref().parse::<usize>().unwrap());
                Ok(Response::new(String::new()))
            }
        }
    });
    let _provider = world.provider(echo).await;
    let client = world.client(CONSUMER);
    let mut calls: Vec<_> =
        (0..4096).map(|number| Box::pin(unary(&client, "Once", number.to_string()))).collect();
    // Nothing is connected yet: all of them wait, in this order.
    for call in &mut calls {
        assert!(futures::poll!(call.as_mut()).is_pending());
    }
    let full = unary(&client, "Once", String::new()).await.unwrap_err();
    assert_eq!((full.code(), reason(&full).as_deref()), (Code::Unavailable, Some("TOO_MANY_WAITING")));
    assert_eq!(said(&full, "rule").as_deref(), Some("max_in_flight: 1"));
    // Most of them give up; the others keep their turn.
    let patient: Vec<_> = calls.into_iter().step_by(64).collect();
    gate.add_permits(patient.len());
    for answer in futures::future::join_all(patient).await {
        answer.unwrap();
    }
    let order = order.lock().unwrap();
    assert!(order.len() == 64 && order.is_sorted(), "first come, first served: {order:?}");
}

#[tokio::test]
async fn no_endpoint_gets_more_than_the_contract_allows() {
    let mut world = World::with(&SOURCE.replace("owner:", "max_in_flight: 2 owner:"));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let echo = Echo::answering({
        let most = Arc::clone(&most);
        move |_| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(Response::new(String::new()))
            }
        }
    });
    let _provider = world.provider(echo).await;
    assert_eq!(calls(&world.client(CONSUMER), "Once", 320).await.len(), 0, "others wait");
    assert_eq!(most.load(Ordering::SeqCst), 2);
}
