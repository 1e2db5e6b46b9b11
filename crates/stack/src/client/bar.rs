//! A client that may not call at all, for a reason that lies with its own process.

use crate::status::MeshError;
use arc_swap::ArcSwapOption;
use std::{fmt, sync::Arc};

/// What keeps a client from calling, as long as it is shut: calls fail with its reason before anything is sent,
/// and those that were sent go on. Clones are the same bar; a new one is open.
#[derive(Clone, Default)]
pub struct Bar(Arc<ArcSwapOption<MeshError>>);

impl Bar {
    /// From now on, every call fails with `reason`, to which its method is added.
    pub fn shut(&self, reason: MeshError) {
        self.0.store(Some(Arc::new(reason)));
    }

    /// From now on, nothing is in the way.
    pub fn open(&self) {
        self.0.store(None);
    }

    /// May a call of `path` be made now?
    pub(super) fn pass(&self, path: &str) -> Result<(), MeshError> {
        match &*self.0.load() {
            None => Ok(()),
            Some(reason) => Err(MeshError::clone(reason).method(path)),
        }
    }
}

impl fmt::Debug for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shut = self.0.load().as_ref().map(|reason| reason.reason);
        f.debug_struct("Bar").field("shut", &shut).finish()
    }
}
