//! The consumer's side: a tower service that tonic's generated clients stand on.

use crate::{
    Body,
    status::{MeshError, Reason},
};
use resource::ServiceView;
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use telemetry::Telemetry;
use tokio::sync::watch;
use tower_service::Service;
use transport::HotIdentity;

/// Calls one service of the mesh, whoever provides it. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    service: Box<str>,
    _view: watch::Receiver<Option<Arc<ServiceView>>>,
    _identity: HotIdentity,
    _telemetry: Telemetry,
}

impl Client {
    /// A client of `service` ("shop.catalog.v1.Catalog") as `view` describes it, under `identity`.
    pub fn new(
        service: &str,
        view: watch::Receiver<Option<Arc<ServiceView>>>,
        identity: HotIdentity,
        telemetry: Telemetry,
    ) -> Self {
        crate::context::feed_logs();
        let shared =
            Shared { service: service.into(), _view: view, _identity: identity, _telemetry: telemetry };
        Self { shared: Arc::new(shared) }
    }
}

impl Service<http::Request<Body>> for Client {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let message = format!("nothing is known about {}", self.shared.service);
        let error = MeshError::new(Reason::ContractUnknown, message).method(request.uri().path());
        Box::pin(async move { Ok(error.into_response()) })
    }
}
