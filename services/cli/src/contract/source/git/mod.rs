//! Contracts of another revision, read out of the repository: the work tree is not touched.

mod links;
mod objects;

use super::{
    Source,
    finding::{self, Input, Refusal},
    image,
};
use contract::compile::{self, Tree};
use links::{Linked, Paths, Stuck};
use objects::{Entry, Kind, Repository};
use std::{
    collections::{BTreeMap, BTreeSet},
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
    let rev = revision.rev.as_str();
    let repository = Repository::around(same).map_err(Refusal::Unreadable)?;
    let mut path = meant(&repository, revision, same).map_err(Refusal::Unreadable)?;
    let entries = repository.entries(rev).map_err(Refusal::Unreadable)?;
    let links: Vec<&Entry> = entries.iter().filter(|entry| entry.kind == Kind::Link).collect();
    let targets = repository.read(&links).map_err(Refusal::Unreadable)?;
    let paths = Paths::of(&entries, &targets);
    // A link may be newer than the revision.
    if let Some(behind) = same.filter(|_| revision.path.is_none()).and_then(|same| repository.behind(same))
        && paths.resolve(&path) == Err(Stuck::Missing)
        && paths.resolve(&behind).is_ok()
    {
        path = behind;
    }
    let real = paths.resolve(&path).map_err(|stuck| {
        let said = stuck.in_words(&path, rev);
        if stuck == Stuck::Missing { Refusal::Absent(said) } else { Refusal::Unreadable(said) }
    })?;
    match paths.file(&real) {
        Some(entry) if path.extension().is_none_or(|extension| extension != "proto") => {
            let bytes = repository.read(&[entry]).map_err(Refusal::Unreadable)?.pop().unwrap_or_default();
            image::read(bytes, &format!("git:{rev}:{}", path.display()), includes)
        }
        _ => sources(&Asked { repository: &repository, rev, path, includes }, &entries, &paths),
    }
}

/// Sources of a revision that somebody asked for.
struct Asked<'a> {
    repository: &'a Repository,
    rev: &'a str,
    /// From the top.
    path: PathBuf,
    includes: &'a [PathBuf],
}

fn sources(asked: &Asked<'_>, entries: &[Entry], paths: &Paths<'_>) -> Result<Input, Refusal> {
    let Asked { repository, rev, path, includes } = asked;
    let Linked { sources: links, stuck } = paths.linked().map_err(Refusal::Unreadable)?;
    let is_source = |entry: &&Entry| entry.is_source();
    let mut found = entries.iter().filter(is_source).map(|entry| &entry.path).chain(links.keys());
    let is_there = found.any(|file| file.starts_with(path));
    // What may be there and cannot be seen would look as if it were new: of a submodule without contracts, nothing is.
    let hides = |at: &Path| is_looked_at(at, path) && (!is_there || repository.has_sources_now(at));
    if let Some((at, stuck)) = stuck.iter().find(|(at, _)| hides(at)) {
        return Err(Refusal::Unreadable(stuck.in_words(at, rev)));
    }
    if !is_there {
        let path = path.display();
        return Err(Refusal::Absent(format!(
            "there is no .proto file below `{path}` in {rev}: write git:{rev}:PATH, from the top of the repository"
        )));
    }
    let behind: BTreeSet<&Path> = links.values().map(PathBuf::as_path).collect();
    let wanted = |entry: &&Entry| entry.is_source() || behind.contains(entry.path.as_path());
    let wanted: Vec<&Entry> = entries.iter().filter(wanted).collect();
    let texts = repository.read(&wanted).map_err(Refusal::Unreadable)?;
    let files: BTreeMap<PathBuf, String> = wanted
        .iter()
        .zip(texts)
        .map(|(entry, text)| (entry.path.clone(), String::from_utf8_lossy(&text).into_owned()))
        .collect();
    let mut roots = Vec::new();
    for include in includes.iter().filter_map(|include| repository.within(include)) {
        match paths.resolve(&include) {
            Ok(_) => roots.push(include),
            // A revision may be from before there was one.
            Err(Stuck::Missing) => {}
            Err(stuck) => return Err(Refusal::Unreadable(stuck.in_words(&include, rev))),
        }
    }
    let tree = Tree::new(rev, files).with_links(links);
    finding::compiled(compile::tree(&tree, std::slice::from_ref(path), &roots))
}

/// Whether what is at `at` belongs to what was asked for: hidden folders do not.
fn is_looked_at(at: &Path, asked: &Path) -> bool {
    at.strip_prefix(asked).is_ok_and(|inner| {
        inner.components().all(|part| !part.as_os_str().as_encoded_bytes().starts_with(b"."))
    })
}

/// Whether both mean one path of the repository, at least one of them in a revision.
pub(super) fn is_one_place(one: &Source, other: &Source) -> bool {
    let Ok(repository) = Repository::around(one.path().or(other.path())) else { return false };
    let place = |source: &Source, beside: &Source| match source {
        Source::Git(revision) if !repository.is_commit(&revision.rev) => None,
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
        // A tree without a commit is what is meant.
        None if !repository.is_commit(&revision.rev) => Some(PathBuf::new()),
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
