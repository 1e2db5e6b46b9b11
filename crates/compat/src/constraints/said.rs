//! The rules that options carry, record by record, as they are written.

use contract::schema::{Field, FieldKind, Schema};
use std::sync::Arc;
use validate::{
    value::{Source, Value, scalar},
    wire::{Raw, Reader, Span},
};

/// The extension of `google.protobuf.{Message,Oneof,Field}Options` that carries rules.
const RULES: u32 = 1159;

/// One message of rules.
pub(super) struct Said<'s> {
    schema: &'s Schema,
    bytes: Arc<[u8]>,
    records: Vec<(u32, Raw)>,
    /// Where it stands, on from the declaration that carries the options.
    pub(super) path: Vec<i32>,
}

impl<'s> Said<'s> {
    /// The rules that the options of a declaration carry; `path` leads to the options. Nothing where there
    /// are none, or they cannot be read: then they cannot be enforced either.
    pub(super) fn of(schema: &'s Schema, options: &[u8], path: i32) -> Option<Self> {
        Said::read(schema, options, vec![path])?.message(RULES)
    }

    fn read(schema: &'s Schema, bytes: &[u8], path: Vec<i32>) -> Option<Self> {
        let mut reader = Reader::new(bytes, Span::whole(bytes).ok()?, 0);
        let mut records = Vec::new();
        while let Some(record) = reader.record().ok()? {
            records.push(record);
        }
        Some(Self { schema, bytes: bytes.into(), records, path })
    }

    /// The extension of this number of the rules of a family, by its number in `buf.validate.FieldRules`.
    pub(super) fn extension(&self, family: u32, number: u32) -> Option<&'s Field> {
        let rules = self.schema.message("buf.validate.FieldRules")?.field(family)?.kind.message()?;
        self.schema.extension(&self.schema.message_at(rules).name, number)
    }

    /// The path of the part `number`.
    pub(super) fn at(&self, number: u32) -> Vec<i32> {
        [self.path.as_slice(), &[i32::try_from(number).unwrap_or(i32::MAX)]].concat()
    }

    /// The numbers of what is said, in order of first appearance.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let mut numbers = Vec::new();
        for (number, _) in &self.records {
            if !numbers.contains(number) {
                numbers.push(*number);
            }
        }
        numbers
    }

    /// What is said under a number, byte for byte.
    pub(super) fn raw(&self, number: u32) -> Vec<u8> {
        let mut raw = Vec::new();
        for (found, value) in &self.records {
            match value {
                _ if *found != number => {}
                Raw::Varint(bits) | Raw::Fixed64(bits) => raw.extend(bits.to_le_bytes()),
                Raw::Fixed32(bits) => raw.extend(bits.to_le_bytes()),
                Raw::Bytes(span) | Raw::Group(span) => raw.extend(span.of(&self.bytes)),
            }
        }
        raw
    }

    /// Which member of a oneof is set: the last of these.
    pub(super) fn chosen(&self, among: &[u32]) -> Option<u32> {
        self.records.iter().rev().map(|(number, _)| *number).find(|number| among.contains(number))
    }

    /// The sub-message `number`, merged.
    pub(super) fn message(&self, number: u32) -> Option<Self> {
        self.message_among(number, &[])
    }

    /// The sub-message `number` of a oneof with these other members: merged, from where it was last chosen.
    pub(super) fn message_among(&self, number: u32, oneof: &[u32]) -> Option<Self> {
        let mut bytes: Option<Vec<u8>> = None;
        for (found, raw) in &self.records {
            match raw {
                Raw::Bytes(span) if *found == number => {
                    bytes.get_or_insert_default().extend(span.of(&self.bytes));
                }
                _ if *found != number && oneof.contains(found) => bytes = None,
                _ => {}
            }
        }
        Self::read(self.schema, &bytes?, self.at(number))
    }

    /// The repeated sub-messages `number`.
    pub(super) fn messages(&self, number: u32) -> Vec<Self> {
        let spans = self.records.iter().filter(|(found, _)| *found == number);
        let spans = spans.filter_map(|(_, raw)| if let Raw::Bytes(span) = raw { Some(*span) } else { None });
        let path = self.at(number);
        let read = |(position, span): (i32, Span)| {
            Self::read(self.schema, span.of(&self.bytes), [path.as_slice(), &[position]].concat())
        };
        (0..).zip(spans).filter_map(read).collect()
    }

    /// All values of the scalar `number`, packed or not.
    pub(super) fn values(&self, number: u32, kind: FieldKind) -> Vec<Value<'_>> {
        let source = Source { schema: self.schema, bytes: &self.bytes };
        let packable = !matches!(kind, FieldKind::String | FieldKind::Bytes);
        let mut values = Vec::new();
        for (_, raw) in self.records.iter().filter(|(found, _)| *found == number) {
            match raw {
                Raw::Bytes(span) if packable => {
                    let mut run = Reader::new(&self.bytes, *span, 0);
                    while let Some(raw) = packed(&mut run, kind) {
                        values.extend(scalar(source, kind, raw));
                    }
                }
                raw => values.extend(scalar(source, kind, *raw)),
            }
        }
        values
    }

    pub(super) fn texts(&self, number: u32) -> Vec<String> {
        let texts = self.values(number, FieldKind::String).into_iter();
        texts
            .filter_map(|value| if let Value::String(text) = value { Some(text.into()) } else { None })
            .collect()
    }

    pub(super) fn text(&self, number: u32) -> Option<String> {
        self.texts(number).pop()
    }

    pub(super) fn blobs(&self, number: u32) -> Vec<Vec<u8>> {
        let blobs = self.values(number, FieldKind::Bytes).into_iter();
        blobs
            .filter_map(|value| if let Value::Bytes(bytes) = value { Some(bytes.to_vec()) } else { None })
            .collect()
    }

    pub(super) fn flag(&self, number: u32) -> Option<bool> {
        match self.values(number, FieldKind::Bool).pop() {
            Some(Value::Bool(flag)) => Some(flag),
            _ => None,
        }
    }

    pub(super) fn count(&self, number: u32) -> Option<u64> {
        match self.values(number, FieldKind::Uint64).pop() {
            Some(Value::Uint(count)) => Some(count),
            _ => None,
        }
    }

    /// Seconds (1) and nanoseconds (2) of the time that it is, in nanoseconds.
    pub(super) fn nanos(&self) -> i128 {
        let part = |number| match self.values(number, FieldKind::Int64).pop() {
            Some(Value::Int(value)) => i128::from(value),
            _ => 0,
        };
        part(1) * 1_000_000_000 + part(2)
    }
}

/// Whether encoded options carry rules.
pub(super) fn carries_rules(options: &[u8]) -> bool {
    let Ok(span) = Span::whole(options) else { return false };
    let mut reader = Reader::new(options, span, 0);
    while let Ok(Some((number, _))) = reader.record() {
        if number == RULES {
            return true;
        }
    }
    false
}

/// The next value of a packed run.
fn packed(run: &mut Reader<'_>, kind: FieldKind) -> Option<Raw> {
    if run.is_at_end() {
        return None;
    }
    match kind {
        FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => run.fixed64().ok().map(Raw::Fixed64),
        FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => run.fixed32().ok().map(Raw::Fixed32),
        _ => run.varint().ok().map(Raw::Varint),
    }
}
