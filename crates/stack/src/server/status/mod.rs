//! Failures become statuses: before an answer has begun a response that is only trailers, after that the
//! trailers that end it. An application's own status passes as it is.

use super::arrival::Arrival;
use crate::{
    metadata::{Room, fit_error},
    status::{Answered, MeshError},
};
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
    type Response = http::Response<Answered<R>>;
    type Error = Infallible;
    type Future = StatusFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Readiness cannot fail: no layer below does, and the handler's error is uninhabited.
        self.inner.poll_ready(cx).map(|_| Ok(()))
    }

    fn call(&mut self, arrival: Arrival<B>) -> Self::Future {
        let room = Room::of(arrival.request.extensions());
        StatusFuture { inner: self.inner.call(arrival), room }
    }
}

pin_project! {
    /// The answer to come; there always is one.
    pub(crate) struct StatusFuture<F> {
        #[pin]
        inner: F,
        room: Room,
    }
}

impl<F, R> Future for StatusFuture<F>
where
    F: Future<Output = Result<http::Response<R>, MeshError>>,
{
    type Output = Result<http::Response<Answered<R>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let room = *this.room;
        Poll::Ready(Ok(match ready!(this.inner.poll(cx)) {
            Ok(response) => response.map(|body| Answered::begun(body, room)),
            Err(error) => {
                let mut refusal = error.into_response().map(|_| Answered::empty(room));
                fit_error(refusal.headers_mut(), room);
                refusal
            }
        }))
    }
}
