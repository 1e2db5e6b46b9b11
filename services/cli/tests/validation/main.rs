//! Validation, held against the official runtimes: the vocabulary against their descriptors, judgements against
//! theirs.
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

mod corpus;
mod differences;
mod differential;
mod refusals;
mod remaining;
mod samples;
mod toolchains;
mod vectors;
mod vocabulary;
