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
    entries: Vec<Entry>,
}

impl<'a> Aggregate<'a> {
    /// The entries of the statement that begins with `text`, whose value is a `message`.
    pub(super) fn entries(schema: &'a Schema, text: &'a str, message: &str) -> Option<Vec<Entry>> {
        let at = text.find('=')? + 1;
        let mut aggregate = Self { schema, text: text.as_bytes(), at, entries: Vec::new() };
        aggregate.skip();
        aggregate.message(message, &[])?;
        Some(aggregate.entries)
    }

    /// As deep as the vocabulary, which does not nest in itself.
    fn message(&mut self, message: &str, path: &[i32]) -> Option<()> {
        let close = match self.take()? {
            b'{' => b'}',
            b'<' => b'>',
            _ => return None,
        };
        let mut counts: HashMap<i32, i32> = HashMap::new();
        loop {
            self.skip();
            if self.peek()? == close {
                self.at += 1;
                return Some(());
            }
            let start = self.at;
            let name = self.word()?;
            let schema = self.schema;
            let field = schema.field(message, |field| field.name == name)?;
            self.skip();
            if self.peek()? == b':' {
                self.at += 1;
                self.skip();
            }
            let path = [path, &[field.number]].concat();
            self.field(field, &path, start, counts.entry(field.number).or_default())?;
            self.skip();
            if matches!(self.peek()?, b',' | b';') {
                self.at += 1;
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
        let mut end = None;
        while let Some(quote @ (b'"' | b'\'')) = self.peek() {
            self.string(quote)?;
            end = Some(self.at);
            self.skip();
        }
        match end {
            // Adjacent strings are one; the blanks behind the last are not part of it.
            Some(end) => self.at = end,
            None => {
                self.word()?;
            }
        }
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
