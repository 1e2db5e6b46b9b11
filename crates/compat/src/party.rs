//! One side of a comparison.

use contract::{Contract, ReadError, schema::Schema};
use std::sync::Arc;

/// One side of a comparison: a descriptor set, read. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Party {
    /// Its services, and what holds for them.
    pub contract: Arc<Contract>,
    /// Its messages on the wire.
    pub schema: Schema,
}

impl Party {
    /// Reads an encoded `google.protobuf.FileDescriptorSet`, imports included.
    ///
    /// # Errors
    /// When the bytes are no sound descriptor set, or use an edition that this build does not know. Never
    /// panics, whatever the bytes.
    pub fn read(bytes: impl Into<Arc<[u8]>>) -> Result<Self, ReadError> {
        let contract = Arc::new(Contract::read(bytes)?);
        let schema = Schema::of(&contract)?;
        Ok(Self { contract, schema })
    }
}
