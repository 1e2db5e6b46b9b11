//! The files of a set: each there once, with all its imports, and none importing itself by a detour.

use super::{ReadError, descriptor::FileSet};
use std::collections::HashMap;

const MAX_FILE_NAME: usize = 512;

pub(crate) fn check(set: &FileSet) -> Result<(), ReadError> {
    let mut by_name = HashMap::new();
    for (number, file) in set.file.iter().enumerate() {
        if file.name.is_empty() || file.name.len() > MAX_FILE_NAME || file.name.chars().any(char::is_control)
        {
            return Err(ReadError::Name {
                name: super::printable(file.name.as_bytes()),
                file: String::new(),
            });
        }
        if !matches!(file.syntax.as_str(), "" | "proto2" | "proto3" | "editions") {
            let reason = format!("the syntax `{}` is unknown", super::printable(file.syntax.as_bytes()));
            return Err(ReadError::Malformed { file: file.name.clone(), reason });
        }
        if file.syntax == "editions" && !matches!(file.edition, 1000 | 1001) {
            return Err(ReadError::Editions { file: file.name.clone() });
        }
        if by_name.insert(file.name.as_str(), number).is_some() {
            return Err(ReadError::Duplicate { name: file.name.clone(), file: file.name.clone() });
        }
    }
    let mut imports = Vec::with_capacity(set.file.len());
    for file in &set.file {
        let found = file.dependency.iter().map(|import| {
            by_name.get(import.as_str()).copied().ok_or_else(|| ReadError::MissingImport {
                file: file.name.clone(),
                import: super::printable(import.as_bytes()),
            })
        });
        imports.push(found.collect::<Result<Vec<_>, _>>()?);
    }
    acyclic(set, &imports)
}

/// Takes away files whose imports are all taken away, until none is left, or none can go (Kahn).
fn acyclic(set: &FileSet, imports: &[Vec<usize>]) -> Result<(), ReadError> {
    let mut missing: Vec<usize> = imports.iter().map(Vec::len).collect();
    let mut importers = vec![Vec::new(); imports.len()];
    for (file, imports) in imports.iter().enumerate() {
        for import in imports {
            if let Some(of_import) = importers.get_mut(*import) {
                of_import.push(file);
            }
        }
    }
    let mut ready: Vec<usize> = (0..imports.len()).filter(|file| missing.get(*file) == Some(&0)).collect();
    while let Some(done) = ready.pop() {
        for importer in importers.get(done).into_iter().flatten() {
            if let Some(count) = missing.get_mut(*importer) {
                *count -= 1;
                if *count == 0 {
                    ready.push(*importer);
                }
            }
        }
    }
    match set.file.iter().zip(&missing).find(|(_, missing)| **missing > 0) {
        Some((file, _)) => Err(ReadError::Cycle { file: file.name.clone() }),
        None => Ok(()),
    }
}
