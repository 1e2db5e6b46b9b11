//! Which files are meant, and below which folder their imports are found.

use super::{
    CompileError,
    disk::{self, unreadable},
    given::{self, AsGiven},
    text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Files by path: those of this machine, or of a tree that was read from elsewhere.
pub(super) trait Files {
    /// Whether there is a folder at `path`.
    fn is_folder(&self, path: &Path) -> Result<bool, CompileError>;
    /// Every `.proto` below `folder`, sorted.
    fn below(&self, folder: &Path) -> Result<Vec<PathBuf>, CompileError>;
    /// Whether there is a file at `path`.
    fn holds(&self, path: &Path) -> bool;
    /// What stands in the file.
    fn text(&self, file: &Path) -> Result<String, CompileError>;
    /// The path with all that it says only in passing: the current folder, `.` and `..`.
    fn whole(&self, path: &Path) -> PathBuf;
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
        disk::below(folder)
    }

    fn holds(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn text(&self, file: &Path) -> Result<String, CompileError> {
        text::read(file).map(|read| read.text).map_err(|error| unreadable(file, &error))
    }

    fn whole(&self, path: &Path) -> PathBuf {
        given::whole(path)
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
    /// Where imports are looked for, in this order; whole paths.
    pub(super) roots: Vec<PathBuf>,
    /// Relative to one of the roots; sorted.
    pub(super) names: Vec<PathBuf>,
    /// How the roots, and what is below them, were typed.
    pub(super) shown: AsGiven,
}

pub(super) fn sources(
    at: &impl Files,
    paths: &[PathBuf],
    includes: &[PathBuf],
) -> Result<Found, CompileError> {
    let mut shown = AsGiven::here();
    for path in paths.iter().chain(includes) {
        shown.add(at.whole(path), path.clone());
    }
    let includes: Vec<PathBuf> = includes.iter().map(|include| at.whole(include)).collect();
    let mut roots: Vec<PathBuf> = Vec::new();
    let mut by_name: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    for path in paths {
        for Rooted { file, whole, root, .. } in rooted(at, path, &includes)? {
            let name = whole.strip_prefix(&root).unwrap_or(&whole).to_owned();
            if name.to_str().is_none() {
                let reason = "its name is no UTF-8, as those of imports are".to_owned();
                return Err(CompileError::Unreadable { path: file, reason });
            }
            if !roots.contains(&root) {
                // Where what was typed begins at the root or above, so may what is shown.
                if let Some(typed) = without_end(&file, &name) {
                    shown.add(root.clone(), typed);
                }
                roots.push(root);
            }
            if let Some(other) = by_name.insert(name.clone(), file.clone())
                && !at.same(&other, &file)
            {
                let name = name.display().to_string();
                return Err(CompileError::Ambiguous { name, one: other, other: file });
            }
        }
    }
    let more: Vec<PathBuf> = includes.into_iter().filter(|include| !roots.contains(include)).collect();
    roots.extend(more);
    Ok(Found { roots, names: by_name.into_keys().collect(), shown })
}

/// A file, and where its name begins.
struct Rooted {
    /// As it was typed.
    file: PathBuf,
    whole: PathBuf,
    root: PathBuf,
    /// The folder that its package fits to; `None` below an include.
    fitting: Option<PathBuf>,
}

/// Every file at `path`, which may be a folder.
fn rooted(at: &impl Files, path: &Path, includes: &[PathBuf]) -> Result<Vec<Rooted>, CompileError> {
    let given = at.is_folder(path)?.then(|| at.whole(path));
    let files = if given.is_some() { at.below(path)? } else { vec![path.to_owned()] };
    if files.is_empty() {
        return Err(CompileError::Nothing { path: path.to_owned() });
    }
    let mut found = Vec::new();
    // Roots that imports speak for: the other one does not have what is imported.
    let mut proven = BTreeSet::new();
    for file in files {
        let whole = at.whole(&file);
        let text = at.text(&file)?;
        if let Some(include) = includes.iter().find(|include| whole.starts_with(include)) {
            found.push(Rooted { file, whole, root: include.clone(), fitting: None });
            continue;
        }
        let fitting = fitting(&whole, &text);
        let own = whole.parent().unwrap_or(Path::new(""));
        let root = match (&given, &fitting) {
            (Some(given), Some(fitting)) if given.starts_with(fitting) => fitting,
            (Some(given), _) => given,
            (None, Some(fitting)) => fitting,
            (None, None) => own,
        };
        let root = root.to_owned();
        for other in given.iter().chain(&fitting).filter(|other| **other != root) {
            let only_there = |name| at.holds(&other.join(name)) && !at.holds(&root.join(name));
            if !proven.contains(other) && imports(&text).any(only_there) {
                proven.insert(other.clone());
            }
        }
        found.push(Rooted { file, whole, root, fitting });
    }
    for one in &mut found {
        // One that its package fits to as it does of the file that proved it; else the given folder, whose name only
        // happens to be what packages begin with.
        let other = one.fitting.iter().chain(&given).find(|other| proven.contains(*other));
        if let Some(other) = other.filter(|_| one.fitting.is_some()) {
            one.root.clone_from(other);
        }
    }
    Ok(found)
}

/// `path` without `end`, if it ends so.
fn without_end(path: &Path, end: &Path) -> Option<PathBuf> {
    path.ends_with(end).then(|| path.ancestors().nth(end.components().count()).map(Path::to_owned)).flatten()
}

/// By its name.
pub(super) fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "proto")
}

/// The folder that the file's package fits to.
fn fitting(file: &Path, text: &str) -> Option<PathBuf> {
    let parts: PathBuf = package(text)?.split('.').collect();
    let own = file.parent()?;
    own.ends_with(&parts)
        .then(|| own.ancestors().nth(parts.components().count()))
        .flatten()
        .map(Path::to_owned)
}

/// What the text imports; as good a guess as [`package`].
fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("import ")?;
        rest.split(['"', '\'']).nth(1)
    })
}

/// The package that the text declares: good enough to guess by; the compiler reads it properly.
fn package(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("package "))?;
    let name: String = line.split(';').next()?.split_whitespace().collect();
    Some(name).filter(|name| !name.is_empty())
}
