//! Where the parts of a file are written, and what is commented there.

use super::descriptor::{File, Location};
use crate::origin::Origin;
use std::collections::HashMap;

/// Places of one file.
pub(in crate::lint) struct Places<'a> {
    file: &'a str,
    by_path: HashMap<&'a [i32], &'a Location>,
}

impl<'a> Places<'a> {
    pub(super) fn of(file: &'a File) -> Self {
        let mut by_path = HashMap::new();
        for location in locations(file) {
            // Several statements may share a path: the first is the place.
            by_path.entry(location.path.as_slice()).or_insert(location);
        }
        Self { file: &file.name, by_path }
    }

    /// Where `path` is written: itself, else what encloses it, else the file.
    pub(in crate::lint) fn at(&self, path: &[i32]) -> Origin {
        let enclosing = |length: usize| path.get(..length).and_then(|path| self.location(path));
        match (1..=path.len()).rev().find_map(enclosing) {
            Some(location) => self.origin(location),
            None => self.file(),
        }
    }

    /// The file as a whole.
    pub(in crate::lint) fn file(&self) -> Origin {
        Origin::At { file: self.file.to_owned(), line: 0, column: 0 }
    }

    /// What has exactly this path.
    pub(in crate::lint) fn location(&self, path: &[i32]) -> Option<&'a Location> {
        self.by_path.get(path).copied()
    }

    /// Whether the set says where things are written.
    pub(in crate::lint) fn is_known(&self) -> bool {
        !self.by_path.is_empty()
    }

    fn origin(&self, location: &Location) -> Origin {
        match span(location) {
            Some((line, column, ..)) => Origin::At { file: self.file.to_owned(), line, column },
            None => self.file(),
        }
    }
}

pub(in crate::lint) fn locations(file: &File) -> impl Iterator<Item = &Location> {
    file.source_code_info.iter().flat_map(|info| &info.location)
}

/// First line and column, last line and the column behind the end: from 1.
pub(in crate::lint) fn span(location: &Location) -> Option<(u32, u32, u32, u32)> {
    let from_one = |value: i32| u32::try_from(value).ok().map(|value| value.saturating_add(1));
    match *location.span.as_slice() {
        [line, column, end] => Some((from_one(line)?, from_one(column)?, from_one(line)?, from_one(end)?)),
        [line, column, last, end] => {
            Some((from_one(line)?, from_one(column)?, from_one(last)?, from_one(end)?))
        }
        _ => None,
    }
}
