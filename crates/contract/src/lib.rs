//! A contract is what a descriptor set says about services: their methods and fields, and the
//! *effective policy* of each method, where every value knows the place where it is written. [`schema`] is
//! what it says about messages on the wire.
//!
//! Pure: bytes in, values or diagnostics out. This crate opens no socket, reads no clock, and neither
//! places nor enforces anything; whether two contracts fit together is not its question either.

mod code;
pub mod comments;
pub mod compile;
mod digest;
pub mod duration;
mod http;
pub mod lint;
pub mod model;
mod normal;
pub mod origin;
pub mod policy;
mod read;
pub mod rfc3339;
pub mod schema;

pub use code::Code;
pub use digest::Digest;
pub use http::{HttpBeyond, HttpBinding};
pub use lint::{Diagnostic, Excerpt, Severity};
pub use model::{Contract, Field, Idempotency, Mask, Method, MethodPath, Sensitivity, Service};
pub use normal::normal;
pub use origin::{Origin, Sourced};
pub use policy::{
    Allow, Balance, Criticality, EjectPolicy, Gate, HedgePolicy, LimitBy, LimitPolicy, MethodPolicy,
    RetryPolicy, RolloutPolicy, ServicePolicy, Stability, ValidatePolicy, ValidateRequests,
    ValidateResponses,
};
pub use read::ReadError;
