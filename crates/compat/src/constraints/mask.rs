//! Rules of field masks.

use super::{encode::Sample, rules::Mask};

/// Whether one path is the other, or below it.
fn is_below(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether these paths obey.
pub(super) fn mask_holds(mask: &Mask, paths: &[String]) -> bool {
    let covered = |path: &String, list: &[String]| list.iter().any(|entry| is_below(path, entry));
    match mask {
        Mask::Const(wanted) => paths == wanted,
        Mask::In(list) => paths.iter().all(|path| covered(path, list)),
        Mask::NotIn(list) => !paths.iter().any(|path| covered(path, list)),
    }
}

pub(super) fn mask_implied(old: &[&Mask], new: &Mask) -> bool {
    let constant = old.iter().find_map(|mask| if let Mask::Const(paths) = mask { Some(paths) } else { None });
    if let Some(paths) = constant {
        return mask_holds(new, paths) || !old.iter().all(|mask| mask_holds(mask, paths));
    }
    let covers = |list: &[String], path: &str| list.iter().any(|entry| is_below(path, entry));
    // Paths at or below `path` that the old rules leave.
    let excluded = |path: &str| {
        old.iter().any(|mask| match mask {
            Mask::NotIn(list) => covers(list, path),
            Mask::In(list) => !list.iter().any(|entry| is_below(path, entry) || is_below(entry, path)),
            Mask::Const(_) => false,
        })
    };
    match new {
        Mask::Const(_) => false,
        Mask::In(list) => old.iter().any(|mask| match mask {
            Mask::In(old_list) => old_list.iter().all(|entry| covers(list, entry) || excluded(entry)),
            _ => false,
        }),
        Mask::NotIn(list) => list.iter().all(|path| excluded(path)),
    }
}

pub(super) fn mask_samples(old: &[&Mask], new: &Mask) -> Vec<Sample> {
    let mut paths: Vec<String> = vec!["other".to_owned()];
    for mask in old.iter().copied().chain([new]) {
        let (Mask::Const(list) | Mask::In(list) | Mask::NotIn(list)) = mask;
        paths.extend(list.iter().flat_map(|path| [path.clone(), format!("{path}.other")]));
    }
    let mut masks: Vec<Vec<String>> = vec![Vec::new()];
    masks.extend(paths.into_iter().map(|path| vec![path]));
    let constants =
        old.iter().filter_map(|mask| if let Mask::Const(paths) = mask { Some(paths.clone()) } else { None });
    masks.extend(constants);
    masks.retain(|paths| old.iter().all(|mask| mask_holds(mask, paths)) && !mask_holds(new, paths));
    masks.into_iter().take(4).map(Sample::Paths).collect()
}
