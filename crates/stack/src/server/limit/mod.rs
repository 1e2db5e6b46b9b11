//! The sizes that the contract admits, in both directions. The request body is boxed here, once: below
//! this layer stand tonic's generated servers.

use super::arrival::Admitted;
use crate::{
    Body,
    limit::{Bounds, Direction, Metered},
    status::{Fault, MeshError},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tower_service::Service;

/// The layer.
#[derive(Clone)]
pub(crate) struct Limit<S> {
    inner: S,
}

impl<S> Limit<S> {
    pub(crate) const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B, R> Service<Admitted<B>> for Limit<S>
where
    S: Service<Admitted<Body>, Response = http::Response<R>, Error = MeshError>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Fault>,
{
    type Response = http::Response<Metered<R>>;
    type Error = MeshError;
    type Future = LimitFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), MeshError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, admitted: Admitted<B>) -> Self::Future {
        let Admitted { request, rule, peer, trace, deadline } = admitted;
        let bounds: Arc<dyn Bounds> = Arc::clone(&rule) as Arc<dyn Bounds>;
        let metered = |body| {
            let metered = Metered::new(body, Arc::clone(&bounds), Direction::Request);
            Body::new(metered.map_err(tonic::Status::from))
        };
        let request = request.map(metered);
        let inner = self.inner.call(Admitted { request, rule, peer, trace, deadline });
        LimitFuture { inner, bounds: Some(bounds) }
    }
}

pin_project! {
    /// The answer to come.
    pub(crate) struct LimitFuture<F> {
        #[pin]
        inner: F,
        bounds: Option<Arc<dyn Bounds>>,
    }
}

impl<F, R> Future for LimitFuture<F>
where
    F: Future<Output = Result<http::Response<R>, MeshError>>,
{
    type Output = Result<http::Response<Metered<R>>, MeshError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(cx));
        let Some(bounds) = this.bounds.take() else { return Poll::Pending };
        Poll::Ready(
            answer.map(|response| response.map(|body| Metered::new(body, bounds, Direction::Response))),
        )
    }
}
