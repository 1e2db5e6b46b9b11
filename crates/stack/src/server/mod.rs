//! The provider's side: every request passes these layers before its handler sees it.

mod arrival;
mod authorize;
mod deadline;
mod handle;
mod limit;
mod policy;
mod record;
mod status;
mod validate;

#[cfg(test)]
mod tests;

use crate::{Body, status::Fault, validate::Rulebook};
use arrival::Arrival;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use policy::Policies;
use resource::ServerListener;
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use telemetry::Telemetry;
use tokio::sync::watch;
use tower::{ServiceBuilder, layer::layer_fn};
use tower_service::Service;

type Layers<S> = status::Status<
    record::Record<
        deadline::Deadline<authorize::Authorize<limit::Limit<validate::Validate<handle::Handle<S>>>>>,
    >,
>;
type LayeredBody = crate::status::Answered<
    record::RecordBody<
        deadline::DeadlineBody<
            crate::limit::Metered<crate::metadata::Fitted<validate::ValidateBody<handle::HandleBody<Body>>>>,
        >,
    >,
>;

/// `inner` behind the contract that `policy` carries, as it is at the moment of each call.
///
/// Denies by default: what the contract does not know is UNIMPLEMENTED, whom it does not name is
/// PERMISSION_DENIED, and while there is no contract yet everything is UNAVAILABLE. Health
/// (`grpc.health.v1`) and reflection are open to every authenticated peer. Who the peer is, the request's
/// extensions say (`Arc<identity::Peer>`, put there by `transport`).
pub fn serve_stack<S>(
    inner: S,
    policy: watch::Receiver<Option<Arc<ServerListener>>>,
    telemetry: Telemetry,
) -> ServerStack<S> {
    crate::context::feed_logs();
    let layers = ServiceBuilder::new()
        // Whatever fails below becomes a status here, and only here.
        .layer(layer_fn(status::Status::new))
        // Inside of `status`, so that it sees failures by their names; outside of all that can fail.
        .layer(layer_fn(move |inner| record::Record::new(inner, telemetry.clone())))
        // Before `authorize`: whoever waits, waits in vain after it.
        .layer(layer_fn(deadline::Deadline::new))
        .layer(layer_fn(authorize::Authorize::new))
        .layer(layer_fn(limit::Limit::new))
        // Behind `limit`: what waits here until it is whole is no larger than the contract admits.
        .layer(layer_fn(validate::Validate::new))
        // Innermost: what the handler's own calls inherit.
        .layer(layer_fn(handle::Handle::new))
        .service(inner);
    ServerStack { policies: Policies::new(policy), layers }
}

/// A service behind its contract; see [`serve_stack`].
#[derive(Clone)]
pub struct ServerStack<S> {
    policies: Policies,
    layers: Layers<S>,
}

impl<S> ServerStack<S> {
    /// Holds messages against these rules too, as far as the contract in force asks for it.
    #[must_use]
    pub fn validating(mut self, rulebook: Arc<Rulebook>) -> Self {
        self.policies = self.policies.with_rulebook(rulebook);
        self
    }
}

impl<S, B> Service<http::Request<B>> for ServerStack<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Fault>,
{
    type Response = http::Response<ResponseBody>;
    type Error = Infallible;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Arrival<B>>::poll_ready(&mut self.layers, cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let rule = self.policies.rule(request.uri().path());
        ResponseFuture { inner: self.layers.call(Arrival::new(request, rule)) }
    }
}

type LayeredFuture<F> = status::StatusFuture<
    record::RecordFuture<
        deadline::DeadlineFuture<
            authorize::AuthorizeFuture<limit::LimitFuture<validate::ValidateFuture<handle::HandleFuture<F>>>>,
        >,
    >,
>;

pin_project! {
    /// The answer to come.
    pub struct ResponseFuture<F> {
        #[pin]
        inner: LayeredFuture<F>,
    }
}

pin_project! {
    /// The body of an answer, watched to its end.
    pub struct ResponseBody {
        #[pin]
        inner: LayeredBody,
    }
}

impl<F> Future for ResponseFuture<F>
where
    F: Future<Output = Result<http::Response<Body>, Infallible>>,
{
    type Output = Result<http::Response<ResponseBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = self.project().inner.poll(cx);
        answer.map_ok(|response| response.map(|inner| ResponseBody { inner }))
    }
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
