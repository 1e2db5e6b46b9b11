//! Descriptor sets that lie in a folder, as one. Where it is not clear which definition of a file is meant, nothing is
//! judged: a stale one would let pass what the contract forbids.

use super::rules::unreadable;
use crate::contract::source::{Files, file_name, set_files};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The sets that lie in a folder; none where it holds sources.
///
/// # Errors
/// It holds both, or cannot be read.
pub(super) fn below(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut sets = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        if is(&path, "binpb") {
            sets.push(path);
        }
    }
    sets.sort();
    match (sets.first(), source_below(folder)) {
        (Some(set), Some(source)) => Err(format!(
            "{}: holds descriptor sets ({}) and sources ({}), which may say different things; name the set, or a \
             folder with the sources alone",
            folder.display(),
            within(folder, set),
            within(folder, &source)
        )),
        _ => Ok(sets),
    }
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

fn within(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}

/// Any source, however deep; what is hidden, or only linked to, does not count.
fn source_below(folder: &Path) -> Option<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.')) {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && is(&entry.path(), "proto") {
                return Some(entry.path());
            }
        }
    }
    None
}

/// Several sets as one, each file once: sets carry their imports, so that most have some in common.
///
/// # Errors
/// Two of them define a file differently, or one cannot be read.
pub(super) fn merged(sets: &[PathBuf]) -> Result<Vec<u8>, String> {
    let (mut merged, mut first) = (Files::default(), BTreeMap::new());
    for path in sets {
        let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
        if sets.len() == 1 {
            return Ok(bytes);
        }
        let at = |error: String| format!("{}: {error}", path.display());
        for file in set_files(&bytes).map_err(at)? {
            let name = file_name(&file).map_err(at)?;
            if merged.conflict(&file).map_err(at)?.is_some() && !is_everybodys(&name) {
                let first =
                    first.get(&name).map_or_else(String::new, |path: &&PathBuf| path.display().to_string());
                let path = path.display();
                return Err(format!(
                    "{path}: defines {name} otherwise than {first} does; name the set that counts, or take the other \
                     one away"
                ));
            }
            if merged.add(file).map_err(at)? {
                first.insert(name, path);
            }
        }
    }
    Ok(merged.encoded())
}

/// Whether a file comes with every compiler, in versions that differ in nothing that matters here.
fn is_everybodys(name: &str) -> bool {
    ["google/protobuf/", "google/rpc/", "google/api/", "buf/validate/"].iter().any(|of| name.starts_with(of))
}
