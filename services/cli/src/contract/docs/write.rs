//! The site on disk.

use super::site::Page;
use std::{
    collections::BTreeSet,
    fs,
    path::{Component, Path},
};

/// Names the files that this command has written, so that a later run may replace and remove them.
const MARK: &str = ".treaty-docs";

/// Writes all pages, and removes those of an earlier run that are no longer there.
///
/// # Errors
/// The folder holds something that is not ours, or cannot be written.
pub(super) fn write(out: &Path, pages: &[Page]) -> Result<(), String> {
    let failed = |path: &Path, error: &std::io::Error| format!("{}: {error}", path.display());
    let before = written_before(out)?;
    let now: BTreeSet<String> = pages.iter().map(|page| page.path.clone()).collect();
    for page in pages {
        let path = out.join(&page.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        }
        fs::write(&path, &page.text).map_err(|error| failed(&path, &error))?;
    }
    for gone in before.difference(&now) {
        // Somebody may have been quicker.
        let _ = fs::remove_file(out.join(gone));
    }
    let mark = out.join(MARK);
    let list: String = now.iter().map(|path| format!("{path}\n")).collect();
    fs::write(&mark, list).map_err(|error| failed(&mark, &error))
}

fn written_before(out: &Path) -> Result<BTreeSet<String>, String> {
    match fs::read_to_string(out.join(MARK)) {
        Ok(list) => Ok(list.lines().filter(|path| is_ours(path)).map(ToOwned::to_owned).collect()),
        Err(_) => match fs::read_dir(out).map(|mut entries| entries.next().is_some()) {
            Ok(true) => Err(format!(
                "{}: it holds something that `treaty contract docs` has not written; name another folder, or an empty one",
                out.display()
            )),
            Ok(false) => Ok(BTreeSet::new()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(format!("{}: {error}", out.display())),
        },
    }
}

/// A list that somebody has changed leads nowhere else.
fn is_ours(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str) -> Page {
        Page { path: path.to_owned(), text: path.to_owned() }
    }

    #[test]
    fn what_is_no_longer_there_goes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("site");
        write(&out, &[page("index.html"), page("services/a.html")]).unwrap();
        fs::write(out.join("mine.txt"), "mine").unwrap();
        fs::write(out.join(MARK), "services/a.html\nindex.html\n../outside\n").unwrap();
        fs::write(folder.path().join("outside"), "").unwrap();
        write(&out, &[page("index.html")]).unwrap();
        assert!(!out.join("services/a.html").exists());
        assert!(out.join("mine.txt").exists() && folder.path().join("outside").exists());
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("index.html"), "theirs").unwrap();
        assert!(write(folder.path(), &[page("index.html")]).unwrap_err().contains("has not written"));
        assert_eq!(fs::read_to_string(folder.path().join("index.html")).unwrap(), "theirs");
    }
}
