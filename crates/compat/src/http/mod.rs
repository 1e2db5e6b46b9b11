//! By which HTTP requests a method can be called.

use crate::{finding::Finding, judge::Both};

/// What changed in `google.api.http`.
pub(crate) fn bindings(both: &Both<'_>) -> Vec<Finding> {
    let _ = (both.consumer, both.provider);
    Vec::new()
}
