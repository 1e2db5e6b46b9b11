//! The end of a response closes the record of its call, on either side.

use crate::status::Fault;
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use telemetry::Call;

/// A stream that ended without a status (gRPC over HTTP/2, "Responses").
pub(crate) const UNKNOWN: i32 = 2;

/// The `grpc-status` in headers or trailers.
pub(crate) fn status_in(headers: &HeaderMap) -> Option<i32> {
    let value = headers.get("grpc-status")?;
    Some(value.to_str().ok().and_then(|text| text.parse().ok()).unwrap_or(UNKNOWN))
}

pin_project! {
    /// A response stream whose end closes the record. Dropped before, the call was cancelled.
    pub(crate) struct Recorded<B> {
        #[pin]
        inner: B,
        call: Option<Call>,
    }
}

impl<B: Body> Recorded<B> {
    /// `response`, and `call` with its end, which may have been reached already.
    pub(crate) fn response(response: http::Response<B>, call: Option<Call>) -> http::Response<Self> {
        let ended = status_in(response.headers());
        let ended = ended.or_else(|| response.body().is_end_stream().then_some(UNKNOWN));
        let call = match (ended, call) {
            (Some(code), Some(call)) => {
                call.finish(code, None);
                None
            }
            (_, call) => call,
        };
        response.map(|inner| Self { inner, call })
    }
}

impl<B> Body for Recorded<B>
where
    B: Body<Data = Bytes, Error = Fault>,
{
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(cx));
        let outcome = match &frame {
            None => Some((UNKNOWN, None)),
            Some(Err(fault)) => Some((fault.code(), fault.reason())),
            Some(Ok(frame)) => frame.trailers_ref().map(|t| (status_in(t).unwrap_or(UNKNOWN), None)),
        };
        if let Some((code, reason)) = outcome
            && let Some(call) = this.call.take()
        {
            call.finish(code, reason);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        // Whoever sees the end here does not poll again; the record must be closed first.
        self.call.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
