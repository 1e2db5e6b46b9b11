//! How long a call may last: what its caller asked for (`grpc-timeout`), at most what the contract says.
//! When the time is over the handler is dropped, and with it whatever it waits for.

mod expiry;

use super::arrival::Arrival;
use crate::{
    deadline::{Expires, now},
    status::MeshError,
};
use expiry::Expiry;
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::time::Sleep;
use tower_service::Service;

/// A response stream that ends with its call.
pub(crate) type DeadlineBody<B> = crate::deadline::DeadlineBody<B, Expiry>;

/// The layer.
#[derive(Clone)]
pub(crate) struct Deadline<S> {
    inner: S,
}

impl<S> Deadline<S> {
    pub(crate) const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B, R> Service<Arrival<B>> for Deadline<S>
where
    S: Service<Arrival<B>, Response = http::Response<R>, Error = MeshError>,
    R: Body,
{
    type Response = http::Response<DeadlineBody<R>>;
    type Error = MeshError;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), MeshError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut arrival: Arrival<B>) -> Self::Future {
        let expiry = Expiry::of(&arrival, now());
        arrival.deadline = expiry.as_ref().map(|expiry| expiry.at);
        DeadlineFuture { inner: self.inner.call(arrival), sleep: None, expiry }
    }
}

pin_project! {
    /// The answer to come, or not in time.
    pub(crate) struct DeadlineFuture<F> {
        #[pin]
        inner: F,
        // Not before the handler has to wait: most answers come at once, or without a timer firing.
        #[pin]
        sleep: Option<Sleep>,
        expiry: Option<Expiry>,
    }
}

impl<F, R> Future for DeadlineFuture<F>
where
    F: Future<Output = Result<http::Response<R>, MeshError>>,
    R: Body,
{
    type Output = Result<http::Response<DeadlineBody<R>>, MeshError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Poll::Ready(answer) = this.inner.poll(cx) {
            let expiry = this.expiry.take();
            return Poll::Ready(answer.map(|response| response.map(|body| DeadlineBody::new(body, expiry))));
        }
        let Some(expiry) = this.expiry.as_ref() else { return Poll::Pending };
        if this.sleep.is_none() {
            this.sleep.set(Some(tokio::time::sleep_until(expiry.at.into())));
        }
        match this.sleep.as_pin_mut().map(|sleep| sleep.poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(expiry.error())),
            _ => Poll::Pending,
        }
    }
}
