//! The vocabulary that Treaty brings says what the public one says.

use crate::toolchains::{file, python_is_there};
use std::process::Command;
use testkit::programs::{python, run};

/// What is served from inside of `contract`, beside Treaty's own options.
const NAMES: [&str; 6] = [
    "buf/validate/validate.proto",
    "google/api/annotations.proto",
    "google/api/http.proto",
    "google/rpc/code.proto",
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
];

#[test]
fn ours_and_the_official_descriptors_say_the_same() {
    if !python_is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let imports: String = NAMES.iter().map(|name| format!("import \"{name}\";\n")).collect();
    let text = format!("syntax = \"proto3\";\n{imports}");
    let set = contract::compile::texts(&[("all.proto", &text)]).unwrap().bytes;
    let ours = folder.path().join("ours.binpb");
    std::fs::write(&ours, set).unwrap();
    let said = run(Command::new(python()).arg(file("python/vocabulary.py")).arg(ours).args(NAMES));
    assert!(said.contains("6 files say the same"), "{said}");
}
