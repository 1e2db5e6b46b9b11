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

/// A descriptor set or image; - is standard input. The sources are looked for below `includes`, to show lines.
pub(in crate::contract) fn from_descriptors(file: &Path, includes: &[PathBuf]) -> Result<Input, Refusal> {
    if file.as_os_str() == "-" {
        return image::from_stdin(includes);
    }
    let metadata = fs::metadata(file).map_err(|error| unreadable(file, &error))?;
    image::bounded(metadata.len(), &file.display().to_string())?;
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
    let shown = path.display();
    match (error.kind(), fs::read_link(path)) {
        (std::io::ErrorKind::NotFound, Ok(target)) => Refusal::Unreadable(format!(
            "{shown}: it is a link to `{}`, which is not there",
            target.display()
        )),
        (std::io::ErrorKind::NotFound, Err(_)) => Refusal::Absent(format!("{shown}: {error}")),
        _ => Refusal::Unreadable(format!("{shown}: {error}")),
    }
}
