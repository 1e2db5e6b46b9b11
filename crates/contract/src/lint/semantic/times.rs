//! Retries, hedges and sizes of one method.

use super::OfMethod;
use crate::{Code, duration, lint::judge::Judge};
use std::collections::HashSet;

/// gRFC A6: more attempts are treated as five.
const MAX_ATTEMPTS: u32 = 5;
/// What signed numbers of 32 bits count.
const MAX_BYTES: u32 = 2_147_483_647;

pub(super) fn check(of: &OfMethod<'_>, judge: &mut Judge<'_>) {
    retry(of, judge);
    pauses(of, judge);
    let hedge = &of.method.policy.hedge;
    if let Some(attempts) = hedge.value.as_ref().map(|hedge| hedge.attempts).filter(|n| *n > MAX_ATTEMPTS) {
        let message = format!("{} races {attempts} attempts; gRPC clients stop at five", of.name());
        judge.found("hedge-attempts", hedge.origin.clone(), message, "write at most 5 attempts");
    }
    let policy = &of.method.policy;
    for (what, bytes) in
        [("max_request_bytes", &policy.max_request_bytes), ("max_response_bytes", &policy.max_response_bytes)]
    {
        if bytes.value > MAX_BYTES {
            let message = format!("{what} of {}: gRPC counts to 2,147,483,647 only", of.name());
            judge.found(
                "message-limit-not-portable",
                bytes.origin.clone(),
                message,
                "write what is really needed",
            );
        }
    }
}

fn retry(of: &OfMethod<'_>, judge: &mut Judge<'_>) {
    let Some(retry) = &of.said.retry else { return };
    let more = !retry.on.is_empty() || !retry.backoff.is_empty() || !retry.per_try.is_empty();
    if retry.attempts == 1 && more {
        let message = format!("{} is tried once, and says how it is tried again", of.name());
        judge.found(
            "retry-without-effect",
            of.at(&[2]),
            message,
            "allow a second attempt, or say nothing more",
        );
    }
    let mut seen = HashSet::new();
    let twice = retry.on.iter().find(|code| !seen.insert(**code)).copied();
    if let Some(code) = twice.and_then(Code::from_number) {
        let message = format!("{} is tried again on {code}, said twice", of.name());
        judge.found("retry-code-twice", of.at(&[2, 2]), message, "name it once");
    }
}

fn pauses(of: &OfMethod<'_>, judge: &mut Judge<'_>) {
    let policy = &of.method.policy;
    let Some(timeout) = policy.timeout.value else { return };
    let call = duration::format(timeout);
    let retry = &policy.retry;
    if retry.value.attempts > 1 && retry.value.backoff >= timeout {
        let pause = duration::format(retry.value.backoff);
        let message = format!("{}: the first pause is {pause}, and the whole call {call}", of.name());
        judge.found("backoff-beyond-timeout", retry.origin.clone(), message, "make `backoff` much shorter");
    }
    let hedge = &policy.hedge;
    if let Some(delay) = hedge.value.as_ref().map(|hedge| hedge.delay).filter(|delay| *delay >= timeout) {
        let delay = duration::format(delay);
        let message =
            format!("{}: the race begins after {delay}, and the whole call takes {call}", of.name());
        judge.found("hedge-beyond-timeout", hedge.origin.clone(), message, "make `delay` much shorter");
    }
}
