//! What is there of the toolchains.

use std::{
    path::{Path, PathBuf},
    process::Command,
};
use testkit::programs::{available, python};

pub(crate) fn python_is_there() -> bool {
    let modules = "import google.rpc.error_details_pb2, protovalidate";
    available("Python with protovalidate", Command::new(python()).args(["-c", modules]))
}

/// A file of this folder.
pub(crate) fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validation").join(path)
}

/// Both official runtimes.
pub(crate) fn toolchains_are_there() -> bool {
    python_is_there() && available("Go", Command::new("go").arg("version"))
}
