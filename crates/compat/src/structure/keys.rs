//! Which of the reader's fields a key of the writer's JSON is, and whether that is the field that was meant.

use crate::example::json;
use contract::schema::Field;
use std::collections::HashMap;

/// The keys that a reader takes: its JSON names, then its names.
pub(crate) struct Keys<'a> {
    by_key: HashMap<String, &'a Field>,
    by_name: HashMap<&'a str, &'a Field>,
}

impl<'a> Keys<'a> {
    pub(crate) fn of(fields: &[&'a Field]) -> Self {
        let by_key = fields.iter().map(|field| (json::key(field), *field)).collect();
        let by_name =
            fields.iter().filter(|field| !field.extension).map(|field| (&*field.name, *field)).collect();
        Self { by_key, by_name }
    }

    pub(crate) fn reader_of(&self, written: &Field) -> Option<&'a Field> {
        let key = json::key(written);
        self.by_key.get(&key).or_else(|| self.by_name.get(key.as_str())).copied()
    }
}

/// The same as [`Keys::reader_of`], for so few fields that a table of all keys is not worth its making.
pub(crate) fn reader_of<'a, I>(fields: impl Fn() -> I, written: &Field) -> Option<&'a Field>
where
    I: Iterator<Item = &'a Field>,
{
    let key = json::key(written);
    let extension = key.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let by_key = fields().find(|field| {
        if field.extension { extension == Some(&*field.name) } else { *field.json_name == *key }
    });
    by_key.or_else(|| fields().find(|field| !field.extension && *field.name == *key))
}

/// Which field of one side is which of the other's: that of its name, else that of its number, unless it is
/// another's by its name.
pub(crate) struct Counterparts<'a> {
    written: Side<'a>,
    read: Side<'a>,
}

struct Side<'a> {
    by_name: HashMap<&'a str, &'a Field>,
    by_number: HashMap<u32, &'a Field>,
}

impl<'a> Side<'a> {
    fn of(fields: &[&'a Field]) -> Self {
        Self {
            by_name: fields.iter().map(|field| (&*field.name, *field)).collect(),
            by_number: fields.iter().map(|field| (field.number, *field)).collect(),
        }
    }

    /// Of a field of `other`.
    fn counterpart(&self, of: &Field, other: &Self) -> Option<&'a Field> {
        let same = self.by_name.get(&*of.name).copied();
        let numbered = || self.by_number.get(&of.number).copied();
        same.or_else(|| numbered().filter(|field| !other.by_name.contains_key(&*field.name)))
    }
}

impl<'a> Counterparts<'a> {
    pub(crate) fn of(written: &[&'a Field], read: &[&'a Field]) -> Self {
        Self { written: Side::of(written), read: Side::of(read) }
    }

    /// The reader's field for one of the writer's, whatever their keys.
    pub(crate) fn of_written(&self, written: &Field) -> Option<&'a Field> {
        self.read.counterpart(written, &self.written)
    }

    /// Whether a value that is written as one is taken for another: either has a counterpart, and the two are
    /// not each other's.
    pub(crate) fn is_astray(&self, written: &Field, read: &Field) -> bool {
        let of_read = || self.written.counterpart(read, &self.read);
        match self.of_written(written) {
            Some(meant) => meant.number != read.number,
            None => of_read().is_some_and(|other| other.number != written.number),
        }
    }
}
