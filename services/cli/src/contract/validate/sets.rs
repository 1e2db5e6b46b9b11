//! Descriptor sets that lie in a folder, as one. Where it is not clear which definition of a file is meant, nothing is
//! judged: a stale one would let pass what the contract forbids.

use super::rules::unreadable;
use prost::{
    Message as _,
    encoding::{DecodeContext, decode_key, skip_field},
};
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

/// A descriptor set whose files stay the bytes that they are.
#[derive(Clone, PartialEq, prost::Message)]
struct Set {
    #[prost(bytes = "vec", repeated, tag = "1")]
    files: Vec<Vec<u8>>,
}

/// The one field of a file that tells it from others.
#[derive(Clone, PartialEq, prost::Message)]
struct Named {
    #[prost(string, tag = "1")]
    name: String,
}

/// Several sets as one, each file once: sets carry their imports, so that most have some in common.
///
/// # Errors
/// Two of them define a file differently, or one cannot be read.
pub(super) fn merged(sets: &[PathBuf]) -> Result<Vec<u8>, String> {
    let mut merged = Set::default();
    let mut known: BTreeMap<String, (Vec<u8>, &Path)> = BTreeMap::new();
    for path in sets {
        let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
        if sets.len() == 1 {
            return Ok(bytes);
        }
        let no_set = |error: prost::DecodeError| format!("{}: no descriptor set: {error}", path.display());
        for file in Set::decode(bytes.as_slice()).map_err(no_set)?.files {
            let name = Named::decode(file.as_slice()).map_err(no_set)?.name;
            let bare = without_comments(&file).map_err(no_set)?;
            match known.get(&name) {
                None => {
                    merged.files.push(file);
                    known.insert(name, (bare, path));
                }
                Some((first, _)) if *first == bare || is_everybodys(&name) => {}
                Some((_, first)) => {
                    let (path, first) = (path.display(), first.display());
                    return Err(format!(
                        "{path}: defines {name} otherwise than {first} does; name the set that counts, or take the \
                         other one away"
                    ));
                }
            }
        }
    }
    Ok(merged.encode_to_vec())
}

/// Whether a file comes with every compiler, in versions that differ in nothing that matters here.
fn is_everybodys(name: &str) -> bool {
    ["google/protobuf/", "google/rpc/", "google/api/", "buf/validate/"].iter().any(|of| name.starts_with(of))
}

/// A file without `source_code_info` (9): lines and comments, which some compilers leave out.
fn without_comments(file: &[u8]) -> Result<Vec<u8>, prost::DecodeError> {
    let mut kept = Vec::with_capacity(file.len());
    let mut rest = file;
    while !rest.is_empty() {
        let before = rest;
        let (number, wire_type) = decode_key(&mut rest)?;
        skip_field(wire_type, number, &mut rest, DecodeContext::default())?;
        let record = before.len() - rest.len();
        if number != 9 {
            kept.extend_from_slice(before.get(..record).unwrap_or_default());
        }
    }
    Ok(kept)
}
