//! What several test suites share: small contracts made from `.proto` text, programs that are run and ended, and a
//! clock that stands still. And
//! the tests of the house itself.
//!
//! A dev-dependency only (`tests/house.rs` holds that), and for tests only: what goes wrong here panics. It
//! contains no test double of the mesh itself; suites step the real parts.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot set itself up has failed, and says so"
)]

pub mod programs;
pub mod versions;

use std::time::{Duration, Instant, SystemTime};

/// One unary method that "demo/client" and everybody the gateway lets in may call.
pub const GREETER: &str = r#"
syntax = "proto3";
package demo.v1;
import "treaty/v1/options.proto";

// Greets.
service Greeter {
  option (treaty.v1.service) = { owner: "demo" allow: "demo/client" public: true };
  // Says hello.
  rpc SayHello(SayHelloRequest) returns (SayHelloResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
}

// Whom to greet.
message SayHelloRequest {
  // A name.
  string name = 1;
}

// The greeting.
message SayHelloResponse {
  // A sentence.
  string message = 1;
}
"#;

/// The descriptor set of `.proto` sources: pairs of a file's name and its text. The vocabulary of options
/// can be imported.
///
/// # Panics
/// The sources do not compile.
pub fn descriptor_set(files: &[(&str, &str)]) -> Vec<u8> {
    contract::compile::texts(files).expect("sources that compile").bytes
}

/// Time for cores that take it as an argument: it passes when a test says so.
#[derive(Clone, Copy, Debug)]
pub struct FakeClock {
    /// The clock that people set. A test sets it, too.
    pub wall: SystemTime,
    /// The clock that nobody sets, and that only goes forward.
    pub steady: Instant,
}

impl FakeClock {
    /// The beginning of 1970; it stands still.
    #[allow(clippy::new_without_default, reason = "no clock is the usual one")]
    pub fn new() -> Self {
        Self { wall: SystemTime::UNIX_EPOCH, steady: Instant::now() }
    }

    /// Time passes, on both.
    pub fn advance(&mut self, by: Duration) {
        self.wall += by;
        self.steady += by;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_become_a_set_with_their_imports() {
        let set = descriptor_set(&[("demo/v1/greeter.proto", GREETER)]);
        let contains = |text: &str| set.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(contains("demo/v1/greeter.proto"));
        assert!(contains("treaty/v1/options.proto"));
        assert!(contains(" Says hello."));
    }
}
