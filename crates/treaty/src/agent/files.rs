//! The directory of a foreign workload. Key, certificate and bundle change together: the three names lead
//! through one symbolic link, which is replaced in one step.

use identity::pem;
use serde_json::Value;
use std::{
    ffi::OsString,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink},
    path::{Path, PathBuf},
};
use transport::Material;

/// The private key, PKCS#8 PEM.
pub(super) const KEY: &str = "key.pem";
/// The SVID, the leaf first, PEM.
pub(super) const CERTIFICATE: &str = "cert.pem";
/// The trust domain's roots, PEM.
pub(super) const BUNDLE: &str = "bundle.pem";
const BOOTSTRAP: &str = "bootstrap.json";
/// The link to the generation in force.
const CURRENT: &str = "current";
const GENERATION: &str = "generation-";

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}: {source}")]
pub struct FilesError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// The directory.
#[derive(Debug)]
pub(super) struct Files {
    directory: PathBuf,
}

impl Files {
    /// Makes the directory if it is not there (0700).
    pub(super) fn open(directory: &Path) -> Result<Self, FilesError> {
        let failed = |action| move |source| FilesError { action, path: directory.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed("make"))?;
        // Absolute: whoever reads the bootstrap file runs elsewhere.
        let directory = fs::canonicalize(directory).map_err(failed("find"))?;
        Ok(Self { directory })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Puts an SVID, its key and its roots in force, together.
    pub(super) fn write_material(&self, material: &Material) -> Result<(), FilesError> {
        let name = OsString::from(format!("{GENERATION}{}", uuid::Uuid::new_v4().simple()));
        let folder = self.directory.join(&name);
        let made = DirBuilder::new().mode(0o700).create(&folder);
        made.map_err(|source| FilesError { action: "make", path: folder.clone(), source })?;
        write(&folder.join(KEY), material.key.to_pem().as_bytes(), 0o600)?;
        write(&folder.join(CERTIFICATE), pem::certificates(&material.svid.chain).as_bytes(), 0o644)?;
        write(&folder.join(BUNDLE), material.bundle.to_pem().as_bytes(), 0o644)?;
        let before = fs::read_link(self.directory.join(CURRENT)).ok();
        self.link(CURRENT, Path::new(&name))?;
        for file in [KEY, CERTIFICATE, BUNDLE] {
            self.link(file, &Path::new(CURRENT).join(file))?;
        }
        // Somebody may be reading the one before.
        self.clear(&[Some(name), before.map(PathBuf::into_os_string)]);
        Ok(())
    }

    /// Writes the bootstrap file.
    pub(super) fn write_bootstrap(&self, content: &Value) -> Result<(), FilesError> {
        let text = format!("{content:#}\n");
        let (path, fresh) = (self.directory.join(BOOTSTRAP), self.directory.join(".bootstrap.json.new"));
        let _ = fs::remove_file(&fresh);
        write(&fresh, text.as_bytes(), 0o644)?;
        fs::rename(&fresh, &path).map_err(|source| FilesError { action: "replace", path, source })
    }

    /// Points `name` at `target`, in one step.
    fn link(&self, name: &str, target: &Path) -> Result<(), FilesError> {
        let path = self.directory.join(name);
        if fs::read_link(&path).is_ok_and(|now| now == target) {
            return Ok(());
        }
        let fresh = self.directory.join(format!(".{name}.new"));
        let _ = fs::remove_file(&fresh);
        let linked = symlink(target, &fresh).and_then(|()| fs::rename(&fresh, &path));
        linked.map_err(|source| FilesError { action: "replace", path, source })
    }

    /// Removes generations that nobody reads any more. What cannot be removed stays until the next time.
    fn clear(&self, keep: &[Option<OsString>]) {
        for entry in fs::read_dir(&self.directory).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let old = name.to_string_lossy().starts_with(GENERATION) && !keep.contains(&Some(name));
            if old && let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::warn!(path = %entry.path().display(), %error, "an old key could not be removed");
            }
        }
    }
}

fn write(path: &Path, content: &[u8], mode: u32) -> Result<(), FilesError> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let written = opened.and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()));
    written.map_err(|source| FilesError { action: "write", path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::material;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_three_files_change_together_and_the_key_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(&folder.path().join("mesh")).unwrap();
        let read = |name: &str| fs::read_to_string(files.directory().join(name)).unwrap();
        let mut last = String::new();
        for _ in 0..4 {
            let material = material("shop/reports");
            files.write_material(&material).unwrap();
            assert_eq!(read(KEY), *material.key.to_pem());
            assert_eq!(read(CERTIFICATE), pem::certificates(&material.svid.chain));
            assert_eq!(read(BUNDLE), material.bundle.to_pem());
            assert_ne!(std::mem::replace(&mut last, read(KEY)), last);
            let mode = fs::metadata(files.directory().join(KEY)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let names = fs::read_dir(files.directory()).unwrap().map(|entry| entry.unwrap().file_name());
        let generations = names.filter(|name| name.to_string_lossy().starts_with(GENERATION)).count();
        assert_eq!(generations, 2, "the one in force and the one before");
        let mode = fs::metadata(files.directory()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn the_bootstrap_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        for content in ["a", "b"] {
            files.write_bootstrap(&Value::from(content)).unwrap();
            let text = fs::read_to_string(files.directory().join(BOOTSTRAP)).unwrap();
            assert_eq!(text, format!("\"{content}\"\n"));
        }
    }
}
