//! What messages may contain: the rules of `buf.validate` in the contract.

use super::arrival::Admitted;
use crate::{
    Body,
    status::MeshError,
    validate::{Judge, Judged, Verdict, Watched},
};
use http_body_util::BodyExt as _;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tower_service::Service;

/// An answer, judged where the contract asks for it, that breaks off when the request does.
pub(crate) type ValidateBody<B> = Watched<Judged<B>>;

/// The layer.
#[derive(Clone)]
pub(crate) struct Validate<S> {
    inner: S,
}

impl<S> Validate<S> {
    pub(crate) const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, R> Service<Admitted<Body>> for Validate<S>
where
    S: Service<Admitted<Body>, Response = http::Response<R>, Error = MeshError>,
{
    type Response = http::Response<ValidateBody<R>>;
    type Error = MeshError;
    type Future = ValidateFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), MeshError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut admitted: Admitted<Body>) -> Self::Future {
        let (requests, responses) = (admitted.rule.requests.clone(), admitted.rule.responses.clone());
        let verdict = requests.map(|judge| {
            let verdict = Verdict::default();
            let judged =
                |body| Body::new(Judged::new(body, judge, verdict.clone()).map_err(tonic::Status::from));
            let request = std::mem::take(&mut admitted.request);
            admitted.request = request.map(judged);
            verdict
        });
        ValidateFuture { inner: self.inner.call(admitted), verdict, responses }
    }
}

pin_project! {
    /// The answer to come: the handler's, or the refusal of what it was to read.
    pub(crate) struct ValidateFuture<F> {
        #[pin]
        inner: F,
        verdict: Option<Verdict>,
        responses: Option<Arc<Judge>>,
    }
}

impl<F, R> Future for ValidateFuture<F>
where
    F: Future<Output = Result<http::Response<R>, MeshError>>,
{
    type Output = Result<http::Response<ValidateBody<R>>, MeshError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = this.inner.poll(cx);
        // After the handler had its turn, since it is the handler who reads.
        if let Some(refusal) = this.verdict.as_ref().and_then(|verdict| verdict.poll(cx)) {
            return Poll::Ready(Err(refusal));
        }
        let body = |inner| {
            let judged = match this.responses.take() {
                Some(judge) => Judged::new(inner, judge, Verdict::default()),
                None => Judged::unseen(inner),
            };
            Watched::new(judged, this.verdict.take())
        };
        answer.map_ok(|response| response.map(body))
    }
}
