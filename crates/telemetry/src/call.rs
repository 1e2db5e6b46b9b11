//! One call, from its first to its last byte.

use crate::{
    Telemetry, TraceContext,
    metrics::{OTHER, Series},
    trace::span::Finished,
};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Instant, SystemTime},
};

/// `CANCELLED`.
const CANCELLED: i32 = 1;
/// The mesh refused before it knew whether the method exists: its name is the caller's invention.
const UNPROVEN: [&str; 4] = ["METHOD_UNKNOWN", "METHOD_NOT_PUBLIC", "POLICY_NOT_READY", "CONTRACT_UNKNOWN"];

/// Which side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Server,
    Client,
}

/// A call that is under way. Dropped without [`Call::finish`], it was cancelled.
#[must_use = "a call that is dropped is recorded as cancelled"]
pub struct Call {
    telemetry: Telemetry,
    kind: Kind,
    context: TraceContext,
    parent: Option<[u8; 8]>,
    names: Names,
    address: Option<SocketAddr>,
    started: Instant,
    /// Set only if a span will be built.
    recorded_since: Option<SystemTime>,
    finished: bool,
}

/// The method and the other side.
enum Names {
    /// Seen before: nothing was allocated.
    Bound(Arc<Series>),
    /// Not seen yet, and perhaps never to be counted under its own name.
    Fresh { method: Box<str>, peer: Box<str> },
    /// Nobody counts.
    Unmeasured,
}

impl Call {
    pub(crate) fn begin(
        telemetry: &Telemetry,
        kind: Kind,
        method: &str,
        peer: &str,
        parent: Option<TraceContext>,
    ) -> Self {
        let method = method.strip_prefix('/').unwrap_or(method);
        let (context, parent, recorded) = telemetry.trace(parent);
        let names = match telemetry.measurements() {
            Some(measurements) => match measurements.lookup(kind, method, peer) {
                Some(series) => Names::Bound(series),
                None => Names::Fresh { method: method.into(), peer: peer.into() },
            },
            None => Names::Unmeasured,
        };
        Self {
            telemetry: telemetry.clone(),
            kind,
            context,
            parent,
            names,
            address: None,
            started: Instant::now(),
            recorded_since: recorded.then(SystemTime::now),
            finished: false,
        }
    }

    /// The context of this call: what a server's handler works under, what a client sends along.
    pub fn context(&self) -> TraceContext {
        self.context.clone()
    }

    /// Which process is at the other end of the connection, for the span.
    pub fn peer_address(&mut self, address: SocketAddr) {
        self.address = Some(address);
    }

    /// Closes the call with its gRPC status code and, if the mesh made the error, its reason.
    pub fn finish(mut self, code: i32, error: Option<&str>) {
        self.record(code, error);
    }

    fn record(&mut self, code: i32, error: Option<&str>) {
        if std::mem::replace(&mut self.finished, true) {
            return;
        }
        let series = self.series(error);
        if let Some(series) = &series {
            series.observe(code, error, self.started.elapsed());
        }
        let (Some(start), Some(exporter)) = (self.recorded_since, self.telemetry.exporter()) else { return };
        let (method, peer) = series.as_ref().map_or((OTHER, OTHER), |series| (&series.method, &series.peer));
        let finished = Finished {
            kind: self.kind,
            context: &self.context,
            parent: self.parent,
            method,
            peer,
            address: self.address,
            code,
            error,
            start,
            // Monotonic: a clock that is set back never makes a span of negative length.
            end: start + self.started.elapsed(),
        };
        exporter.send(finished.into_span());
    }

    /// Where this call counts. Bound at the end, when the outcome has shown whether the method exists.
    fn series(&self, error: Option<&str>) -> Option<Arc<Series>> {
        match &self.names {
            Names::Bound(series) => Some(series.clone()),
            Names::Unmeasured => None,
            Names::Fresh { method, peer } => {
                let unproven = error.is_some_and(|reason| UNPROVEN.contains(&reason));
                let method = if unproven { OTHER } else { method };
                self.telemetry.measurements().map(|all| all.bind(self.kind, method, peer))
            }
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.record(CANCELLED, None);
    }
}
