//! Sources as texts: UTF-8. A byte order mark in front is no part of it, as protoc and buf have it too.

use std::{fs, io, path::Path};

const MARK: char = '\u{feff}';

/// What stands in a file.
pub(super) struct Text {
    /// Without a byte order mark.
    pub(super) text: String,
    /// Whether there was one.
    pub(super) marked: bool,
}

/// What stands in the file. The error of one that is no UTF-8 says where it ceases to be.
pub(super) fn read(path: &Path) -> io::Result<Text> {
    let bytes = bytes(path)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        io::Error::new(io::ErrorKind::InvalidData, strange(error.as_bytes(), at))
    })?;
    Ok(match text.strip_prefix(MARK) {
        Some(rest) => Text { text: rest.to_owned(), marked: true },
        None => Text { text, marked: false },
    })
}

/// More than any author writes; what is larger is not read into memory.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Whoever opened a pipe might wait forever.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    let refused = |why: String| Err(io::Error::new(io::ErrorKind::InvalidData, why));
    if !metadata.is_file() {
        return refused("it is no regular file, and nothing else is read as a source".to_owned());
    }
    if metadata.len() > MAX_BYTES {
        let (has, most) = (metadata.len() >> 20, MAX_BYTES >> 20);
        return refused(format!("it has {has} MiB, and sources of at most {most} MiB are read"));
    }
    fs::read(path)
}

/// Why bytes are no UTF-8, as of the byte `at`.
fn strange(bytes: &[u8], at: usize) -> String {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return "it is UTF-16, and sources are UTF-8: save it as that".to_owned();
    }
    let before = bytes.get(..at).unwrap_or_default();
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let byte = bytes.get(at).copied().unwrap_or_default();
    format!("line {line} is no UTF-8 (byte 0x{byte:02x}): save the file as UTF-8")
}

/// The text without a byte order mark.
pub(super) fn unmarked(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Contract, compile};

    const TEXT: &str = "syntax = \"proto3\";\npackage a;\nmessage M { Missing m = 1; }\n";

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_source() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.proto");
        let sound = TEXT.replace("Missing", "M");
        fs::write(&file, format!("{MARK}{sound}")).unwrap();
        let done = compile::paths(std::slice::from_ref(&file), &[]).unwrap();
        assert_eq!(done.sources.text("a.proto"), Some(sound.clone()));
        assert_eq!(done.sources.path("a.proto"), Some(file.clone()));
        assert!(Contract::read(done.bytes).is_ok());
        assert!(compile::texts(&[("a.proto", &format!("{MARK}{sound}"))]).is_ok());
        fs::write(&file, format!("{MARK}{TEXT}")).unwrap();
        let error = compile::paths(&[file], &[]).unwrap_err().to_string();
        assert!(error.starts_with("a.proto:3:13: "), "{error}");
    }

    #[test]
    fn what_is_no_utf_8_is_said_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.proto");
        let said = |bytes: &[u8]| {
            fs::write(&file, bytes).unwrap();
            let error = compile::paths(std::slice::from_ref(&file), &[]).unwrap_err().to_string();
            error.split_once("a.proto: ").unwrap().1.to_owned()
        };
        let utf_16: Vec<u8> = format!("{MARK}{TEXT}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(said(&utf_16), "it is UTF-16, and sources are UTF-8: save it as that");
        assert_eq!(
            said(b"syntax = \"proto3\";\n// \xe9\n"),
            "line 2 is no UTF-8 (byte 0xe9): save the file as UTF-8"
        );
    }
}
