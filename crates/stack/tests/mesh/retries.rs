//! What is tried again, and what never is.

use crate::{
    echo::{Echo, reason, said, unary},
    world::{CONSUMER, World},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::mpsc;
use tonic::{Code, Response, Status};

/// Fails `times` times, then says which try this is.
fn failing(times: usize, status: impl Fn() -> Status + Send + Sync + 'static) -> Echo {
    let made = Arc::new(AtomicUsize::new(0));
    Echo::answering(move |request| {
        let made = made.fetch_add(1, Ordering::SeqCst);
        let previous = request.metadata().get("grpc-previous-rpc-attempts").cloned();
        let answer = if made < times { Err(status()) } else { Ok(previous) };
        async {
            answer.map(|said| {
                Response::new(said.map_or_else(String::new, |said| said.to_str().unwrap().to_owned()))
            })
        }
    })
}

#[tokio::test]
async fn an_idempotent_method_is_tried_again() {
    let mut world = World::new();
    let echo = failing(2, || Status::unavailable("not now"));
    let _provider = world.provider(echo.clone()).await;
    let answer = unary(&world.client(CONSUMER), "Again", String::new()).await.unwrap();
    assert_eq!(answer.into_inner(), "2", "the third try says how many there were");
    assert_eq!(echo.calls(), 3);
}

#[tokio::test]
async fn no_other_method_is() {
    let mut world = World::new();
    let echo = failing(2, || Status::unavailable("not now"));
    let _provider = world.provider(echo.clone()).await;
    let status = unary(&world.client(CONSUMER), "Once", String::new()).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Unavailable, "not now"));
    assert_eq!(echo.calls(), 1);
}

#[tokio::test]
async fn attempts_end_and_the_last_status_stays_the_applications() {
    let mut world = World::new();
    let echo = failing(9, || Status::unavailable("never"));
    let _provider = world.provider(echo.clone()).await;
    let status = unary(&world.client(CONSUMER), "Again", String::new()).await.unwrap_err();
    assert_eq!((status.message(), reason(&status)), ("never", None));
    assert_eq!(echo.calls(), 3);
}

#[tokio::test]
async fn other_codes_are_final() {
    let mut world = World::new();
    let echo = failing(9, || Status::not_found("no such thing"));
    let _provider = world.provider(echo.clone()).await;
    unary(&world.client(CONSUMER), "Again", String::new()).await.unwrap_err();
    assert_eq!(echo.calls(), 1);
}

#[tokio::test]
async fn the_server_may_forbid_it() {
    let mut world = World::new();
    let echo = failing(9, || {
        let mut status = Status::unavailable("leave me alone");
        status.metadata_mut().insert("grpc-retry-pushback-ms", "-1".parse().unwrap());
        status
    });
    let _provider = world.provider(echo.clone()).await;
    unary(&world.client(CONSUMER), "Again", String::new()).await.unwrap_err();
    assert_eq!(echo.calls(), 1);
}

/// Says when it has begun, and never ends.
fn hanging() -> (Echo, mpsc::UnboundedReceiver<()>) {
    let (sender, begun) = mpsc::unbounded_channel();
    let echo = Echo::answering(move |_| {
        sender.send(()).unwrap();
        std::future::pending()
    });
    (echo, begun)
}

#[tokio::test]
async fn a_call_that_dies_with_its_instance_is_not_repeated_unless_it_may_be() {
    let mut world = World::new();
    let (echo, mut begun) = hanging();
    let provider = world.provider(echo).await;
    let client = world.client(CONSUMER);
    let once = tokio::spawn({
        let client = client.clone();
        async move { unary(&client, "Once", String::new()).await }
    });
    let again = tokio::spawn(async move { unary(&client, "Again", String::new()).await });
    begun.recv().await.unwrap();
    begun.recv().await.unwrap();
    let _other = world.provider(Echo::new()).await;
    provider.kill();

    let lost = once.await.unwrap().unwrap_err();
    assert_eq!((lost.code(), reason(&lost).as_deref()), (Code::Unavailable, Some("CONNECTION_LOST")));
    assert_eq!(said(&lost, "endpoint").unwrap(), provider.address.to_string());
    again.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_try_that_takes_too_long_gives_way_to_another() {
    let mut world = World::new();
    let hung = Arc::new(AtomicUsize::new(0));
    let echo = Echo::answering(move |request| {
        let first = hung.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if first {
                std::future::pending::<()>().await;
            }
            Ok(Response::new(request.into_inner()))
        }
    });
    let _provider = world.provider(echo.clone()).await;
    unary(&world.client(CONSUMER), "Impatient", String::new()).await.unwrap();
    assert_eq!(echo.calls(), 2);
}

#[tokio::test]
async fn the_last_try_that_takes_too_long_says_so() {
    let mut world = World::new();
    let (echo, _begun) = hanging();
    let _provider = world.provider(echo.clone()).await;
    let late = unary(&world.client(CONSUMER), "Impatient", String::new()).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_deref()), (Code::DeadlineExceeded, Some("DEADLINE_EXCEEDED")));
    assert_eq!(said(&late, "rule").as_deref(), Some("per_try: 50ms"));
    assert_eq!(echo.calls(), 2);
}

#[tokio::test]
async fn a_handler_that_panics_is_no_cancellation() {
    let mut world = World::new();
    let _provider = world.provider(Echo::answering(|_| async { panic!("on purpose") })).await;
    let status = unary(&world.client(CONSUMER), "Again", String::new()).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_deref()), (Code::Internal, Some("PEER_RESET")));
}
