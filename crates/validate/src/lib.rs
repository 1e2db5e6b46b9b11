//! `buf.validate` rules as programs over encoded protobuf messages.
//!
//! A [`Program`] is compiled once from a message type of a [`contract::schema::Schema`]; its check reads the
//! bytes as they came over the wire, without decoding them into objects and, while the message is fine,
//! without allocating: each thread keeps room for messages of up to 32 768 records. Expressions are the exception
//! where they make texts, read maps, or look at a message that comes in several records ([`cel`] says which). What a check finds are [`Violations`] exactly as protovalidate reports them.
//!
//! Pure: bytes and a time in, a verdict out. This crate knows no sockets, statuses or services, and it
//! neither changes messages nor decides what becomes of one that fails.

pub mod cel;
mod check;
mod compile;
mod compiled;
mod encode;
pub mod failure;
pub mod formats;
mod ledger;
pub mod needs;
pub mod pattern;
mod program;
mod rules;
mod steps;
pub mod value;
pub mod violation;
pub mod wire;

pub use check::MAX_VIOLATIONS;
pub use compile::{check_predefined, check_rules};
pub use failure::{CompileError, Failure, Malformed, RuntimeError};
pub use needs::Needs;
pub use program::Program;
pub use steps::Steps;
pub use violation::{FieldPath, PathElement, Subscript, Violation, Violations};
