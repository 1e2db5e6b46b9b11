//! Verdicts held against others: `buf breaking`, and the runtimes of Go and Python.
//!
//! These run where the toolchains are. With TREATY_REQUIRE_TOOLCHAINS=1, as in CI, a missing one is a failure.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on says where"
)]

mod buf;
mod differences;
mod go;
#[path = "../support/pair.rs"]
mod pair;
mod python;
mod runtimes;
