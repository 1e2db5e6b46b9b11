use super::{body::PacedBody, framing::Framing, *};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, poll};
use http_body_util::{BodyExt as _, BodyStream, StreamBody};
use std::{
    convert::Infallible,
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::Poll,
};
use tonic::body::Body;

/// A message of so many bytes, as it stands in a stream.
fn message(bytes: usize) -> Bytes {
    let mut message = BytesMut::from(&[0][..]);
    message.extend_from_slice(&u32::try_from(bytes).unwrap().to_be_bytes());
    message.resize(5 + bytes, 7);
    message.freeze()
}

/// A stream in pieces of so many bytes, and how many of them were read.
fn stream(bytes: &Bytes, piece: usize) -> (Body, Arc<AtomicUsize>) {
    let pieces: Vec<_> = bytes.chunks(piece).map(Bytes::copy_from_slice).collect();
    let read = Arc::new(AtomicUsize::new(0));
    let count = read.clone();
    let frames = pieces.into_iter().map(move |piece| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(http_body::Frame::data(piece))
    });
    (Body::new(StreamBody::new(futures::stream::iter(frames))), read)
}

fn workload(name: &str) -> Option<WorkloadId> {
    Some(name.parse().unwrap())
}

#[test]
fn messages_are_told_apart_wherever_a_stream_is_cut() {
    let sizes = [0, 3, SMALL, SMALL + 1, 1, 2 * SMALL];
    let all: BytesMut = sizes.iter().flat_map(|size| message(*size)).collect();
    let all = all.freeze();
    for piece in [1, 4, 5, 6, 1000, SMALL, all.len()] {
        let (mut framing, mut handed_on, mut small, mut large) =
            (Framing::default(), BytesMut::new(), 0, Vec::new());
        for part in all.chunks(piece).map(Bytes::copy_from_slice) {
            let mut part = Some(part);
            while let Some(bytes) = part.take() {
                let piece = framing.take(bytes);
                handed_on.extend_from_slice(&piece.ready);
                small += piece.small;
                part = piece.large.map(|(length, rest)| {
                    large.push((length, handed_on.len()));
                    rest
                });
            }
        }
        assert_eq!(handed_on, all, "{piece}");
        assert_eq!((small, framing.within()), (4, false), "{piece}");
        let first = 5 + 8 + 5 + SMALL + 4;
        let second = first + 1 + SMALL + 1 + 6 + 4;
        assert_eq!(
            large,
            [(SMALL + 1, first), (2 * SMALL, second)],
            "{piece}: up to the last byte of its prefix"
        );
    }
}

#[tokio::test]
async fn of_a_workload_so_many_bytes_come_at_once_on_all_of_its_streams() {
    let intake = Intake::default();
    let body = |bytes: &Bytes, of: &str| {
        let (inner, read) = stream(bytes, SMALL);
        let arrived = Arrived::default();
        let paced = PacedBody::new(inner, intake.clone(), workload(of), arrived.clone());
        (BodyStream::new(paced), arrived, read)
    };
    let large = message(WORKLOAD_BYTES - 1);
    let (first, arrived, _) = body(&large, "demo/a");
    assert_eq!(
        first
            .map(|frame| frame.unwrap().into_data().unwrap().len())
            .collect::<Vec<_>>()
            .await
            .iter()
            .sum::<usize>(),
        large.len()
    );
    // It has come, and is kept while it is judged: nothing more of the workload is read, however many streams it has.
    let mut others: Vec<_> = (0..20).map(|_| body(&large, "demo/a")).collect();
    for (other, _, read) in &mut others {
        let prefix = other.next().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(prefix.len(), 4);
        assert!(matches!(poll!(other.next()), Poll::Pending));
        assert_eq!(read.load(Ordering::Relaxed), 1, "one piece was read to know how much it is");
    }
    let (stranger, _, _) = body(&large, "demo/b");
    assert!(stranger.count().await > 1, "others have room of their own");
    drop(arrived.next().unwrap());
    let (next, ..) = &mut others[0];
    assert!(next.next().await.unwrap().is_ok(), "there is room again");
    assert!(matches!(poll!(others[1].0.next()), Poll::Pending), "for one");
}

#[tokio::test]
async fn all_workloads_together_have_so_much_room() {
    let intake = Intake::default();
    let names: Vec<_> = (0..5).map(|n| workload(&format!("demo/w{n}"))).collect();
    let mut rooms = Vec::new();
    for name in &names[..ALL_BYTES / WORKLOAD_BYTES] {
        rooms.push(intake.clone().room(name.clone(), WORKLOAD_BYTES).await.unwrap());
    }
    let mut late = pin!(intake.clone().room(names[4].clone(), WORKLOAD_BYTES));
    assert!(matches!(poll!(late.as_mut()), Poll::Pending));
    rooms.pop();
    assert!(late.await.is_some());
}

#[tokio::test]
async fn small_messages_wait_for_nobody() {
    let intake = Intake::default();
    let _all = intake.clone().room(workload("demo/a"), WORKLOAD_BYTES).await.unwrap();
    let (inner, _) = stream(&[message(10), message(SMALL)].concat().into(), 7);
    let arrived = Arrived::default();
    let paced = PacedBody::new(inner, intake, workload("demo/a"), arrived.clone());
    assert_eq!(paced.collect().await.unwrap().to_bytes().len(), 10 + SMALL + 10);
    assert!(arrived.next().is_none() && arrived.next().is_none());
}

#[tokio::test(start_paused = true)]
async fn whoever_has_room_and_sends_nothing_loses_it() {
    let intake = Intake::default();
    let begun = message(SMALL + 1).slice(..100);
    let (inner, _) = stream(&begun, 50);
    let stalled = Body::new(StreamBody::new(BodyStream::new(inner).chain(futures::stream::pending())));
    let mut body = BodyStream::new(PacedBody::new(stalled, intake, workload("demo/a"), Arrived::default()));
    let mut last = body.next().await.unwrap();
    while last.is_ok() {
        last = body.next().await.unwrap();
    }
    let error = last.unwrap_err().downcast::<std::io::Error>().unwrap();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn two_sets_are_judged_at_once() {
    let intake = Intake::default();
    let running = Arc::new(Mutex::new((0, 0)));
    let judge = || {
        let running = running.clone();
        intake.judge(move || {
            let mut count = running.lock();
            count.0 += 1;
            count.1 = count.0.max(count.1);
            drop(count);
            std::thread::yield_now();
            running.lock().0 -= 1;
        })
    };
    futures::future::try_join_all((0..50).map(|_| judge())).await.unwrap();
    assert!(running.lock().1 <= JUDGED_AT_ONCE);
}
