//! Python's runtime (upb): one process answers all.

use crate::runtimes;
use compat::{Encoding, Finding};
use std::process::Command;
use testkit::programs::{available, python};

#[test]
fn python_agrees() {
    let modules = ["-c", "import google.protobuf.json_format"];
    if !available("Python with protobuf", Command::new(python()).args(modules)) {
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/runtime.py");
    let runtime = || {
        let mut command = Command::new(python());
        command.arg(script);
        command
    };
    runtimes::agrees(runtime, is_indulgent);
}

/// Python takes JSON's true for 1, a number in quotes for an enum's, and any text for base64; the specification and
/// others do not.
fn is_indulgent(finding: &Finding) -> bool {
    let written = finding.example.as_ref().map_or("", |example| example.written.as_str());
    let taken = match finding.rule {
        "field-type" => written.contains("true") || written.contains("\"7\""),
        "json-form" => finding.read.text.contains("bytes "),
        _ => false,
    };
    finding.encoding == Some(Encoding::Json) && taken
}
