//! Which files are meant, and below which folder their imports are found.

use super::{CompileError, text};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Files by path: those of this machine, or of a tree that was read from elsewhere.
pub(super) trait Files {
    /// Whether there is a folder at `path`.
    fn is_folder(&self, path: &Path) -> Result<bool, CompileError>;
    /// Every `.proto` below `folder`, sorted.
    fn below(&self, folder: &Path) -> Result<Vec<PathBuf>, CompileError>;
    /// What stands in the file.
    fn text(&self, file: &Path) -> Result<String, CompileError>;
    /// Whether two paths lead to one file.
    fn same(&self, one: &Path, other: &Path) -> bool;
}

/// The files of this machine.
pub(super) struct Disk;

impl Files for Disk {
    fn is_folder(&self, path: &Path) -> Result<bool, CompileError> {
        fs::metadata(path).map(|metadata| metadata.is_dir()).map_err(|error| unreadable(path, &error))
    }

    fn below(&self, folder: &Path) -> Result<Vec<PathBuf>, CompileError> {
        below(folder)
    }

    fn text(&self, file: &Path) -> Result<String, CompileError> {
        text::read(file).map(|read| read.text).map_err(|error| unreadable(file, &error))
    }

    fn same(&self, one: &Path, other: &Path) -> bool {
        match (fs::canonicalize(one), fs::canonicalize(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => one == other,
        }
    }
}

/// Files to compile.
pub(super) struct Found {
    /// Where imports are looked for, in this order.
    pub(super) roots: Vec<PathBuf>,
    /// Relative to one of the roots; sorted.
    pub(super) names: Vec<PathBuf>,
}

pub(super) fn sources(
    at: &impl Files,
    paths: &[PathBuf],
    includes: &[PathBuf],
) -> Result<Found, CompileError> {
    let mut roots = Vec::new();
    let mut by_name: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for path in paths {
        let is_folder = at.is_folder(path)?;
        let files = if is_folder { at.below(path)? } else { vec![path.clone()] };
        if files.is_empty() {
            return Err(CompileError::Nothing { path: path.clone() });
        }
        let given = is_folder.then_some(path.as_path());
        for file in files {
            let root = root_of(at, &file, given, includes)?;
            let name = file.strip_prefix(&root).unwrap_or(&file).to_owned();
            if let Some(other) = by_name.insert(name.clone(), file.clone())
                && !at.same(&other, &file)
            {
                let name = name.display().to_string();
                return Err(CompileError::Ambiguous { name, one: other, other: file });
            }
            if !roots.contains(&root) {
                roots.push(root);
            }
        }
    }
    Ok(Found { roots, names: by_name.into_keys().collect() })
}

/// Every `.proto` below `folder`, sorted. Hidden folders and links to folders are passed by.
fn below(folder: &Path) -> Result<Vec<PathBuf>, CompileError> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))? {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !entry.file_name().as_encoded_bytes().starts_with(b".") {
                pending.push(path);
            } else if !is_folder && path.extension().is_some_and(|extension| extension == "proto") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// An include that holds the file; else the folder that its package fits to, unless the given folder
/// lies above that; else the given folder, or the file's own.
fn root_of(
    at: &impl Files,
    file: &Path,
    given: Option<&Path>,
    includes: &[PathBuf],
) -> Result<PathBuf, CompileError> {
    if let Some(include) = includes.iter().find(|include| file.starts_with(include)) {
        return Ok(include.clone());
    }
    let text = at.text(file)?;
    let own = file.parent().unwrap_or(Path::new(""));
    let fitting = package(&text).and_then(|package| {
        let parts: PathBuf = package.split('.').collect();
        let depth = parts.components().count();
        own.ends_with(&parts).then(|| own.ancestors().nth(depth)).flatten()
    });
    Ok(match (given, fitting) {
        (Some(given), Some(fitting)) if given.starts_with(fitting) => fitting.to_owned(),
        (Some(given), _) => given.to_owned(),
        (None, Some(fitting)) => fitting.to_owned(),
        (None, None) => own.to_owned(),
    })
}

/// The package that the text declares: good enough to guess by; the compiler reads it properly.
fn package(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("package "))?;
    let name: String = line.split(';').next()?.split_whitespace().collect();
    Some(name).filter(|name| !name.is_empty())
}

fn unreadable(path: &Path, error: &std::io::Error) -> CompileError {
    CompileError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}
