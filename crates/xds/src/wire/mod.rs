//! Resources and messages to and from xDS v3 protobuf. The only place with generated xDS messages.
//!
//! For Treaty's own dialect, what was encoded decodes to the same value. Everything that comes from the
//! network is checked here: what gets past this module can be used, and what cannot is refused with the
//! field and what would be right, which is what a NACK then says.

mod cluster;
mod common;
mod dialect;
mod endpoint;
mod facts;
mod listener;
pub(crate) mod message;
mod policy;
mod rbac;
mod route;
pub mod rpc;
#[cfg(test)]
mod tests;
mod tls;

pub use dialect::{Dialect, not_enforced};
pub use message::{kind, type_url};
