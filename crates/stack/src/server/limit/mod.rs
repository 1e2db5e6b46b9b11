//! The sizes that the contract admits, in both directions, and those of metadata that anybody takes. The request body is boxed here, once: below
//! this layer stand tonic's generated servers.

use super::arrival::Admitted;
use crate::{
    Body,
    limit::{Bounds, Direction, Metered},
    metadata::{Fitted, Room, fit, judge_request},
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
    type Response = http::Response<Metered<Fitted<R>>>;
    type Error = MeshError;
    type Future = LimitFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), MeshError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, admitted: Admitted<B>) -> Self::Future {
        if let Err(refusal) = judge_request(&admitted.request, admitted.rule.path()) {
            return LimitFuture::Refused { refusal: Some(refusal) };
        }
        let room = Room::of(admitted.request.extensions());
        let Admitted { request, rule, peer, trace, deadline } = admitted;
        let bounds: Arc<dyn Bounds> = Arc::clone(&rule) as Arc<dyn Bounds>;
        let metered = |body| {
            let metered = Metered::new(body, Arc::clone(&bounds), Direction::Request);
            Body::new(metered.map_err(tonic::Status::from))
        };
        let request = request.map(metered);
        let inner = self.inner.call(Admitted { request, rule, peer, trace, deadline });
        LimitFuture::Admitted { inner, bounds: Some(bounds), room }
    }
}

pin_project! {
    /// The answer to come.
    #[project = Projected]
    pub(crate) enum LimitFuture<F> {
        Admitted { #[pin] inner: F, bounds: Option<Arc<dyn Bounds>>, room: Room },
        Refused { refusal: Option<MeshError> },
    }
}

impl<F, R> Future for LimitFuture<F>
where
    F: Future<Output = Result<http::Response<R>, MeshError>>,
{
    type Output = Result<http::Response<Metered<Fitted<R>>>, MeshError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            // Polled once: afterwards it is over, as for every future.
            Projected::Refused { refusal } => {
                refusal.take().map_or(Poll::Pending, |refusal| Poll::Ready(Err(refusal)))
            }
            Projected::Admitted { inner, bounds, room } => {
                let answer = ready!(inner.poll(cx));
                let Some(bounds) = bounds.take() else { return Poll::Pending };
                let metered = |body| Metered::new(body, bounds, Direction::Response);
                Poll::Ready(answer.and_then(|response| Ok(fit(response, *room)?.map(metered))))
            }
        }
    }
}
