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

use std::process::{Command, Stdio};

/// Whether `probe` succeeds; if not, says so, or fails where toolchains are required.
fn available(what: &str, probe: &mut Command) -> bool {
    let there = probe.stdin(Stdio::null()).output().is_ok_and(|output| output.status.success());
    if !there {
        let required = std::env::var_os("TREATY_REQUIRE_TOOLCHAINS").is_some_and(|value| value == "1");
        assert!(!required, "{what} is required (TREATY_REQUIRE_TOOLCHAINS=1) and not there");
        eprintln!("NOT RUN: {what} is not there");
    }
    there
}
