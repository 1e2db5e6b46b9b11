//! A response that breaks off when the rest of the request is refused.

use super::Verdict;
use crate::status::Fault;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{Context, Poll},
};

pin_project! {
    /// A body that ends with the refusal of the request, once there is one.
    pub(crate) struct Watched<B> {
        #[pin]
        inner: B,
        verdict: Option<Verdict>,
    }
}

impl<B> Watched<B> {
    pub(crate) const fn new(inner: B, verdict: Option<Verdict>) -> Self {
        Self { inner, verdict }
    }
}

impl<B> Body for Watched<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Fault>,
{
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let this = self.project();
        let frame = this.inner.poll_frame(cx);
        // After the other side had its turn: it may be the one who reads the request.
        match this.verdict.as_ref().and_then(|verdict| verdict.poll(cx)) {
            Some(refusal) => Poll::Ready(Some(Err(refusal.into()))),
            None => frame.map_err(Into::into),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
