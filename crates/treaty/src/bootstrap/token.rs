//! The file that holds the join token.

use identity::token::{JoinToken, TokenError};
use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Longer files hold something else.
const MAX_BYTES: u64 = 4096;

/// A token file that cannot be used. Never shows its content.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// It cannot be read.
    #[error(
        "cannot read the join token {path}: {source}; TREATY_JOIN_TOKEN_FILE should name the file it was written to"
    )]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others can read it.
    #[error(
        "the join token {path} can be read by others (mode {mode:04o}), so it proves nothing: chmod 600 {path}, and have a new token made"
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It holds something else.
    #[error("{path}: {source}")]
    Garbled {
        /// Which file.
        path: PathBuf,
        /// What it should hold.
        source: TokenError,
    },
}

/// Reads a join token that its owner alone can read.
pub(super) fn read(path: &Path) -> Result<JoinToken, TokenFileError> {
    let unreadable = |source| TokenFileError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    // Of the open file: what is checked is what is read.
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(TokenFileError::Exposed { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::with_capacity(256));
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    JoinToken::parse(&text).map_err(|source| TokenFileError::Garbled { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::OpenOptionsExt};

    fn file(content: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[test]
    fn a_token_of_ones_own_is_read() {
        let token = JoinToken::generate();
        let (_folder, path) = file(&format!("{}\n", token.expose()), 0o600);
        assert_eq!(read(&path).unwrap().hash(), token.hash());
    }

    #[test]
    fn a_token_that_others_can_read_is_refused() {
        for mode in [0o640, 0o604, 0o644] {
            let (_folder, path) = file(JoinToken::generate().expose(), mode);
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains(&format!("(mode {mode:04o})")) && error.contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn other_content_is_refused_and_not_shown() {
        for content in ["", "hunter2", "treaty_join_short"] {
            let (_folder, path) = file(content, 0o600);
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains("not a join token") && !error.contains("hunter2"), "{error}");
        }
        let error = read(Path::new("/nowhere/token")).unwrap_err().to_string();
        assert!(error.contains("TREATY_JOIN_TOKEN_FILE"), "{error}");
    }
}
