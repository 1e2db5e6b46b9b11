//! The rules of messages.

use super::Rule;

pub(super) const STRUCTURE: &[Rule] = &[];
