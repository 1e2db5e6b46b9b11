//! Contracts on this machine.

use super::{
    finding::{self, Input, Refusal},
    image,
};
use contract::compile;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// `.proto` files, and folders of them.
pub(in crate::contract) fn from_sources(paths: &[PathBuf], includes: &[PathBuf]) -> Result<Input, Refusal> {
    finding::compiled(compile::paths(paths, includes))
}

/// A descriptor set or image. The sources are looked for below `includes`, to show lines.
pub(in crate::contract) fn from_descriptors(file: &Path, includes: &[PathBuf]) -> Result<Input, Refusal> {
    let bytes = fs::read(file).map_err(|error| unreadable(file, &error))?;
    image::read(bytes, &file.display().to_string(), includes)
}

/// Whatever the path leads to.
pub(super) fn read(path: &Path, includes: &[PathBuf]) -> Result<Input, Refusal> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() || path.extension().is_some_and(|extension| extension == "proto") {
        from_sources(&[path.to_owned()], includes)
    } else {
        from_descriptors(path, includes)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Refusal {
    let said = format!("{}: {error}", path.display());
    match error.kind() {
        std::io::ErrorKind::NotFound => Refusal::Absent(said),
        _ => Refusal::Unreadable(said),
    }
}
