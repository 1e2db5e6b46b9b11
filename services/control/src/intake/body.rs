//! The body of a request, read only as far as there is room.

use super::{ARRIVAL, Intake, Room, framing::Framing};
use bytes::Bytes;
use futures::future::BoxFuture;
use http_body::Frame;
use identity::{Peer, WorkloadId};
use parking_lot::Mutex;
use std::{
    collections::VecDeque,
    error::Error,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::{body::Body, server::NamedService};
use tower_service::Service;

/// A service whose requests are read only as far as there is room. What came has its room in the request's
/// extensions, as [`Arrived`].
#[derive(Clone, Debug)]
pub(crate) struct Paced<S> {
    inner: S,
    intake: Intake,
}

impl<S> Paced<S> {
    pub(crate) fn new(inner: S, intake: Intake) -> Self {
        Self { inner, intake }
    }
}

impl<S: NamedService> NamedService for Paced<S> {
    const NAME: &'static str = S::NAME;
}

impl<S: Service<http::Request<Body>>> Service<http::Request<Body>> for Paced<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let arrived = Arrived::default();
        let peer = request.extensions().get::<Arc<Peer>>();
        let workload = peer.and_then(|peer| Some(peer.id.as_ref()?.workload().clone()));
        let (intake, in_turn) = (self.intake.clone(), arrived.clone());
        let mut request = request.map(|inner| Body::new(PacedBody::new(inner, intake, workload, in_turn)));
        request.extensions_mut().insert(arrived);
        self.inner.call(request)
    }
}

/// The room of the messages that came on a stream, or are coming, in their order. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrived(Arc<Mutex<VecDeque<Option<Room>>>>);

impl Arrived {
    /// The room of the next message; to be asked for once for each. `None`: it is small.
    pub(crate) fn next(&self) -> Option<Room> {
        self.0.lock().pop_front().flatten()
    }

    fn push(&self, room: Option<Room>) {
        self.0.lock().push_back(room);
    }
}

pub(super) struct PacedBody {
    inner: Body,
    intake: Intake,
    workload: Option<WorkloadId>,
    arrived: Arrived,
    framing: Framing,
    /// What waits for room.
    waiting: Option<(BoxFuture<'static, Option<Room>>, Bytes)>,
    /// When the large message that is coming has to be whole.
    due: Option<Pin<Box<Sleep>>>,
}

impl PacedBody {
    pub(super) fn new(inner: Body, intake: Intake, workload: Option<WorkloadId>, arrived: Arrived) -> Self {
        Self { inner, intake, workload, arrived, framing: Framing::default(), waiting: None, due: None }
    }

    /// What of these bytes can be handed on now.
    fn take(&mut self, bytes: Bytes) -> Bytes {
        let piece = self.framing.take(bytes);
        (0..piece.small).for_each(|_| self.arrived.push(None));
        if let Some((length, rest)) = piece.large {
            let room = self.intake.clone().room(self.workload.clone(), length);
            self.waiting = Some((Box::pin(room), rest));
        }
        // Another message has begun, or none has: the large one is whole.
        if piece.small > 0 || self.waiting.is_some() || !self.framing.within() {
            self.due = None;
        }
        piece.ready
    }
}

impl http_body::Body for PacedBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        loop {
            if let Some((room, _)) = &mut this.waiting {
                let room = ready!(room.as_mut().poll(context));
                let Some((_, rest)) = this.waiting.take() else { continue };
                this.arrived.push(room);
                this.due = Some(Box::pin(sleep_until(Instant::now() + ARRIVAL)));
                let bytes = this.take(rest);
                if !bytes.is_empty() {
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                continue;
            }
            let frame = match Pin::new(&mut this.inner).poll_frame(context) {
                Poll::Ready(frame) => frame,
                Poll::Pending => {
                    let due = this.due.as_mut().map(|due| due.as_mut().poll(context));
                    let late = io::Error::new(io::ErrorKind::TimedOut, "a message did not come in time");
                    return match due {
                        Some(Poll::Ready(())) => Poll::Ready(Some(Err(late.into()))),
                        Some(Poll::Pending) | None => Poll::Pending,
                    };
                }
            };
            let data = match frame {
                Some(Ok(frame)) => frame.into_data(),
                other => return Poll::Ready(other.map(|other| other.map_err(Into::into))),
            };
            match data {
                Ok(bytes) => {
                    let bytes = this.take(bytes);
                    if !bytes.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(bytes))));
                    }
                }
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_none() && self.inner.is_end_stream()
    }
}
