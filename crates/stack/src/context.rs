//! The call that is being handled: what the handler's own calls inherit from it.
//!
//! It belongs to the task of the handler and of its response stream. A task that the handler spawns does
//! not see it; [`scope`] takes it along.

use identity::{Peer, SpiffeId};
use std::{future::Future, sync::Arc, time::Instant};
use telemetry::TraceContext;

tokio::task_local! {
    static CURRENT: Arc<CallContext>;
}

/// What is known about the call that is being handled.
#[derive(Clone, Debug)]
pub struct CallContext {
    /// When it must be over; `None`: it may last. Calls made on its behalf end no later.
    pub deadline: Option<Instant>,
    /// Its span. Calls made on its behalf are children of it.
    pub trace: TraceContext,
    /// Who called, as the handshake proved it.
    pub peer: Option<Arc<Peer>>,
}

impl CallContext {
    /// The caller's proven identity; `None` if it showed no certificate.
    pub fn caller(&self) -> Option<&SpiffeId> {
        self.peer.as_ref().and_then(|peer| peer.id.as_ref())
    }
}

/// The call that this task is handling.
pub fn current() -> Option<Arc<CallContext>> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Runs `future` as part of the call: for tasks that a handler spawns.
pub fn scope<F: Future>(call: Arc<CallContext>, future: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(call, future)
}

/// Runs `work` as part of the call.
pub(crate) fn enter<T>(call: &Arc<CallContext>, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(Arc::clone(call), work)
}

/// Lets log lines carry the trace id of the call.
pub(crate) fn feed_logs() {
    telemetry::logs::set_trace_source(|| CURRENT.try_with(|call| call.trace.clone()).ok());
}
