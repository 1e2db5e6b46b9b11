//! What a process serves and what it consumes, as descriptor sets.

use std::sync::Arc;

/// The contracts that a process serves and consumes. Each is an encoded
/// `google.protobuf.FileDescriptorSet` of one package, with its imports: the `CONTRACT` constant that the
/// build makes beside the generated code.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    serving: Vec<Arc<[u8]>>,
    consuming: Vec<Arc<[u8]>>,
}

impl Contracts {
    /// Neither serves nor consumes anything.
    pub fn none() -> Self {
        Self::default()
    }

    /// Serves every service of `contract`.
    pub fn serving(contract: impl Into<Arc<[u8]>>) -> Self {
        Self::none().and_serving(contract)
    }

    /// Serves every service of `contract` too.
    #[must_use]
    pub fn and_serving(mut self, contract: impl Into<Arc<[u8]>>) -> Self {
        self.serving.push(contract.into());
        self
    }

    /// May open channels to every service of `contract`.
    #[must_use]
    pub fn consuming(mut self, contract: impl Into<Arc<[u8]>>) -> Self {
        self.consuming.push(contract.into());
        self
    }
}

/// Serves it.
impl From<&'static [u8]> for Contracts {
    fn from(contract: &'static [u8]) -> Self {
        Self::serving(contract)
    }
}
