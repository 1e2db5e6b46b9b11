//! Failures become statuses: before an answer has begun a response that is only trailers, after that the
//! trailers that end it. An application's own status passes as it is.

use super::arrival::Arrival;
use crate::status::{Fault, MeshError};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tower_service::Service;

/// The layer.
#[derive(Clone)]
pub(crate) struct Status<S> {
    inner: S,
}

impl<S> Status<S> {
    pub(crate) const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B, R> Service<Arrival<B>> for Status<S>
where
    S: Service<Arrival<B>, Response = http::Response<R>, Error = MeshError>,
{
    type Response = http::Response<StatusBody<R>>;
    type Error = Infallible;
    type Future = StatusFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Readiness cannot fail: no layer below does, and the handler's error is uninhabited.
        self.inner.poll_ready(cx).map(|_| Ok(()))
    }

    fn call(&mut self, arrival: Arrival<B>) -> Self::Future {
        StatusFuture { inner: self.inner.call(arrival) }
    }
}

pin_project! {
    /// The answer to come; there always is one.
    pub(crate) struct StatusFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F, R> Future for StatusFuture<F>
where
    F: Future<Output = Result<http::Response<R>, MeshError>>,
{
    type Output = Result<http::Response<StatusBody<R>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(match ready!(self.project().inner.poll(cx)) {
            Ok(response) => response.map(|inner| StatusBody { inner: Some(inner) }),
            Err(error) => error.into_response().map(|_| StatusBody { inner: None }),
        }))
    }
}

pin_project! {
    /// A body that never breaks off without saying why.
    pub(crate) struct StatusBody<B> {
        #[pin]
        inner: Option<B>,
    }
}

impl<B> Body for StatusBody<B>
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
