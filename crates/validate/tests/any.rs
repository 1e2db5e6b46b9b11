//! An `Any` that cannot be unpacked matters only to a rule that looks into it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may end here")]

mod support;

use support::{delimited, now, program};
use validate::Failure;

const SCHEMA: &str = r#"
syntax = "proto3";
package p;
import "buf/validate/validate.proto";
import "google/protobuf/any.proto";

message Looks { google.protobuf.Any a = 1 [(buf.validate.field) = {
  cel: {id: "looks", expression: "this == this"}
  any: {in: "x/p.Known"}
}]; }
message Passes { google.protobuf.Any a = 1 [(buf.validate.field) = {
  cel: {id: "passes", expression: "true"}
  cel: {id: "decided", expression: "'a' == 'a' || this == this"}
  any: {in: "x/p.Known"}
}]; }
message Items { repeated google.protobuf.Any a = 1 [(buf.validate.field).repeated.items = {
  cel: {id: "passes", expression: "true"}
  any: {not_in: ["", "x/p.Unknown"]}
}]; }
message Known { string s = 1; }
"#;

fn told(message: &str, bytes: &[u8]) -> Vec<String> {
    match program(SCHEMA, message).check(bytes, now()) {
        Ok(()) => Vec::new(),
        Err(Failure::Violations(found)) => found.0.into_iter().map(|one| one.rule_id).collect(),
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn a_rule_that_does_not_look_is_judged() {
    let named = |name: &[u8]| delimited(1, &delimited(1, name));
    for unreadable in [delimited(1, b""), named(b"no slash"), named(b"x/p.Unknown")] {
        assert_eq!(told("p.Passes", &unreadable), ["any.in"], "{unreadable:?}");
        assert!(told("p.Looks", &unreadable)[0].contains("the rule `looks` cannot be evaluated"));
    }
    assert_eq!(
        told("p.Items", &[delimited(1, b""), named(b"x/p.Unknown")].concat()),
        ["any.not_in", "any.not_in"]
    );
    for message in ["p.Passes", "p.Looks", "p.Items"] {
        assert_eq!(told(message, &named(b"x/p.Known")), [""; 0], "{message}");
    }
}
