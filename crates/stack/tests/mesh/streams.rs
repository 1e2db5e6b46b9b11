//! All four kinds of methods.

use crate::{
    echo::{Echo, client_stream, reason, server_stream, stream, unary},
    world::{CONSUMER, World},
};
use tokio::sync::mpsc;
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tonic::{Code, Request};

#[tokio::test]
async fn a_server_streams() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    let replies = server_stream(&world.client(CONSUMER), "Down", Request::new("4".to_owned())).await.unwrap();
    let replies: Vec<_> = replies.collect::<Result<_, _>>().await.unwrap();
    assert_eq!(replies, ["xxx", "xx", "x", ""]);
}

#[tokio::test]
async fn a_client_streams() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    let parts = ["a", "b", "c"].map(str::to_owned).to_vec();
    assert_eq!(client_stream(&world.client(CONSUMER), "Up", parts).await.unwrap(), "abc");
}

#[tokio::test]
async fn both_stream_and_answers_come_before_the_last_question() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    let (questions, receiver) = mpsc::channel(1);
    let mut answers = stream(&world.client(CONSUMER), "Both", ReceiverStream::new(receiver)).await.unwrap();
    for number in 0..100 {
        questions.send(format!("{number}")).await.unwrap();
        assert_eq!(answers.message().await.unwrap().unwrap(), format!("{number}"));
    }
    drop(questions);
    assert_eq!(answers.message().await.unwrap(), None);
}

#[tokio::test]
async fn much_more_than_is_kept_of_a_stream_passes() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    let (questions, receiver) = mpsc::channel(1);
    let mut answers = stream(&world.client(CONSUMER), "Both", ReceiverStream::new(receiver)).await.unwrap();
    let big = "x".repeat(100_000);
    for _ in 0..10 {
        questions.send(big.clone()).await.unwrap();
        assert_eq!(answers.message().await.unwrap().unwrap(), big);
    }
}

#[tokio::test]
async fn the_sound_part_of_an_answer_comes_before_its_refusal() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    // 70 bytes are too many, but the stream counts down from there: the first message is refused.
    let mut replies =
        server_stream(&world.client(CONSUMER), "Down", Request::new("70".to_owned())).await.unwrap();
    let refused = replies.message().await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_deref()),
        (Code::ResourceExhausted, Some("RESPONSE_TOO_LARGE"))
    );
}

#[tokio::test]
async fn a_message_too_large_ends_the_clients_stream_with_its_reason() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    let parts = vec!["fine".to_owned(), "x".repeat(40)];
    let refused = client_stream(&world.client(CONSUMER), "Up", parts).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_deref()),
        (Code::ResourceExhausted, Some("REQUEST_TOO_LARGE"))
    );
}

#[tokio::test]
async fn large_unary_messages_pass_whole() {
    let mut world = World::new();
    let _provider = world.provider(Echo::new()).await;
    let big = "x".repeat(3_000_000);
    let answer = unary(&world.client(CONSUMER), "Again", big.clone()).await.unwrap();
    assert_eq!(answer.into_inner(), big);
}
