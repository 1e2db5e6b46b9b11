//! When a call must be over, and what is said when it is not.

use crate::{
    deadline::Expires,
    server::{
        arrival::{Arrival, caller_name},
        policy::Rule,
    },
    status::{MeshError, Reason},
};
use contract::Origin;
use identity::Peer;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The end of a call.
pub(crate) struct Expiry {
    pub(crate) at: Instant,
    /// What the caller asked for, where that is the shorter one.
    asked: Option<Duration>,
    rule: Arc<Rule>,
    peer: Option<Arc<Peer>>,
}

impl Expiry {
    /// `None` if the call may last, or is to be refused anyway.
    pub(crate) fn of<B>(arrival: &Arrival<B>, now: Instant) -> Option<Self> {
        let rule = arrival.rule()?;
        let header = arrival.request.headers().get("grpc-timeout");
        // A malformed timeout is none: the contract's ceiling holds all the same.
        let asked = header.and_then(|value| routing::parse_timeout(value.as_bytes()).ok());
        let ceiling = rule.guard.timeout.value;
        let at = routing::effective_deadline(now, asked, None, ceiling)?;
        let asked = asked.filter(|asked| ceiling.is_none_or(|ceiling| *asked < ceiling));
        Some(Self { at, asked, rule: Arc::clone(rule), peer: arrival.peer.clone() })
    }
}

impl Expires for Expiry {
    fn at(&self) -> Instant {
        self.at
    }

    fn error(&self) -> MeshError {
        let path = &self.rule.path;
        let timeout = &self.rule.guard.timeout;
        let error = |message| MeshError::new(Reason::DeadlineExceeded, message);
        let error = match (self.asked, timeout.value) {
            (None, Some(ceiling)) => {
                let origin = &timeout.origin;
                error(format!("{path} was not done in {ceiling:?}, its contract's timeout ({origin})"))
                    .rule(format_args!("timeout: {ceiling:?}"))
                    .origin(origin)
                    .remedy("make the handler faster, or raise `timeout` in the contract")
            }
            (asked, _) => {
                let asked = asked.unwrap_or_default();
                error(format!("{path} was not done in {asked:?}, which is all that its caller gave it"))
                    .rule(format_args!("grpc-timeout: {asked:?}"))
                    .origin(&Origin::Default)
                    .remedy("give the call more time, or spend less of it on the way")
            }
        };
        error.method(path).caller(caller_name(Some(&self.rule), self.peer.as_deref()))
    }
}
