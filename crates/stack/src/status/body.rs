//! A response's end, when the mesh or the application breaks it off.

use super::Fault;
use crate::metadata::{Room, fit_error};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
};

pin_project! {
    /// A body that never breaks off without saying why.
    #[project = Projected]
    pub(crate) struct Answered<B> {
        #[pin]
        inner: Option<B>,
        room: Room,
    }
}

impl<B> Answered<B> {
    /// An answer that has begun, to a receiver that takes so much at its end.
    pub(crate) const fn begun(inner: B, room: Room) -> Self {
        Self { inner: Some(inner), room }
    }

    /// Nothing: the headers said it all.
    pub(crate) const fn empty(room: Room) -> Self {
        Self { inner: None, room }
    }
}

impl<B> Body for Answered<B>
where
    B: Body<Data = Bytes, Error = Fault>,
{
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Projected { mut inner, room } = self.project();
        let Some(body) = inner.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        Poll::Ready(match ready!(body.poll_frame(cx)) {
            None => None,
            Some(Ok(frame)) => Some(Ok(frame)),
            Some(Err(fault)) => {
                inner.set(None);
                let mut trailers = fault.into_trailers();
                fit_error(&mut trailers, *room);
                Some(Ok(Frame::trailers(trailers)))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
