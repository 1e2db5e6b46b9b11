//! What a call leaves behind: its span and its measurement, closed by its last byte.

use super::arrival::Arrival;
use crate::{record::Recorded, status::MeshError};
use http_body::Body;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};
use telemetry::{Call, Telemetry, TraceContext};
use tower_service::Service;

/// The layer.
#[derive(Clone)]
pub(crate) struct Record<S> {
    inner: S,
    telemetry: Telemetry,
}

/// A response stream whose end closes the record.
pub(crate) type RecordBody<B> = Recorded<B>;

impl<S> Record<S> {
    pub(crate) const fn new(inner: S, telemetry: Telemetry) -> Self {
        Self { inner, telemetry }
    }
}

impl<S, B, R> Service<Arrival<B>> for Record<S>
where
    S: Service<Arrival<B>, Response = http::Response<R>, Error = MeshError>,
    R: Body,
{
    type Response = http::Response<RecordBody<R>>;
    type Error = MeshError;
    type Future = RecordFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), MeshError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut arrival: Arrival<B>) -> Self::Future {
        let parent = TraceContext::extract(arrival.request.headers());
        let path = arrival.request.uri().path();
        let mut call = self.telemetry.server_call(path, &arrival.caller(), parent);
        if let Some(peer) = &arrival.peer {
            call.peer_address(peer.address);
        }
        arrival.trace = Some(call.context());
        RecordFuture { inner: self.inner.call(arrival), call: Some(call) }
    }
}

pin_project! {
    /// The answer to come. Dropped before it has come, the call was cancelled.
    pub(crate) struct RecordFuture<F> {
        #[pin]
        inner: F,
        call: Option<Call>,
    }
}

impl<F, R> Future for RecordFuture<F>
where
    F: Future<Output = Result<http::Response<R>, MeshError>>,
    R: Body,
{
    type Output = Result<http::Response<RecordBody<R>>, MeshError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(cx));
        let call = this.call.take();
        Poll::Ready(match answer {
            Ok(response) => Ok(Recorded::response(response, call)),
            Err(error) => {
                if let Some(call) = call {
                    call.finish(error.reason.code().number(), Some(error.reason.as_str()));
                }
                Err(error)
            }
        })
    }
}
