//! Sources that are on no disk, in the folders that they have elsewhere: a revision of a repository.

use super::{
    CompileError, Sources, depth,
    find::{Files, is_source},
};
use protox::{
    Error,
    file::{File, FileResolver},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Files by path, of which those named `.proto` are sources. Paths are relative, with no `.` or `..` in them; the empty path is the tree's root.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Of what it is a copy, for people: "main".
    name: Arc<str>,
    files: Arc<BTreeMap<PathBuf, String>>,
    /// Other paths, and the files that they lead to.
    links: Arc<BTreeMap<PathBuf, PathBuf>>,
}

impl Tree {
    /// The tree of these files. `name` says of what it is a copy.
    pub fn new(name: &str, files: BTreeMap<PathBuf, String>) -> Self {
        Self { name: name.into(), files: Arc::new(files), links: Arc::default() }
    }

    /// The tree in which these paths lead to those files too. Folders have each file once, by its own path if that is
    /// there.
    #[must_use]
    pub fn with_links(self, links: BTreeMap<PathBuf, PathBuf>) -> Self {
        Self { links: Arc::new(links), ..self }
    }

    /// Every path that leads to a file.
    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.keys().chain(self.links.keys())
    }

    /// The path without links.
    fn real<'a>(&'a self, path: &'a Path) -> &'a Path {
        self.links.get(path).map_or(path, PathBuf::as_path)
    }

    /// The sources of a set whose files have `names`, and are found below `roots`.
    pub(super) fn sources<'a>(&self, roots: &[PathBuf], names: impl Iterator<Item = &'a str>) -> Sources {
        let mut sources = Sources::default();
        for name in names {
            if let Some((path, text)) = self.find(roots, name) {
                sources.add(name, format!("{}:{}", self.name, path.display()), text.to_owned());
            }
        }
        sources
    }

    /// Those of any name below `roots`: to show an error in, while it is not known which file has it.
    pub(super) fn all_sources(&self, roots: &[PathBuf]) -> Sources {
        let names = self.paths().flat_map(|path| {
            let below = roots.iter().filter_map(|root| path.strip_prefix(root).ok());
            below.filter_map(Path::to_str)
        });
        self.sources(roots, names)
    }

    fn find(&self, roots: &[PathBuf], name: &str) -> Option<(PathBuf, &str)> {
        roots.iter().map(|root| root.join(name)).find_map(|path| {
            let text = self.files.get(self.real(&path))?;
            Some((path, text.as_str()))
        })
    }

    fn missing(&self, path: &Path) -> CompileError {
        CompileError::Unreadable { path: path.to_owned(), reason: format!("not in {}", self.name) }
    }
}

impl Files for Tree {
    fn is_folder(&self, path: &Path) -> Result<bool, CompileError> {
        if self.holds(path) {
            return Ok(false);
        }
        let holds = self.paths().any(|file| file.starts_with(path));
        if holds { Ok(true) } else { Err(self.missing(path)) }
    }

    fn below(&self, folder: &Path) -> Result<Vec<PathBuf>, CompileError> {
        let mut seen = BTreeSet::new();
        let visible = |file: &&PathBuf| {
            file.strip_prefix(folder).is_ok_and(|inner| {
                inner.components().all(|part| !part.as_os_str().as_encoded_bytes().starts_with(b"."))
            })
        };
        // Those that are no links come first.
        let sources = self.paths().filter(|file| is_source(file)).filter(visible);
        let once = sources.filter(|file| seen.insert(self.real(file)));
        let mut files: Vec<PathBuf> = once.cloned().collect();
        files.sort();
        Ok(files)
    }

    fn holds(&self, path: &Path) -> bool {
        self.files.contains_key(self.real(path))
    }

    fn text(&self, file: &Path) -> Result<String, CompileError> {
        self.files.get(self.real(file)).cloned().ok_or_else(|| self.missing(file))
    }

    fn whole(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn same(&self, one: &Path, other: &Path) -> bool {
        self.real(one) == self.real(other)
    }
}

/// Looks for imports in a tree.
pub(super) struct InTree {
    pub(super) tree: Tree,
    pub(super) roots: Vec<PathBuf>,
}

impl FileResolver for InTree {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        match self.tree.find(&self.roots, name) {
            Some((_, text)) => depth::file(name, text),
            None => Err(Error::file_not_found(name)),
        }
    }
}
