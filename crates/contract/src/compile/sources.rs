//! The texts that a descriptor set was made of.

use super::{EMBEDDED, given::AsGiven, text};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Source files by the names they have in a descriptor set.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    paths: BTreeMap<String, PathBuf>,
    includes: Vec<PathBuf>,
    texts: BTreeMap<String, String>,
    /// What people call files that are on no disk.
    shown: BTreeMap<String, String>,
    asked: BTreeSet<String>,
}

impl Sources {
    /// Those that `compiler` has opened; of one that it does not say the path of, it is below `roots`.
    pub(super) fn of(compiler: &protox::Compiler, roots: &[PathBuf], shown: &AsGiven) -> Self {
        let below = Self::below(roots);
        let path_of = |file: &protox::file::FileMetadata| {
            let path = file.path().map(Path::to_owned).or_else(|| below.path(file.name()))?;
            Some((file.name().to_owned(), shown.show(&path)))
        };
        Self { paths: compiler.files().filter_map(path_of).collect(), ..below }
    }

    /// Whatever there is below `includes`: for descriptor sets that were compiled elsewhere.
    pub fn below(includes: &[PathBuf]) -> Self {
        Self { includes: includes.to_vec(), ..Self::default() }
    }

    /// Files that are on no disk: names and texts.
    pub(super) fn in_memory(files: &[(&str, &str)]) -> Self {
        let texts = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Self { texts, ..Self::default() }
    }

    /// A file that is on no disk, and what people call it.
    pub(super) fn add(&mut self, name: &str, shown: String, text: String) {
        self.texts.insert(name.to_owned(), text);
        self.shown.insert(name.to_owned(), shown);
    }

    /// The files that somebody asked for, by the names they have in the set; the others are imports. Empty where
    /// that is not known.
    pub const fn asked(&self) -> &BTreeSet<String> {
        &self.asked
    }

    pub(super) fn with_asked(self, asked: BTreeSet<String>) -> Self {
        Self { asked, ..self }
    }

    /// What to call the file before people: where it is, or where it was read from; else its name.
    pub fn shown(&self, name: &str) -> String {
        let on_disk = || self.path(name).map(|path| path.display().to_string());
        self.shown.get(name).cloned().or_else(on_disk).unwrap_or_else(|| name.to_owned())
    }

    /// Where the file is on this machine; `None` for one that is embedded, or not there.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let inside =
            |include: &PathBuf| Some(include.join(name)).filter(|path| is_relative(name) && path.is_file());
        self.paths.get(name).cloned().or_else(|| self.includes.iter().find_map(inside))
    }

    /// Whether anything has this name below the folders that imports are looked for in.
    pub fn leads_to(&self, name: &str) -> bool {
        is_relative(name) && self.includes.iter().any(|include| include.join(name).exists())
    }

    /// What stands in the file.
    pub fn text(&self, name: &str) -> Option<String> {
        if let Some(text) = self.texts.get(name) {
            return Some(text::unmarked(text).to_owned());
        }
        match self.path(name) {
            Some(path) => text::read(&path).ok().map(|read| read.text),
            None => EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()),
        }
    }
}

/// A set may come from anybody: its names do not lead out of the includes.
fn is_relative(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}
