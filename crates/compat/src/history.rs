//! What a provider's fields were before.

use crate::party::Party;
use std::collections::BTreeMap;

/// Numbers and names of the fields that older versions of a provider had.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// By message, by number.
    messages: BTreeMap<String, BTreeMap<u32, Vec<String>>>,
}

impl History {
    /// Nothing is known.
    pub const fn new() -> Self {
        Self { messages: BTreeMap::new() }
    }

    /// Of these versions, the oldest first.
    pub fn of(versions: &[Party]) -> Self {
        let _ = versions;
        Self::new()
    }
}
