//! What was found wrong with a request, for whoever answers it.

use crate::status::MeshError;
use parking_lot::Mutex;
use std::{
    sync::Arc,
    task::{Context, Waker},
};

/// Shared between a request's body, which may be read by any task, and the answer, which must be the
/// refusal whatever the handler makes of a body that broke off.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    refusal: Option<MeshError>,
    waiting: Option<Waker>,
}

impl Verdict {
    /// A message was refused.
    pub(super) fn refuse(&self, refusal: MeshError) {
        let mut state = self.0.lock();
        state.refusal.get_or_insert(refusal);
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
    }

    /// The refusal, if there is one by now; else the task is woken when there is.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Option<MeshError> {
        let mut state = self.0.lock();
        if state.refusal.is_none() {
            state.waiting = Some(cx.waker().clone());
        }
        state.refusal.take()
    }

    /// The refusal, if there is one by now.
    pub(super) fn take(&self) -> Option<MeshError> {
        self.0.lock().refusal.take()
    }
}
