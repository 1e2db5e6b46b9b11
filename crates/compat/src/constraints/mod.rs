//! `buf.validate` rules that became tighter.

use crate::{finding::Finding, judge::Both};

/// What requests the provider refuses that it took before.
pub(crate) fn tightened(both: &Both<'_>) -> Vec<Finding> {
    let _ = both;
    Vec::new()
}
