//! The handler, with its call around it: whatever it calls inherits deadline and trace, also from within
//! its response stream.

use super::arrival::Admitted;
use crate::{
    Body,
    context::{CallContext, enter},
    status::MeshError,
};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use telemetry::TraceContext;
use tower_service::Service;

/// The layer.
#[derive(Clone)]
pub(crate) struct Handle<S> {
    inner: S,
}

impl<S> Handle<S> {
    pub(crate) const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, R> Service<Admitted<Body>> for Handle<S>
where
    S: Service<http::Request<Body>, Response = http::Response<R>, Error = Infallible>,
{
    type Response = http::Response<HandleBody<R>>;
    type Error = MeshError;
    type Future = HandleFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), MeshError>> {
        self.inner.poll_ready(cx).map_err(|never| match never {})
    }

    fn call(&mut self, admitted: Admitted<Body>) -> Self::Future {
        let Admitted { request, peer, trace, deadline, .. } = admitted;
        let trace = trace.unwrap_or_else(TraceContext::root);
        let call = Arc::new(CallContext { deadline, trace, peer });
        let inner = enter(&call, || self.inner.call(request));
        HandleFuture { inner, call }
    }
}

pin_project! {
    /// The answer to come.
    pub(crate) struct HandleFuture<F> {
        #[pin]
        inner: F,
        call: Arc<CallContext>,
    }
}

impl<F, R> Future for HandleFuture<F>
where
    F: Future<Output = Result<http::Response<R>, Infallible>>,
{
    type Output = Result<http::Response<HandleBody<R>>, MeshError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = enter(this.call, || this.inner.poll(cx));
        let body = |inner| HandleBody { inner, call: Arc::clone(this.call) };
        answer.map(|Ok(response)| Ok(response.map(body)))
    }
}

pin_project! {
    /// The handler's stream, polled as part of its call.
    pub(crate) struct HandleBody<B> {
        #[pin]
        inner: B,
        call: Arc<CallContext>,
    }
}

impl<B: http_body::Body<Data = Bytes>> http_body::Body for HandleBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        enter(this.call, || this.inner.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
