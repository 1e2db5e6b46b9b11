//! What a call leaves behind: a span in the caller's trace, a measurement, log lines with trace ids.
//!
//! [`Telemetry::server_call`] and [`Telemetry::client_call`] open a [`Call`]; [`Call::finish`] closes it.
//! On the hot path that is a few random bytes and one atomic add on a bound instrument: the span of the
//! OpenTelemetry SDK is built at the end, only of a sampled call, and only if somebody wants it (OTLP).
//!
//! This crate knows neither HTTP stacks nor policy: who sends and reads the headers, and what a call's
//! outcome is, its callers say. It never sees a payload, and it never makes a call wait or fail.

mod call;
mod code;
pub mod logs;
mod metrics;
mod telemetry;
mod trace;

pub use call::Call;
pub use code::code_name;
pub use telemetry::Telemetry;
pub use trace::{TraceContext, TraceContextError};

/// The Prometheus registry's crate, for [`Telemetry::register`].
pub use prometheus_client;
