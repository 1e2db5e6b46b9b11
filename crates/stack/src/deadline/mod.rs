//! Response streams that end with their call's deadline, on either side.

use crate::status::{Fault, MeshError};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};
use tokio::time::Sleep;

/// The time, which tests may hold still.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// When a call must be over, and what is said when it is not.
pub(crate) trait Expires {
    fn at(&self) -> Instant;
    fn error(&self) -> MeshError;
}

pin_project! {
    /// Ends where the time is over; whatever makes it is dropped then.
    pub(crate) struct DeadlineBody<B, E> {
        #[pin]
        inner: Option<B>,
        sleep: Option<Pin<Box<Sleep>>>,
        expiry: Option<E>,
        started: bool,
    }
}

impl<B, E> DeadlineBody<B, E> {
    pub(crate) const fn new(inner: B, expiry: Option<E>) -> Self {
        Self { inner: Some(inner), sleep: None, expiry, started: false }
    }
}

impl<B, E> Body for DeadlineBody<B, E>
where
    E: Expires,
    B: Body<Data = Bytes, Error = Fault>,
{
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let mut this = self.project();
        let Some(inner) = this.inner.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let frame = inner.poll_frame(cx);
        let Some(expiry) = this.expiry.as_ref() else { return frame };
        let expired = match &frame {
            // A stream that always has something to say would never look at a timer. The first message
            // is free: it is all there is of a unary answer.
            Poll::Ready(Some(Ok(frame))) if frame.is_data() => {
                std::mem::replace(this.started, true) && expiry.at() <= now()
            }
            Poll::Ready(_) => false,
            Poll::Pending => {
                let timer = || Box::pin(tokio::time::sleep_until(expiry.at().into()));
                this.sleep.get_or_insert_with(timer).as_mut().poll(cx).is_ready()
            }
        };
        if !expired {
            return frame;
        }
        let error = expiry.error();
        this.inner.set(None);
        Poll::Ready(Some(Err(error.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
