//! Sources that are on no disk, in the folders that they have elsewhere: a revision of a repository.

use super::{CompileError, Sources, depth, find::Files};
use protox::{
    Error,
    file::{File, FileResolver},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// `.proto` files by path. Paths are relative, with no `.` or `..` in them; the empty path is the tree's root.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Of what it is a copy, for people: "main".
    name: Arc<str>,
    files: Arc<BTreeMap<PathBuf, String>>,
}

impl Tree {
    /// The tree of these files. `name` says of what it is a copy.
    pub fn new(name: &str, files: BTreeMap<PathBuf, String>) -> Self {
        Self { name: name.into(), files: Arc::new(files) }
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
        let names = self.files.keys().flat_map(|path| {
            let below = roots.iter().filter_map(|root| path.strip_prefix(root).ok());
            below.filter_map(Path::to_str)
        });
        self.sources(roots, names)
    }

    fn find(&self, roots: &[PathBuf], name: &str) -> Option<(&Path, &str)> {
        let found = roots.iter().find_map(|root| self.files.get_key_value(&root.join(name)));
        found.map(|(path, text)| (path.as_path(), text.as_str()))
    }

    fn missing(&self, path: &Path) -> CompileError {
        CompileError::Unreadable { path: path.to_owned(), reason: format!("not in {}", self.name) }
    }
}

impl Files for Tree {
    fn is_folder(&self, path: &Path) -> Result<bool, CompileError> {
        if self.files.contains_key(path) {
            return Ok(false);
        }
        let holds = self.files.keys().any(|file| file.starts_with(path));
        if holds { Ok(true) } else { Err(self.missing(path)) }
    }

    fn below(&self, folder: &Path) -> Result<Vec<PathBuf>, CompileError> {
        let visible = |file: &&PathBuf| {
            file.strip_prefix(folder).is_ok_and(|inner| {
                inner.components().all(|part| !part.as_os_str().as_encoded_bytes().starts_with(b"."))
            })
        };
        Ok(self.files.keys().filter(visible).cloned().collect())
    }

    fn holds(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    fn text(&self, file: &Path) -> Result<String, CompileError> {
        self.files.get(file).cloned().ok_or_else(|| self.missing(file))
    }

    fn whole(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn same(&self, one: &Path, other: &Path) -> bool {
        one == other
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
