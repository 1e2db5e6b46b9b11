//! Traces: the W3C context on the wire, the decision to sample, the span and its export.

mod context;
pub(crate) mod export;
pub(crate) mod resource;
pub(crate) mod sampler;
pub(crate) mod span;
mod state;

pub use context::{TraceContext, TraceContextError};
