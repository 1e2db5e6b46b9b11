//! Contracts of another revision, read out of the repository: the work tree is not touched.

mod objects;

use super::{
    Source,
    finding::{self, Input, Refusal},
    image,
};
use contract::compile::{self, Tree};
use objects::{Entry, Repository};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Component, Path, PathBuf},
    str::FromStr,
};

/// A revision, and what of it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::contract) struct Revision {
    /// "main", "HEAD~1", "v1.2".
    rev: String,
    /// From the top of the repository; with "./" in front, from here.
    path: Option<String>,
}

impl FromStr for Revision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rev, path) = match text.split_once(':') {
            Some((rev, path)) => (rev, Some(path.to_owned()).filter(|path| !path.is_empty())),
            None => (text, None),
        };
        // git would take it for an option.
        if rev.is_empty() || rev.starts_with('-') || rev.chars().any(char::is_control) {
            return Err(format!("`{rev}` is no revision: write git:main or git:v1.2:proto"));
        }
        Ok(Self { rev: rev.to_owned(), path })
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rev)?;
        self.path.iter().try_for_each(|path| write!(f, ":{path}"))
    }
}

/// `same` is the other side of a comparison: what is meant where the revision does not say.
pub(super) fn read(revision: &Revision, same: Option<&Path>, includes: &[PathBuf]) -> Result<Input, Refusal> {
    let repository = Repository::here().map_err(Refusal::Unreadable)?;
    let mut path = meant(&repository, revision, same).map_err(Refusal::Unreadable)?;
    let entries = repository.entries(&revision.rev).map_err(Refusal::Unreadable)?;
    let is_there = |path: &Path| entries.iter().any(|entry| entry.path.starts_with(path));
    // A revision has no files below a link.
    if let Some(real) = same.filter(|_| revision.path.is_none()).and_then(|same| repository.behind(same))
        && !is_there(&path)
        && is_there(&real)
    {
        path = real;
    }
    if let Some(entry) = entries.iter().find(|entry| entry.path == path)
        && path.extension().is_none_or(|extension| extension != "proto")
    {
        let bytes = repository.read(&[entry]).map_err(Refusal::Unreadable)?.pop().unwrap_or_default();
        return image::read(bytes, &format!("git:{}:{}", revision.rev, path.display()), includes);
    }
    let below: Vec<&Entry> = entries.iter().filter(|entry| entry.path.starts_with(&path)).collect();
    if !below.iter().any(|entry| entry.is_source()) {
        let (rev, path) = (&revision.rev, path.display());
        let what = if below.is_empty() { "no" } else { "no .proto file below" };
        return Err(Refusal::Absent(format!(
            "there is {what} `{path}` in {rev}: write git:{rev}:PATH, from the top of the repository"
        )));
    }
    let sources: Vec<&Entry> = entries.iter().filter(|entry| entry.is_source()).collect();
    let texts = repository.read(&sources).map_err(Refusal::Unreadable)?;
    let files: BTreeMap<PathBuf, String> = sources
        .iter()
        .zip(texts)
        .map(|(entry, text)| (entry.path.clone(), String::from_utf8_lossy(&text).into_owned()))
        .collect();
    let includes: Vec<PathBuf> = includes
        .iter()
        .filter_map(|include| repository.within(include))
        .filter(|include| files.keys().any(|file| file.starts_with(include)))
        .collect();
    let tree = Tree::new(&revision.rev, files);
    finding::compiled(compile::tree(&tree, &[path], &includes))
}

/// Whether both mean one path of the repository, at least one of them in a revision.
pub(super) fn is_one_place(one: &Source, other: &Source) -> bool {
    let Ok(repository) = Repository::here() else { return false };
    let place = |source: &Source, beside: &Source| match source {
        Source::Git(revision) => meant(&repository, revision, beside.path()).ok(),
        Source::Path(path) => repository.within(path),
        _ => None,
    };
    let in_revision = [one, other].into_iter().any(|source| matches!(source, Source::Git(_)));
    in_revision && place(one, other).is_some_and(|there| place(other, one) == Some(there))
}

/// The path from the top of the repository.
fn meant(repository: &Repository, revision: &Revision, same: Option<&Path>) -> Result<PathBuf, String> {
    let found = match revision.path.as_deref() {
        Some(".") => repository.within(Path::new(".")),
        Some(path) if path.starts_with("./") || path.starts_with("../") => repository.within(Path::new(path)),
        Some(path) => normal(Path::new(""), Path::new(path)),
        None => repository.within(same.unwrap_or(Path::new("proto"))),
    };
    found.ok_or_else(|| {
        let path = revision.path.clone().or_else(|| Some(same?.display().to_string())).unwrap_or_default();
        format!("`{path}` is not in this repository: write git:{}:PATH", revision.rev)
    })
}

/// `path`, seen from `base`, without `.` and `..`; `None` where it leads out.
fn normal(base: &Path, path: &Path) -> Option<PathBuf> {
    let mut normal = base.to_owned();
    for part in path.components() {
        match part {
            Component::Normal(name) => normal.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !normal.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(normal)
}
