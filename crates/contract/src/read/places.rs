//! Where the parts of a file are written: its source info, by path.

use super::descriptor::{File, Location};
use crate::{lint::is_suppression, origin::Origin};
use std::collections::BTreeMap;

/// Places of one file.
pub(crate) struct Places<'a> {
    file: &'a str,
    by_path: BTreeMap<&'a [i32], &'a Location>,
}

impl<'a> Places<'a> {
    pub(crate) fn of(file: &'a File) -> Self {
        let mut by_path = BTreeMap::new();
        for location in file.source_code_info.iter().flat_map(|info| &info.location) {
            // Several statements may share a path: the first is the place.
            by_path.entry(location.path.as_slice()).or_insert(location);
        }
        Self { file: &file.name, by_path }
    }

    /// Where `path` is written: itself; else the first of its parts, for `(option).part = …` leaves no
    /// place for the option as a whole; else what encloses it, for `option = { … }` leaves none for
    /// its parts.
    pub(crate) fn at(&self, path: &[i32]) -> Origin {
        let itself_or_part = self.by_path.range(path..).next().filter(|(found, _)| found.starts_with(path));
        let enclosing = || {
            (0..path.len()).rev().find_map(|length| {
                let parent = path.get(..length)?;
                self.by_path.get_key_value(parent).filter(|(path, _)| !path.is_empty())
            })
        };
        match itself_or_part.or_else(enclosing) {
            Some((_, location)) => self.origin(location),
            None => self.origin_of_file(),
        }
    }

    /// The comment in front of the declaration at `path`, without the blank that follows each `//` and without
    /// what it says to the lint.
    pub(crate) fn comment(&self, path: &[i32]) -> String {
        self.by_path.get(path).map_or_else(String::new, |location| plain(&location.leading_comments))
    }

    /// The comment behind the declaration at `path`, likewise.
    pub(crate) fn comment_behind(&self, path: &[i32]) -> String {
        self.by_path.get(path).map_or_else(String::new, |location| plain(&location.trailing_comments))
    }

    fn origin(&self, location: &Location) -> Origin {
        let from_one =
            |value: Option<&i32>| value.and_then(|v| u32::try_from(*v).ok()).map(|v| v.saturating_add(1));
        match (from_one(location.span.first()), from_one(location.span.get(1))) {
            (Some(line), Some(column)) => Origin::At { file: self.file.to_owned(), line, column },
            _ => self.origin_of_file(),
        }
    }

    fn origin_of_file(&self) -> Origin {
        Origin::At { file: self.file.to_owned(), line: 0, column: 0 }
    }
}

fn plain(comment: &str) -> String {
    let lines = comment.lines().filter(|line| !is_suppression(line));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
