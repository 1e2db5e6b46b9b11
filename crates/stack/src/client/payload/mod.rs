//! The request's body, kept so that it can be sent again: one message whole, a stream as far as it was sent
//! before an answer began, up to 64 KiB.

mod replay;

#[cfg(test)]
mod tests;

use super::{
    route::Route,
    usage::{Counter, Sampler},
};
use crate::{
    Body,
    limit::{Bounds, Direction, Meter, too_large},
    status::Fault,
};
use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};
pub(crate) use replay::Replay;
use replay::Replayed;
use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tonic::Status;

/// The most that is kept of a request.
const KEPT: usize = 64 * 1024;

/// A request's body, before and between the tries to send it.
pub(crate) enum Payload {
    /// One message, complete.
    Whole { bytes: Bytes, kept: bool, length: u32 },
    /// Whatever the caller still sends.
    Stream(Arc<Replay>),
}

impl Payload {
    /// Takes `body`; of a unary method it waits for the message, if that is not too long to be kept. What
    /// is sent, `sampler` sees once; how large the messages of a stream are, `counter` is told.
    pub(crate) async fn read(
        body: Body,
        route: &Arc<Route>,
        sampler: Option<Box<Sampler>>,
        counter: Option<&Arc<Counter>>,
    ) -> Result<Self, Fault> {
        // How large a single message is, counts once it is answered.
        let counter = counter.filter(|_| !route.unary());
        let meter = Meter::telling(route.max(Direction::Request).value, counter, Direction::Request);
        if !route.unary() {
            return Ok(Self::Stream(Replay::new(body, None, meter, route, sampler)));
        }
        let mut body = body;
        let first = data(&mut body).await?.unwrap_or_default();
        let Some(second) = data(&mut body).await? else {
            return Self::whole(first, meter, route, sampler);
        };
        let mut bytes = BytesMut::from(first);
        bytes.extend_from_slice(&second);
        while bytes.len() <= KEPT {
            match data(&mut body).await? {
                Some(more) => bytes.extend_from_slice(&more),
                None => return Self::whole(bytes.freeze(), meter, route, sampler),
            }
        }
        Ok(Self::Stream(Replay::new(body, Some(bytes.freeze()), meter, route, sampler)))
    }

    fn whole(
        bytes: Bytes,
        mut meter: Meter,
        route: &Arc<Route>,
        sampler: Option<Box<Sampler>>,
    ) -> Result<Self, Fault> {
        if let Err(found) = meter.feed(&bytes) {
            return Err(too_large(&**route, Direction::Request, found.length).into());
        }
        if let Some(mut sampler) = sampler {
            sampler.feed(&bytes);
        }
        let kept = bytes.len() <= KEPT;
        Ok(Self::Whole { bytes, kept, length: meter.largest() })
    }

    /// The body for the next try. It takes the place of the one before, which must be given up.
    pub(crate) fn body(&mut self) -> RequestBody {
        match self {
            Self::Whole { bytes, kept: true, .. } => RequestBody::Whole(bytes.clone()),
            Self::Whole { bytes, kept: false, .. } => RequestBody::Whole(std::mem::take(bytes)),
            Self::Stream(replay) => RequestBody::Stream(Replay::start(replay)),
        }
    }

    /// The body came back unsent.
    pub(crate) fn restore(&mut self, body: RequestBody) {
        if let (Self::Whole { bytes, kept: false, .. }, RequestBody::Whole(unsent)) = (self, body) {
            *bytes = unsent;
        }
    }

    /// Whether it can be sent again, from its beginning.
    pub(crate) fn replayable(&self) -> bool {
        match self {
            Self::Whole { bytes, kept, .. } => *kept || !bytes.is_empty(),
            Self::Stream(replay) => replay.replayable(),
        }
    }

    /// An answer has begun: there will be no further try. Returns the stream that still goes on.
    pub(crate) fn commit(&self) -> Option<Arc<Replay>> {
        match self {
            Self::Whole { .. } => None,
            Self::Stream(replay) => {
                replay.commit();
                Some(Arc::clone(replay))
            }
        }
    }

    /// Bytes of the longest message that was read.
    pub(crate) fn largest(&self) -> u32 {
        match self {
            Self::Whole { length, .. } => *length,
            Self::Stream(replay) => replay.largest(),
        }
    }

    /// Why the request's body broke off, if it did so by itself.
    pub(crate) fn fault(&self) -> Option<Fault> {
        match self {
            Self::Whole { .. } => None,
            Self::Stream(replay) => replay.fault(),
        }
    }
}

/// The next data of `body`; requests have no trailers.
async fn data(body: &mut Body) -> Result<Option<Bytes>, Fault> {
    loop {
        match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
            None => return Ok(None),
            Some(frame) => {
                if let Ok(data) = frame?.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

/// What is handed to a connection.
pub(crate) enum RequestBody {
    Whole(Bytes),
    Stream(Replayed),
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match &mut *self {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Stream(replayed) => replayed.poll_data(cx).map_ok(Frame::data),
        }
    }

    /// So that the last message and the end of the stream are one frame, where that is known in time.
    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Stream(replayed) => replayed.is_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
