use super::*;
use crate::client::route::tests::route;
use http_body_util::{BodyExt, StreamBody, channel::Channel};
use proptest::prelude::*;
use tokio::runtime::Builder;

fn message(length: usize) -> Bytes {
    let mut bytes = vec![0];
    bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
    bytes.resize(5 + length, 7);
    bytes.into()
}

fn body(chunks: &[Bytes]) -> Body {
    let frames: Vec<_> = chunks.iter().cloned().map(|chunk| Ok::<_, Status>(Frame::data(chunk))).collect();
    Body::new(StreamBody::new(tokio_stream::iter(frames)))
}

async fn read(body: RequestBody) -> Result<Bytes, Status> {
    Ok(body.collect().await?.to_bytes())
}

#[tokio::test]
async fn one_message_is_one_frame_and_may_go_twice() {
    let route = route(false, false, 100);
    let mut payload = Payload::read(body(&[message(3)]), &route, None, None).await.unwrap();
    for _ in 0..2 {
        assert!(payload.replayable());
        let mut body = payload.body();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), message(3));
        assert!(body.is_end_stream());
    }
}

#[tokio::test]
async fn a_long_message_goes_once_unless_it_comes_back() {
    let route = route(false, false, 1_000_000);
    let mut payload = Payload::read(body(&[message(100_000)]), &route, None, None).await.unwrap();
    let sent = payload.body();
    assert!(!payload.replayable());
    payload.restore(sent);
    assert!(payload.replayable());
    assert_eq!(read(payload.body()).await.unwrap(), message(100_000));
}

#[tokio::test]
async fn a_long_message_in_pieces_is_not_waited_for() {
    let route = route(false, false, 1_000_000);
    let (mut sender, receiver) = Channel::<Bytes, Status>::new(4);
    let whole = message(150_000);
    sender.send_data(whole.slice(..40_000)).await.unwrap();
    sender.send_data(whole.slice(40_000..80_000)).await.unwrap();
    let mut payload = Payload::read(Body::new(receiver), &route, None, None).await.unwrap();
    let sent = tokio::spawn(read(payload.body()));
    sender.send_data(whole.slice(80_000..)).await.unwrap();
    drop(sender);
    assert_eq!(sent.await.unwrap().unwrap(), whole);
    assert!(!payload.replayable());
}

#[tokio::test]
async fn a_message_too_large_does_not_leave() {
    let route = route(false, false, 10);
    let refused = Payload::read(body(&[message(11)]), &route, None, None).await.err().unwrap();
    assert_eq!(refused.reason(), Some("REQUEST_TOO_LARGE"));
}

#[tokio::test]
async fn a_stream_starts_over_until_an_answer_begins() {
    let route = route(true, true, 100);
    let (mut sender, receiver) = Channel::<Bytes, Status>::new(4);
    let mut payload = Payload::read(Body::new(receiver), &route, None, None).await.unwrap();
    let mut first = payload.body();
    sender.send_data(message(1)).await.unwrap();
    assert_eq!(first.frame().await.unwrap().unwrap().into_data().unwrap(), message(1));

    let mut second = payload.body();
    assert!(first.frame().await.unwrap().is_err(), "the first try reads no more");
    assert_eq!(second.frame().await.unwrap().unwrap().into_data().unwrap(), message(1));
    assert!(payload.replayable());
    payload.commit();
    assert!(!payload.replayable());
    sender.send_data(message(2)).await.unwrap();
    drop(sender);
    assert_eq!(read(second).await.unwrap(), message(2));
}

/// A body as HTTP/2 clients end it: with an empty frame.
struct EndsEmpty(Vec<Bytes>);

impl http_body::Body for EndsEmpty {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Poll::Ready((!self.0.is_empty()).then(|| Ok(Frame::data(self.0.remove(0)))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

#[tokio::test]
async fn the_end_is_no_message() {
    let route = route(true, true, 100);
    for (frames, known) in [(vec![message(1)], true), (vec![message(1), Bytes::new()], false)] {
        let source = Body::new(EndsEmpty([vec![Bytes::new()], frames].concat()));
        let mut payload = Payload::read(source, &route, None, None).await.unwrap();
        for _ in 0..2 {
            let mut body = payload.body();
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), message(1));
            assert!(body.is_end_stream() || !known);
            assert!(body.frame().await.is_none(), "no empty frame goes on");
            assert!(body.is_end_stream());
        }
    }
}

proptest! {
    #[test]
    fn every_try_reads_the_same_however_it_is_cut(
        lengths in proptest::collection::vec(0_usize..30_000, 0..8),
        unary: bool,
        tries in 1_usize..4,
        committed_after in 0_usize..6,
    ) {
        let chunks: Vec<_> = lengths.iter().copied().map(message).collect();
        let whole: Vec<u8> = chunks.concat();
        Builder::new_current_thread().build().unwrap().block_on(async {
            let route = route(!unary, false, 1_000_000);
            let mut payload = Payload::read(body(&chunks), &route, None, None).await.unwrap();
            for _ in 1..tries {
                let mut given_up = payload.body();
                for _ in 0..committed_after {
                    let _ = given_up.frame().await;
                }
            }
            if !payload.replayable() {
                return Ok(());
            }
            let mut last = payload.body();
            let mut read_so_far = Vec::new();
            for _ in 0..committed_after {
                if let Some(frame) = last.frame().await {
                    read_so_far.extend_from_slice(&frame.unwrap().into_data().unwrap());
                }
            }
            payload.commit();
            read_so_far.extend_from_slice(&read(last).await.unwrap());
            prop_assert_eq!(read_so_far, whole);
            Ok(())
        })?;
    }
}
