//! Contracts of this machine, by the names that their first readers know them by.

pub(super) use super::source::{Finding, Input, Refusal, from_descriptors, from_sources};
