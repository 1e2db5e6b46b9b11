//! The files that others read: whole or not there, never half.

use crate::Error;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// For everybody who can enter the directory.
pub(crate) const PUBLIC: u32 = 0o644;
/// For the owner.
pub(crate) const SECRET: u32 = 0o600;

/// Puts a file with these contents into place. Blocks.
pub(crate) fn put(path: &Path, contents: &str, mode: u32) -> Result<(), Error> {
    replace(path, contents, mode).map_err(|source| Error::File { path: path.to_owned(), source })
}

/// Takes a file away, if it is there. Blocks.
pub(crate) fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "cannot remove");
    }
}

fn replace(path: &Path, contents: &str, mode: u32) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&unfinished)?;
    file.write_all(contents.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_is_replaced_with_its_mode_and_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("admin.token");
        fs::write(path.with_extension("unfinished"), "left by a crash").unwrap();
        put(&path, "one", SECRET).unwrap();
        put(&path, "two", SECRET).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, SECRET);
        remove(&path);
        remove(&path);
        assert!(put(&directory.path().join("none/file"), "", PUBLIC).is_err());
    }
}
