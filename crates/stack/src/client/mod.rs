//! The consumer's side: a tower service that tonic's generated clients stand on.
//!
//! A call passes these steps, each a module here: `bar` (whether the process may call at all) → `route` (which provider, by the contract) → `usage` (that
//! it was made) → `deadline` → `payload` (kept to be sent again) → `retry` → `balance` (which instance) → a
//! connection of `transport` → `answer`. Whatever the mesh itself fails comes back as a response, too.

mod answer;
mod balance;
mod bar;
mod call;
mod deadline;
mod payload;
mod retry;
mod route;
pub mod usage;

pub use bar::Bar;

use crate::{
    Body,
    context::{self, CallContext},
    deadline::Expires as _,
    limit::{Direction, Sizes as _},
    metadata::Room,
    record::Recorded,
    status::{Answered, Fault},
};
use answer::AnswerBody;
use balance::Dialer;
use call::Call;
use contract::policy::DEFAULT_UNARY_TIMEOUT;
use deadline::{Bounded, Elapsed, Expiry};
use payload::Payload;
use resource::ServiceView;
use route::{Route, Router};
use routing::RetryBudget;
use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};
use telemetry::{Telemetry, TraceContext};
use tokio::sync::watch;
use tower_service::Service;
use transport::HotIdentity;
use usage::{Counter, Usage};

/// Calls one service of the mesh, whoever provides it. Cheap to clone; clones share their connections, which
/// live on the runtime of whoever calls first.
///
/// Never fails by itself: whatever goes wrong is a response with a gRPC status, and its `ErrorInfo` says
/// whether the mesh made it.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    own: Own,
}

/// What one handle has of its own.
#[derive(Clone, Default)]
struct Own {
    /// Counts all of its calls.
    counter: Option<Arc<Counter>>,
    bar: Bar,
}

struct Shared {
    router: Router,
    budget: RetryBudget,
    telemetry: Telemetry,
}

impl Client {
    /// A client of `service` ("shop.catalog.v1.Catalog") as `view` describes it, under `identity`. While the
    /// view is empty, calls wait for it, up to their deadline.
    pub fn new(
        service: &str,
        view: watch::Receiver<Option<Arc<ServiceView>>>,
        identity: HotIdentity,
        telemetry: Telemetry,
    ) -> Self {
        Self::counting(service, view, identity, telemetry, Usage::default())
    }

    /// As [`Client::new`]; calls of the methods that `usage` follows are counted there.
    pub fn counting(
        service: &str,
        view: watch::Receiver<Option<Arc<ServiceView>>>,
        identity: HotIdentity,
        telemetry: Telemetry,
        usage: Usage,
    ) -> Self {
        context::feed_logs();
        let router = Router::new(service, view, Dialer::new(identity), usage);
        let shared = Shared { router, budget: RetryBudget::default(), telemetry };
        Self { shared: Arc::new(shared), own: Own::default() }
    }

    /// The same client, whose calls are all counted by `counter`: for whoever looked the method up already.
    #[must_use]
    pub fn counted(mut self, counter: Option<Arc<Counter>>) -> Self {
        self.own.counter = counter;
        self
    }

    /// The same client, whose calls are made only while `bar` is open.
    #[must_use]
    pub fn behind(mut self, bar: Bar) -> Self {
        self.own.bar = bar;
        self
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.shared.router.service())
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
        let (shared, own) = (Arc::clone(&self.shared), self.own.clone());
        // Here and now this is still the task of the handler on whose behalf the call is made.
        let context = context::current();
        let began = crate::deadline::now();
        Box::pin(async move { Ok(shared.answer(request, context, own, began).await) })
    }
}

impl Shared {
    async fn answer(
        &self,
        request: http::Request<Body>,
        context: Option<Arc<CallContext>>,
        own: Own,
        began: Instant,
    ) -> http::Response<Body> {
        let (head, body) = request.into_parts();
        let parent = match &context {
            Some(context) => Some(context.trace.clone()),
            None => TraceContext::extract(&head.headers),
        };
        let mut record = self.telemetry.client_call(head.uri.path(), self.router.service(), parent);
        match self.settled(head, body, context.as_deref(), own, began, &mut record).await {
            Ok(response) => Recorded::response(response, Some(record))
                .map(|body| Body::new(Answered::begun(body, Room::default()))),
            Err(fault) => {
                record.finish(fault.code(), fault.reason());
                fault.into_response()
            }
        }
    }

    async fn settled(
        &self,
        head: http::request::Parts,
        body: Body,
        context: Option<&CallContext>,
        own: Own,
        began: Instant,
        record: &mut telemetry::Call,
    ) -> Result<http::Response<AnswerBody>, Fault> {
        let asked = deadline::asked(&head.headers);
        own.bar.pass(head.uri.path())?;
        let route = self.route(head.uri.path(), asked, context, began).await?;
        // It may have waited for its route.
        own.bar.pass(head.uri.path())?;
        // Once, however often it is sent.
        let counter = own.counter.or_else(|| route.counter.clone());
        let sampler = counter.as_ref().and_then(Counter::call);
        let expiry = Expiry::of(&route, began, asked, context);
        let at = expiry.as_ref().map(|expiry| expiry.at);
        let settled = async {
            let payload = Payload::read(body, &route, sampler, counter.as_ref()).await?;
            let mut call = Call::new(head.headers, route, expiry.clone(), payload, counter, record);
            let response = retry::settle(&self.router, &self.budget, &mut call).await?;
            if let Some(counter) = call.counter.as_ref().filter(|_| response.body().is_success()) {
                counter.time(crate::deadline::now().saturating_duration_since(began));
                counter.message(Direction::Request, call.payload.largest());
            }
            let sending = call.payload.commit();
            Ok(response.map(|body| body.while_sending(sending)))
        };
        match (Bounded::new(settled, at).await, &expiry) {
            (Ok(settled), _) => settled,
            (Err(Elapsed), Some(expiry)) => Err(expiry.error().into()),
            // Without an end nothing elapses.
            (Err(Elapsed), None) => std::future::pending().await,
        }
    }

    /// The route of `path`, waited for if nothing is known yet.
    async fn route(
        &self,
        path: &str,
        asked: Option<std::time::Duration>,
        context: Option<&CallContext>,
        began: Instant,
    ) -> Result<Arc<Route>, Fault> {
        let found = match self.router.route(path) {
            Some(found) => found,
            None => {
                let inherited = context.and_then(|context| context.deadline);
                let until = routing::effective_deadline(began, asked, inherited, Some(DEFAULT_UNARY_TIMEOUT));
                Box::pin(self.router.wait(path, until.unwrap_or(began))).await
            }
        };
        Ok(found?)
    }
}
