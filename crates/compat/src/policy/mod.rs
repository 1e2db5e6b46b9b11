//! What a provider's policy takes away from a caller.

use crate::{finding::Finding, judge::Both};

/// What the provider's policy no longer grants.
pub(crate) fn changes(both: &Both<'_>) -> Vec<Finding> {
    let _ = (both.usage, both.settings, both.from, both.to);
    Vec::new()
}
