//! Places with their lines, each source read once.

use super::Place;
use contract::{Excerpt, Origin, compile::Sources};
use std::{collections::HashMap, path::PathBuf};

/// The sources of findings.
pub(in crate::contract) struct Lines<'a> {
    sources: &'a Sources,
    files: HashMap<String, File>,
}

struct File {
    path: Option<PathBuf>,
    text: String,
    /// Where each line begins and ends.
    lines: Vec<(usize, usize)>,
}

impl<'a> Lines<'a> {
    pub(in crate::contract) fn of(sources: &'a Sources) -> Self {
        Self { sources, files: HashMap::new() }
    }

    pub(in crate::contract) fn place(&mut self, origin: Origin) -> Place {
        let name = origin.file();
        if name.is_empty() {
            return Place { origin, path: None, excerpt: None };
        }
        if !self.files.contains_key(name) {
            self.files.insert(name.to_owned(), File::of(self.sources, name));
        }
        let Some(file) = self.files.get(name) else { return Place::default() };
        let line = origin.position().and_then(|(line, _)| file.line(line));
        let excerpt = line.and_then(|line| Excerpt::of_line(&origin, line));
        Place { path: file.path.clone(), excerpt, origin }
    }
}

impl File {
    fn of(sources: &Sources, name: &str) -> Self {
        let text = sources.text(name).unwrap_or_default();
        let mut lines = Vec::new();
        let mut from = 0;
        for line in text.split_inclusive('\n') {
            let end = from + line.trim_end_matches(['\n', '\r']).len();
            lines.push((from, end));
            from += line.len();
        }
        Self { path: sources.path(name), text, lines }
    }

    fn line(&self, number: u32) -> Option<&str> {
        let (from, to) = self.lines.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        self.text.get(*from..*to)
    }
}
