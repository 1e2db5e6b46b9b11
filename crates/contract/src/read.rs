//! Descriptor-set bytes to a contract.

use crate::{digest::Digest, model::Contract};
use std::sync::Arc;

/// Why bytes are no contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The bytes are no descriptor set.
    #[error("no descriptor set: {0}")]
    Malformed(String),
}

impl Contract {
    /// Reads an encoded `google.protobuf.FileDescriptorSet`, imports included.
    ///
    /// # Errors
    /// When the bytes are no sound descriptor set, or one that this crate refuses. Never panics,
    /// whatever the bytes.
    pub fn read(bytes: impl Into<Arc<[u8]>>) -> Result<Self, ReadError> {
        let bytes = bytes.into();
        Ok(Self { digest: Digest::of(&bytes), bytes, services: Vec::new(), findings: Vec::new() })
    }
}
