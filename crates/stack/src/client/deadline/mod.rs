//! When a call must be over: the earliest of what the caller asked for, what the call it is made for has
//! left, and what the contract admits. It is never restarted by another try.

use crate::{
    client::route::Route,
    context::CallContext,
    deadline::Expires,
    limit::Bounds,
    status::{MeshError, Reason},
};
use contract::Origin;
use http::HeaderMap;
use pin_project_lite::pin_project;
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::time::Sleep;

/// What the caller asked for.
pub(crate) fn asked(headers: &HeaderMap) -> Option<Duration> {
    headers.get("grpc-timeout").and_then(|value| routing::parse_timeout(value.as_bytes()).ok())
}

/// The end of a call.
#[derive(Clone)]
pub(crate) struct Expiry {
    pub(crate) at: Instant,
    began: Instant,
    bound: Bound,
    route: Arc<Route>,
}

/// Who set the end.
#[derive(Clone, Copy)]
enum Bound {
    Caller,
    Inherited,
    Contract,
}

impl Expiry {
    /// `None`: the call may last.
    pub(crate) fn of(
        route: &Arc<Route>,
        began: Instant,
        asked: Option<Duration>,
        context: Option<&CallContext>,
    ) -> Option<Self> {
        let inherited = context.and_then(|context| context.deadline);
        let ceiling = route.facts.timeout.value;
        let at = routing::effective_deadline(began, asked, inherited, ceiling)?;
        let is_at =
            |timeout: Option<Duration>| timeout.and_then(|timeout| began.checked_add(timeout)) == Some(at);
        let bound = match () {
            () if is_at(ceiling) => Bound::Contract,
            () if is_at(asked) => Bound::Caller,
            () => Bound::Inherited,
        };
        Some(Self { at, began, bound, route: Arc::clone(route) })
    }
}

impl Expires for Expiry {
    fn at(&self) -> Instant {
        self.at
    }

    fn error(&self) -> MeshError {
        let path = self.route.path();
        let given = self.at.saturating_duration_since(self.began);
        let timeout = &self.route.facts.timeout;
        let (whose, rule, origin, remedy) = match self.bound {
            Bound::Contract => (
                "its contract's timeout",
                "timeout",
                &timeout.origin,
                "raise `timeout` in the contract, or make the provider faster",
            ),
            Bound::Caller => {
                ("all that its caller gave it", "grpc-timeout", &Origin::Default, "give the call more time")
            }
            Bound::Inherited => (
                "all that was left of the call it was made for",
                "grpc-timeout",
                &Origin::Default,
                "give the first call more time, or spend less of it on the way",
            ),
        };
        MeshError::new(
            Reason::DeadlineExceeded,
            format!("{path} was not answered in {given:?}, {whose} ({origin})"),
        )
        .rule(format_args!("{rule}: {given:?}"))
        .origin(origin)
        .method(path)
        .remedy(remedy)
    }
}

pin_project! {
    /// A future that ends in time.
    pub(crate) struct Bounded<F> {
        #[pin]
        inner: F,
        #[pin]
        sleep: Option<Sleep>,
        at: Option<Instant>,
    }
}

/// The time was over first.
pub(crate) struct Elapsed;

impl<F> Bounded<F> {
    /// `inner`, until `at`.
    pub(crate) const fn new(inner: F, at: Option<Instant>) -> Self {
        Self { inner, sleep: None, at }
    }
}

impl<F: Future> Future for Bounded<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Poll::Ready(output) = this.inner.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        let Some(at) = *this.at else { return Poll::Pending };
        if this.sleep.is_none() {
            this.sleep.set(Some(tokio::time::sleep_until(at.into())));
        }
        match this.sleep.as_pin_mut().map(|sleep| sleep.poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(Elapsed)),
            _ => Poll::Pending,
        }
    }
}
