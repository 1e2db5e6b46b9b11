//! Who may call: what the contract's `allow` says, and nobody else.

mod refusal;

use super::{
    arrival::{Admitted, Arrival},
    policy::Found,
};
use crate::status::MeshError;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tower_service::Service;

/// The layer.
#[derive(Clone)]
pub(crate) struct Authorize<S> {
    inner: S,
}

impl<S> Authorize<S> {
    pub(crate) const fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S, B> Service<Arrival<B>> for Authorize<S>
where
    S: Service<Admitted<B>, Error = MeshError>,
{
    type Response = S::Response;
    type Error = MeshError;
    type Future = AuthorizeFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), MeshError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, arrival: Arrival<B>) -> Self::Future {
        match admit(arrival) {
            Ok(admitted) => AuthorizeFuture::Admitted { inner: self.inner.call(admitted) },
            Err(refusal) => AuthorizeFuture::Refused { refusal: Some(refusal) },
        }
    }
}

fn admit<B>(arrival: Arrival<B>) -> Result<Admitted<B>, MeshError> {
    let allowed = match (&arrival.found, arrival.peer.as_ref().and_then(|peer| peer.id.as_ref())) {
        (Found::Unknown { .. } | Found::NotReady, _) => false,
        (Found::Rule(rule), Some(caller)) => rule.allows(caller),
        (Found::Rule(rule), None) => rule.anonymous,
    };
    match (&arrival.found, allowed) {
        (Found::Rule(rule), true) => {
            let rule = Arc::clone(rule);
            let Arrival { request, peer, trace, deadline, .. } = arrival;
            Ok(Admitted { request, rule, peer, trace, deadline })
        }
        _ => Err(refusal::of(&arrival)),
    }
}

pin_project! {
    /// The answer to come.
    #[project = Projected]
    pub(crate) enum AuthorizeFuture<F> {
        Admitted { #[pin] inner: F },
        Refused { refusal: Option<MeshError> },
    }
}

impl<F, T> Future for AuthorizeFuture<F>
where
    F: Future<Output = Result<T, MeshError>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projected::Admitted { inner } => inner.poll(cx),
            Projected::Refused { refusal } => {
                // Polled once: afterwards it is over, as for every future.
                refusal.take().map_or(Poll::Pending, |refusal| Poll::Ready(Err(refusal)))
            }
        }
    }
}
