//! Where the parts of a file are written.

use super::descriptor::File;
use crate::origin::Origin;

/// Places of one file, by path.
pub(super) struct Places {
    file: String,
    /// Sorted; where statements share a path, the first is the place.
    by_path: Vec<(Vec<i32>, u32, u32)>,
}

impl Places {
    pub(super) fn of(file: &File) -> Self {
        let from_one =
            |value: Option<&i32>| value.and_then(|v| u32::try_from(*v).ok()).map(|v| v.saturating_add(1));
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let mut by_path: Vec<_> = locations
            .filter_map(|location| {
                let (line, column) = (from_one(location.span.first())?, from_one(location.span.get(1))?);
                Some((location.path.clone(), line, column))
            })
            .collect();
        by_path.sort_by(|one, other| one.0.cmp(&other.0));
        by_path.dedup_by(|later, first| later.0 == first.0);
        Self { file: file.name.clone(), by_path }
    }

    /// Itself; else the first of its parts; else what encloses it.
    pub(super) fn at(&self, declared: &[i32], within: &[i32]) -> Origin {
        let path = [declared, within].concat();
        let position = self.by_path.partition_point(|(found, ..)| found.as_slice() < path.as_slice());
        let itself_or_part = self.by_path.get(position).filter(|(found, ..)| found.starts_with(&path));
        let enclosing = || {
            (1..path.len()).rev().find_map(|length| {
                let parent = path.get(..length)?;
                let found = self.by_path.binary_search_by(|(found, ..)| found.as_slice().cmp(parent)).ok()?;
                self.by_path.get(found)
            })
        };
        let (line, column) =
            itself_or_part.or_else(enclosing).map_or((0, 0), |(_, line, column)| (*line, *column));
        Origin::At { file: self.file.clone(), line, column }
    }
}
