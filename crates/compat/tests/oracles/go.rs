//! Go's runtime: one process answers all.

use crate::runtimes;
use compat::{Encoding, Finding};
use std::{path::Path, process::Command};
use testkit::programs::{available, build};

#[test]
fn go_agrees() {
    if !available("Go", Command::new("go").arg("version")) {
        return;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/go");
    let folder = tempfile::tempdir().unwrap();
    for name in ["main.go", "go.mod", "go.sum"] {
        std::fs::copy(source.join(name), folder.path().join(name)).unwrap();
    }
    build(Command::new("go").args(["build", "-o", "oracle", "."]).current_dir(folder.path()));
    runtimes::agrees(|| Command::new(folder.path().join("oracle")), is_indulgent);
}

/// All enums are open to Go (<https://protobuf.dev/programming-guides/enum/#known-issues>), in both encodings; and
/// what is no UTF-8 is text of proto2.
fn is_indulgent(finding: &Finding) -> bool {
    let when = finding.when.as_deref().unwrap_or_default();
    let binary = finding.encoding == Some(Encoding::Binary);
    when.contains("does not have")
        || binary && (finding.rule == "enum-value-unknown" || when.contains("not UTF-8"))
}
