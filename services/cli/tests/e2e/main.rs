//! The mesh end to end: real processes, real sockets, real mTLS, on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail"
)]

mod admission;
mod change;
mod contracts;
mod denial;
mod faults;
mod foreign;
mod hostile;
mod lifecycle;
mod orders;
mod rotation;
mod support;
mod traces;
mod traffic;
mod usage;
mod validation;
mod walk;
