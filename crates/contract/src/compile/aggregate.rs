//! The text format of an option's value, as far as places go.

use crate::read::{
    descriptor::{Field, kind},
    schema::Schema,
};
use std::{collections::HashMap, ops::Range};

/// A value within an aggregate: its path below the option, and where it stands, name included.
pub(super) struct Entry {
    pub(super) path: Vec<i32>,
    pub(super) range: Range<usize>,
}

/// A reader of `{ name: value … }`. The compiler has accepted the text already, so that whatever is not
/// understood here ends the reading, and nothing is reported.
pub(super) struct Aggregate<'a> {
    schema: &'a Schema,
    text: &'a [u8],
    at: usize,
    depth: u32,
    entries: Vec<Entry>,
}

/// Deeper than anybody writes, and no danger to the stack.
const MAX_DEPTH: u32 = 32;

impl<'a> Aggregate<'a> {
    /// The entries of the statement that begins with `text`, whose value is a `message`.
    pub(super) fn entries(schema: &'a Schema, text: &'a str, message: &str) -> Option<Vec<Entry>> {
        let at = text.find('=')? + 1;
        let mut aggregate = Self { schema, text: text.as_bytes(), at, depth: 0, entries: Vec::new() };
        aggregate.skip();
        aggregate.message(message, &[])?;
        Some(aggregate.entries)
    }

    fn message(&mut self, message: &str, path: &[i32]) -> Option<()> {
        let close = self.open()?;
        let mut counts: HashMap<i32, i32> = HashMap::new();
        loop {
            self.skip();
            if self.peek()? == close {
                return self.close();
            }
            let start = self.at;
            if self.peek()? == b'[' {
                // An extension, of a type that the vocabulary does not know.
                self.unknown()?;
                self.colon()?;
                self.unknown()?;
            } else {
                let name = self.word()?;
                let schema = self.schema;
                let field = schema.field(message, |field| field.name == name)?;
                self.colon()?;
                let path = [path, &[field.number]].concat();
                self.field(field, &path, start, counts.entry(field.number).or_default())?;
            }
            self.skip();
            if matches!(self.peek()?, b',' | b';') {
                self.at += 1;
            }
        }
    }

    /// Answers how the message ends that begins here.
    fn open(&mut self) -> Option<u8> {
        let close = match self.take()? {
            b'{' => b'}',
            b'<' => b'>',
            _ => return None,
        };
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(close)
    }

    fn close(&mut self) -> Option<()> {
        self.at += 1;
        self.depth -= 1;
        Some(())
    }

    fn colon(&mut self) -> Option<()> {
        self.skip();
        if self.peek()? == b':' {
            self.at += 1;
            self.skip();
        }
        Some(())
    }

    /// Passes by a value, or a name in brackets: text and whatever brackets hold.
    fn unknown(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            self.skip();
            match self.peek()? {
                b'{' | b'<' | b'[' => {
                    self.at += 1;
                    open += 1;
                }
                b'}' | b'>' | b']' => {
                    self.at += 1;
                    open = open.checked_sub(1)?;
                }
                b'"' | b'\'' => self.text()?,
                b',' | b';' | b':' | b'/' if open > 0 => self.at += 1,
                _ => {
                    self.word()?;
                }
            }
            if open == 0 {
                return Some(());
            }
        }
    }

    fn field(&mut self, field: &Field, path: &[i32], start: usize, count: &mut i32) -> Option<()> {
        if field.label != kind::REPEATED {
            self.value(field, path)?;
            self.entries.push(Entry { path: path.to_vec(), range: start..self.at });
            return Some(());
        }
        if self.peek()? != b'[' {
            let element = [path, &[*count]].concat();
            *count += 1;
            self.value(field, &element)?;
            self.entries.push(Entry { path: element, range: start..self.at });
            return Some(());
        }
        self.at += 1;
        loop {
            self.skip();
            match self.peek()? {
                b']' => break,
                b',' => self.at += 1,
                _ => {
                    let (element, start) = ([path, &[*count]].concat(), self.at);
                    *count += 1;
                    self.value(field, &element)?;
                    self.entries.push(Entry { path: element, range: start..self.at });
                }
            }
        }
        self.at += 1;
        self.entries.push(Entry { path: path.to_vec(), range: start..self.at });
        Some(())
    }

    fn value(&mut self, field: &Field, path: &[i32]) -> Option<()> {
        if field.r#type == kind::MESSAGE {
            return self.message(field.type_name.trim_start_matches('.'), path);
        }
        match self.peek()? {
            b'"' | b'\'' => self.text(),
            _ => self.word().map(|_| ()),
        }
    }

    /// Adjacent strings are one; the blanks behind the last are not part of it.
    fn text(&mut self) -> Option<()> {
        let mut end = self.at;
        while let Some(quote @ (b'"' | b'\'')) = self.peek() {
            self.string(quote)?;
            end = self.at;
            self.skip();
        }
        self.at = end;
        Some(())
    }

    fn string(&mut self, quote: u8) -> Option<()> {
        self.at += 1;
        loop {
            match self.take()? {
                b'\\' => self.at += 1,
                byte if byte == quote => return Some(()),
                _ => {}
            }
        }
    }

    fn word(&mut self) -> Option<&'a str> {
        let rest = self.text.get(self.at..)?;
        let of_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'+');
        let length = rest.iter().take_while(|b| of_word(b)).count();
        self.at += length;
        rest.get(..length).filter(|word| !word.is_empty()).and_then(|word| std::str::from_utf8(word).ok())
    }

    /// Blanks and comments of any style.
    fn skip(&mut self) {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let until =
                |end: &[u8]| rest.windows(end.len()).position(|found| found == end).map(|at| at + end.len());
            self.at += match rest {
                [b, ..] if b.is_ascii_whitespace() => 1,
                [b'#', ..] | [b'/', b'/', ..] => until(b"\n").unwrap_or(rest.len()),
                [b'/', b'*', ..] => until(b"*/").unwrap_or(rest.len()),
                _ => return,
            };
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}
