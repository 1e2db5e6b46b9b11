//! Resources and messages to and from xDS v3 protobuf. The only place with generated xDS messages.

mod dialect;

pub use dialect::{Dialect, not_enforced};
