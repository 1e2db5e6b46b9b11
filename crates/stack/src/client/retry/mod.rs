//! Trying again: where the contract allows it, within its attempts, the budget and the deadline; and, of any
//! method, what was certainly not processed (gRFC A6).

use super::{
    Call,
    answer::{AnswerBody, Attempt, Failure, judge, unsent},
    balance::{Lease, Offer},
    deadline::{Bounded, Elapsed},
    route::{Route, Router},
};
use crate::{
    deadline::now,
    limit::Bounds,
    status::{Fault, MeshError, Reason},
};
use contract::Code;
use routing::{Pushback, Retries, RetryBudget, Verdict};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// How often a call is sent again that was certainly not processed. More than any storm of GOAWAYs needs; a
/// peer that refuses everything is not asked for ever.
const MAX_RESENT: u32 = 32;
/// So often it happens without a pause.
const RESENT_AT_ONCE: u32 = 3;

/// Sends `call` until it is settled.
pub(super) async fn settle(
    router: &Router,
    budget: &RetryBudget,
    call: &mut Call<'_>,
) -> Result<http::Response<AnswerBody>, Fault> {
    let policy = Arc::clone(&call.route);
    let mut retries = Retries::new(&policy.facts.retry.value);
    let mut resent = 0;
    loop {
        let failure = match attempt(router, call, retries.made()).await {
            Attempt::Answered(response) => {
                retries.settled(budget);
                return Ok(response);
            }
            Attempt::Failed(failure) => failure,
            Attempt::NotProcessed { error, unsent } => {
                if let Some(body) = unsent {
                    call.payload.restore(body);
                }
                resent += 1;
                if resent <= MAX_RESENT && call.payload.replayable() {
                    pause_before_resending(resent).await;
                    continue;
                }
                Failure::of(error.into())
            }
        };
        if !retries.covers(failure.code) || failure.hopeless() || !call.payload.replayable() {
            retries.settled(budget);
            return failure.answer;
        }
        match retries.failed(failure.pushback, budget, rand::random()) {
            Verdict::Retry(pause) if call.lasts(pause) => {
                // Gives its place to others meanwhile.
                drop(failure);
                sleep(pause).await;
            }
            _ => return failure.answer,
        }
    }
}

async fn pause_before_resending(resent: u32) {
    if resent > RESENT_AT_ONCE {
        sleep(Duration::from_millis(u64::from(resent))).await;
    }
}

/// One try.
async fn attempt(router: &Router, call: &mut Call<'_>, previous: u32) -> Attempt {
    let Some(per_try) = call.route.facts.retry.value.per_try else {
        return send(router, call, previous).await;
    };
    let at = now().checked_add(per_try);
    match Bounded::new(Box::pin(send(router, call, previous)), at).await {
        Ok(attempt) => attempt,
        Err(Elapsed) => Attempt::Failed(too_slow(&call.route, per_try)),
    }
}

async fn send(router: &Router, call: &mut Call<'_>, previous: u32) -> Attempt {
    let mut lease = match lease(router, call).await {
        Ok(lease) => lease,
        Err(error) => return Attempt::Failed(Failure::of(error.into())),
    };
    call.record.peer_address(lease.address());
    if let Some(counter) = &call.counter {
        counter.in_flight(lease.in_flight());
    }
    let request = call.request(previous);
    match lease.connection.send(request).await {
        Ok(response) => {
            let (expiry, counter) = (call.expiry.as_ref(), call.counter.as_ref());
            judge(response, lease, &call.route, expiry, &call.payload, counter).await
        }
        Err(error) => match call.payload.fault() {
            // The request itself broke off, by our own doing.
            Some(fault) => Attempt::Failed(Failure::of(fault)),
            None => unsent(error, lease.address(), &call.route),
        },
    }
}

/// A place at an endpoint; waits for one where there will be one soon.
async fn lease(router: &Router, call: &mut Call<'_>) -> Result<Lease, MeshError> {
    // Whoever waits already is not overtaken.
    if call.route.pool.queue().is_empty()
        && let Offer::Lease(lease) = call.route.pool.offer()
    {
        return Ok(lease);
    }
    // The offer may be stale: the routes may have changed since this call got its own.
    Box::pin(wait_for_lease(router, call)).await
}

async fn wait_for_lease(router: &Router, call: &mut Call<'_>) -> Result<Lease, MeshError> {
    loop {
        let mut seen = router.seen();
        refresh(router, call);
        let queue = Arc::clone(call.route.pool.queue());
        let Ok(turn) = queue.turn().await else {
            return Err(call.route.pool.too_many().method(call.route.path()));
        };
        loop {
            refresh(router, call);
            if !Arc::ptr_eq(&queue, call.route.pool.queue()) {
                // The method has moved to another provider.
                break;
            }
            match call.route.pool.offer() {
                Offer::Lease(lease) => return Ok(lease),
                Offer::Nothing(error) => return Err(error.method(call.route.path())),
                Offer::Wait => {
                    tokio::select! {
                        () = turn.changed() => {}
                        () = router.changed(&mut seen) => {}
                    }
                }
            }
        }
    }
}

/// The routes may have changed since the call got its own.
fn refresh(router: &Router, call: &mut Call<'_>) {
    if let Some(Ok(route)) = router.route(call.route.path()) {
        call.route = route;
    }
}

/// A try that took longer than the contract gives to each. Whatever codes the contract wants retried: that is
/// what the limit is for.
fn too_slow(route: &Route, per_try: Duration) -> Failure {
    let retry = &route.facts.retry;
    let path = route.path();
    let message = format!("{path} was not answered in {per_try:?}, the limit of each try ({})", retry.origin);
    let error = MeshError::new(Reason::DeadlineExceeded, message)
        .rule(format_args!("per_try: {per_try:?}"))
        .origin(&retry.origin)
        .method(path)
        .remedy("make the provider faster, or raise `per_try` in the contract");
    let code = retry.value.on.first().copied().unwrap_or(Code::DeadlineExceeded);
    Failure { code, pushback: Pushback::Unsaid, answer: Err(error.into()) }
}
