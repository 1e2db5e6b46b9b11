//! What is there of the toolchains, and how their programs are run.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

pub(crate) fn python() -> PathBuf {
    std::env::var_os("TREATY_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

pub(crate) fn python_is_there() -> bool {
    let modules = "import google.rpc.error_details_pb2, protovalidate";
    available("Python with protovalidate", Command::new(python()).args(["-c", modules]))
}

/// A file of this folder.
pub(crate) fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validation").join(path)
}

/// Whether `probe` succeeds; if not, says so, or fails where toolchains are required.
pub(crate) fn available(what: &str, probe: &mut Command) -> bool {
    let there = probe.stdin(Stdio::null()).output().is_ok_and(|output| output.status.success());
    if !there {
        let required = std::env::var_os("TREATY_REQUIRE_TOOLCHAINS").is_some_and(|value| value == "1");
        assert!(!required, "{what} is required (TREATY_REQUIRE_TOOLCHAINS=1) and not there");
        eprintln!("NOT RUN: {what} is not there");
    }
    there
}

/// What a program that succeeds has printed.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let Output { status, stdout, stderr } = output;
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{stdout}\n{stderr}");
    stdout.into_owned()
}

/// Both official runtimes.
pub(crate) fn toolchains_are_there() -> bool {
    python_is_there() && available("Go", Command::new("go").arg("version"))
}
