//! A contract is what a descriptor set says about services: their methods and fields, and the
//! *effective policy* of each method, where every value knows the place where it is written.
//!
//! Pure: bytes in, values or diagnostics out. This crate opens no socket, reads no clock, and neither
//! places nor enforces anything; whether two contracts fit together is not its question either.

pub mod compile;
mod digest;
pub mod lint;
pub mod model;
pub mod origin;
pub mod policy;
mod read;

pub use digest::Digest;
pub use lint::{Diagnostic, Severity};
pub use model::{Contract, Field, Idempotency, Mask, Method, MethodPath, Sensitivity, Service};
pub use origin::{Origin, Sourced};
pub use policy::{
    Allow, Balance, Code, Criticality, EjectPolicy, Gate, HedgePolicy, LimitBy, LimitPolicy, MethodPolicy,
    RetryPolicy, RolloutPolicy, ServicePolicy, Stability,
};
pub use read::ReadError;
