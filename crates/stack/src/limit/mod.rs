//! Message sizes, judged as the bytes pass: the five-byte prefix of each gRPC message says its length
//! (gRPC over HTTP/2, "Length-Prefixed-Message"). Nothing is buffered, copied or decoded; a compressed
//! message counts as long as it is on the wire.

use crate::status::{Fault, MeshError, Reason};
use bytes::Bytes;
use contract::Sourced;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

#[cfg(test)]
mod tests;

const PREFIX: usize = 5;

/// Follows the messages of one direction of one call.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    max: u32,
    /// Bytes of the current prefix seen so far.
    seen: usize,
    length: u32,
    /// Bytes of the current message still to come.
    left: u32,
    /// The longest message so far that is not too large.
    largest: u32,
    /// Who is told of each message that is not too large.
    told: Option<(Arc<dyn Sizes>, Direction)>,
}

/// A message is too large. What came before its prefix is `sound`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// Bytes of the chunk before this message's prefix.
    pub(crate) sound: usize,
    /// What the prefix announces.
    pub(crate) length: u32,
}

impl Meter {
    pub(crate) const fn new(max: u32) -> Self {
        Self { max, seen: 0, length: 0, left: 0, largest: 0, told: None }
    }

    /// One that tells `sizes` how large messages are.
    pub(crate) fn telling<S: Sizes>(max: u32, sizes: Option<&Arc<S>>, direction: Direction) -> Self {
        let told = sizes.map(|sizes| (Arc::clone(sizes) as Arc<dyn Sizes>, direction));
        Self { told, ..Self::new(max) }
    }

    /// The longest message so far that is not too large, in bytes.
    pub(crate) const fn largest(&self) -> u32 {
        self.largest
    }

    /// Reads one more chunk.
    pub(crate) fn feed(&mut self, chunk: &[u8]) -> Result<(), TooLarge> {
        let mut rest = chunk;
        while !rest.is_empty() {
            if self.left > 0 {
                let skipped = rest.len().min(self.left as usize);
                // At most `left`, which is a u32.
                self.left -= skipped as u32;
                rest = rest.get(skipped..).unwrap_or_default();
                continue;
            }
            let start = chunk.len() - rest.len();
            rest = self.prefix(rest);
            if self.seen == PREFIX {
                self.seen = 0;
                self.left = std::mem::take(&mut self.length);
                if self.left > self.max {
                    return Err(TooLarge { sound: start, length: self.left });
                }
                self.largest = self.largest.max(self.left);
                if let Some((sizes, direction)) = &self.told {
                    sizes.message(*direction, self.left);
                }
            }
        }
        Ok(())
    }

    /// Takes what `bytes` has of the current prefix: a flag, then the length in network order.
    fn prefix<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = bytes.split_at(bytes.len().min(PREFIX - self.seen));
        for byte in taken {
            if self.seen > 0 {
                self.length = (self.length << 8) | u32::from(*byte);
            }
            self.seen += 1;
        }
        rest
    }
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Response,
}

/// Whoever wants to know how large messages are.
pub(crate) trait Sizes: fmt::Debug + Send + Sync + 'static {
    /// A message of so many bytes passes, as it is on the wire.
    fn message(&self, direction: Direction, bytes: u32);
}

/// The bound of one direction of one method, and where it is written.
pub(crate) trait Bounds: Send + Sync + 'static {
    /// The method's path.
    fn path(&self) -> &str;
    /// Bytes.
    fn max(&self, direction: Direction) -> &Sourced<u32>;
}

/// The refusal of a message of `length` bytes.
pub(crate) fn too_large(bounds: &dyn Bounds, direction: Direction, length: u32) -> MeshError {
    let max = bounds.max(direction);
    let (reason, what, option) = match direction {
        Direction::Request => (Reason::RequestTooLarge, "request", "max_request_bytes"),
        Direction::Response => (Reason::ResponseTooLarge, "response", "max_response_bytes"),
    };
    let (path, value, origin) = (bounds.path(), max.value, &max.origin);
    MeshError::new(
        reason,
        format!("a {what} message of {path} has {length} bytes; {value} is the most ({origin})"),
    )
    .rule(format_args!("{option}: {value}"))
    .origin(origin)
    .method(path)
    .with("bytes", length)
    .remedy(format_args!("send smaller messages, or raise {option} of the method in the contract"))
}

pin_project! {
    /// A body that ends where a message is too large.
    pub(crate) struct Metered<B> {
        #[pin]
        inner: B,
        meter: Meter,
        bounds: Arc<dyn Bounds>,
        direction: Direction,
        exceeded: Option<u32>,
        over: bool,
    }
}

impl<B> Metered<B> {
    pub(crate) fn new(inner: B, bounds: Arc<dyn Bounds>, direction: Direction) -> Self {
        let meter = Meter::new(bounds.max(direction).value);
        Self::resume(inner, meter, bounds, direction)
    }

    /// Of some of which `meter` has seen the beginning.
    pub(crate) fn resume(inner: B, meter: Meter, bounds: Arc<dyn Bounds>, direction: Direction) -> Self {
        Self { inner, meter, bounds, direction, exceeded: None, over: false }
    }
}

impl<B> Body for Metered<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Fault>,
{
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let this = self.project();
        if let Some(length) = this.exceeded.take() {
            *this.over = true;
            return Poll::Ready(Some(Err(too_large(&**this.bounds, *this.direction, length).into())));
        }
        if *this.over {
            return Poll::Ready(None);
        }
        let frame = match ready!(this.inner.poll_frame(cx)) {
            None => return Poll::Ready(None),
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            Some(Ok(frame)) => frame,
        };
        let Some(Err(found)) = frame.data_ref().map(|data| this.meter.feed(data)) else {
            return Poll::Ready(Some(Ok(frame)));
        };
        let sound = frame.into_data().map(|mut data| data.split_to(found.sound)).unwrap_or_default();
        if sound.is_empty() {
            *this.over = true;
            return Poll::Ready(Some(Err(too_large(&**this.bounds, *this.direction, found.length).into())));
        }
        *this.exceeded = Some(found.length);
        Poll::Ready(Some(Ok(Frame::data(sound))))
    }

    fn is_end_stream(&self) -> bool {
        self.over || (self.exceeded.is_none() && self.inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
