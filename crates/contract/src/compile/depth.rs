//! What a source must be before the compiler sees it: text, and not nested too deeply, since the parser calls
//! itself for each level, and a stack ends.

use super::{given::AsGiven, text};
use protox::{
    Error,
    file::{File, FileResolver, IncludeFileResolver},
};
use std::{io, path::PathBuf};

/// More than any author writes; far less than a stack holds.
const MAX_DEPTH: usize = 128;

/// Files below a folder, as long as they are not nested too deeply.
pub(super) struct Below {
    pub(super) root: PathBuf,
    /// What the root is called before people.
    pub(super) shown: AsGiven,
}

/// It resolves no path: it is asked for names, and the first part of a name may be called as the root is.
impl FileResolver for Below {
    fn open_file(&self, name: &str) -> Result<File, Error> {
        let path = self.root.join(name);
        match text::read(&path) {
            // The compiler would take the mark for a token.
            Ok(text::Text { text, marked: true }) => file(name, &text),
            Ok(text::Text { text, marked: false }) => {
                bounded(name, &text)?;
                IncludeFileResolver::new(self.root.clone()).open_file(name)
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(Error::new(NotText { path: self.shown.show(&path), error }))
            }
            // Whatever else is wrong the compiler says itself.
            Err(_) => IncludeFileResolver::new(self.root.clone()).open_file(name),
        }
    }
}

/// A file with this name and text.
pub(super) fn file(name: &str, text: &str) -> Result<File, Error> {
    let text = text::unmarked(text);
    bounded(name, text)?;
    File::from_source(name, text)
}

/// A source that is no text.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", path.display())]
struct NotText {
    path: PathBuf,
    error: io::Error,
}

/// A source that is nested too deeply.
#[derive(Debug, thiserror::Error)]
#[error("{name}:{line}: brackets are nested more than {MAX_DEPTH} levels deep: write it flatter")]
struct TooDeep {
    name: String,
    line: usize,
}

fn bounded(name: &str, text: &str) -> Result<(), Error> {
    match too_deep(text) {
        None => Ok(()),
        Some(line) => Err(Error::new(TooDeep { name: name.to_owned(), line })),
    }
}

/// The line, from 1, on which brackets first nest too deeply. Those within comments and strings do not count.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut line) = (0usize, 1);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => line += 1,
            b'{' | b'[' | b'(' | b'<' => depth += 1,
            b'}' | b']' | b')' | b'>' => depth = depth.saturating_sub(1),
            b'/' if bytes.peek() == Some(&b'/') => {
                while bytes.peek().is_some_and(|next| *next != b'\n') {
                    bytes.next();
                }
            }
            b'/' if bytes.peek() == Some(&b'*') => {
                let mut last = b' ';
                bytes.next();
                for next in bytes.by_ref() {
                    line += usize::from(next == b'\n');
                    if last == b'*' && next == b'/' {
                        break;
                    }
                    last = next;
                }
            }
            quote @ (b'"' | b'\'') => {
                while let Some(next) = bytes.next() {
                    match next {
                        b'\\' => drop(bytes.next()),
                        b'\n' => {
                            line += 1;
                            break;
                        }
                        next if next == quote => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Some(line);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_where_it_is_nesting() {
        let open = "{".repeat(MAX_DEPTH);
        assert_eq!(too_deep(&open), None);
        assert_eq!(too_deep(&format!("\n{open}[")), Some(2));
        assert_eq!(too_deep(&format!("/*\n{open}*/ // {open}\n\"{open}\\\"{open}\" '{open}' {open}")), None);
        assert_eq!(too_deep(&"{}".repeat(1000)), None);
    }

    #[test]
    fn a_source_that_would_overflow_the_stack_is_refused() {
        let nested = "a { ".repeat(100_000);
        let text = format!("syntax = \"proto3\";\noption (x) = {{ {nested}");
        let error = super::super::texts(&[("deep.proto", &text)]).unwrap_err();
        assert!(
            error.to_string().contains("deep.proto:2: brackets are nested more than 128 levels deep"),
            "{error}"
        );
    }
}
