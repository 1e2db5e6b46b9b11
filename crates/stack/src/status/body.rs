//! A response's end, when the mesh or the application breaks it off.

use super::Fault;
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
    pub(crate) struct Answered<B> {
        #[pin]
        inner: Option<B>,
    }
}

impl<B> Answered<B> {
    /// An answer that has begun.
    pub(crate) const fn begun(inner: B) -> Self {
        Self { inner: Some(inner) }
    }

    /// Nothing: the headers said it all.
    pub(crate) const fn empty() -> Self {
        Self { inner: None }
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
        let mut inner = self.project().inner;
        let Some(body) = inner.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        Poll::Ready(match ready!(body.poll_frame(cx)) {
            None => None,
            Some(Ok(frame)) => Some(Ok(frame)),
            Some(Err(fault)) => {
                inner.set(None);
                Some(Ok(Frame::trailers(fault.into_trailers())))
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
