//! Map fields, read entry by entry.

use super::{MessageValue, Parts, Value, message::message_span};
use crate::ledger;
use crate::wire::Raw;
use contract::schema::{Field, FieldKind};

/// What reading an entry costs beside its bytes, in steps: its key is hashed.
const ENTRY: usize = 16;

/// A map field. Each access is a scan.
#[derive(Clone, Debug)]
pub struct MapValue<'a> {
    of: MessageValue<'a>,
    field: &'a Field,
}

impl<'a> MapValue<'a> {
    pub(super) const fn new(of: MessageValue<'a>, field: &'a Field) -> Self {
        Self { of, field }
    }

    /// The field.
    pub const fn field(&self) -> &'a Field {
        self.field
    }

    /// How many different keys.
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// Keys and values, each key once with its last value, in the order of first appearance. A missing key
    /// or value reads as zero.
    pub fn entries(&self) -> Vec<(Value<'a>, Value<'a>)> {
        let mut entries: Vec<(Value<'a>, Value<'a>)> = Vec::new();
        let mut positions = std::collections::HashMap::new();
        for (key, value) in self.all() {
            ledger::owe(ENTRY);
            let position = *positions.entry(Key::of(&key)).or_insert(entries.len());
            match entries.get_mut(position) {
                Some(entry) => entry.1 = value,
                None => entries.push((key, value)),
            }
        }
        entries
    }

    /// How many entries were written, keys that come again included.
    pub(crate) fn written(&self) -> usize {
        self.of.records().filter(|(number, _)| *number == self.field.number).count()
    }

    /// Every entry as it was written, keys that come again included.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        let (source, field) = (self.of.source(), self.field);
        let records = self.of.records().filter(|(number, _)| *number == field.number);
        records.filter_map(move |(_, raw)| {
            let span = message_span(field, raw)?;
            let entry = MessageValue::new(source, field.kind.message()?, Parts::One(span));
            let key = entry.field(entry.descriptor().field(1)?);
            let value = entry.descriptor().field(2)?;
            (!entry.is_unknown_entry()).then(|| (key, entry.field(value)))
        })
    }
}

impl MessageValue<'_> {
    /// Whether an entry's value is of a closed enum, and none of its numbers: decoders then take the entry
    /// for an unknown field.
    pub(super) fn is_unknown_entry(&self) -> bool {
        let Some((value, FieldKind::Enum(id))) = self.descriptor().field(2).map(|value| (value, value.kind))
        else {
            return false;
        };
        let of = self.source().schema.enum_at(id);
        let numbers = self.records().filter_map(|record| match record {
            (number, Raw::Varint(bits)) if number == value.number => Some(super::scalar::int32(bits)),
            _ => None,
        });
        of.closed && numbers.last().is_some_and(|last| !of.has(last))
    }
}

/// A key, to be told from others.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Bool(bool),
    Int(i64),
    Uint(u64),
    String(String),
}

impl Key {
    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Bool(key) => Self::Bool(*key),
            Value::Uint(key) => Self::Uint(*key),
            Value::String(key) => Self::String(key.to_string()),
            Value::Int(key) => Self::Int(*key),
            _ => Self::Int(0),
        }
    }
}
