//! Messages: every value of interest by itself, then mixtures, then what writers and networks do to them.

use super::{
    Pools, Random, Value, numbers,
    wire::{seconds_and_nanos, varint},
};
use contract::schema::{Cardinality, Field, FieldKind, Message, Schema};
use validate::wire::{Raw, Reader, Span};

/// Mixtures of the values of all fields.
const MIXTURES: usize = 14;
/// Mixtures with records of a wire type that is not their field's.
const STRAYED: usize = 6;

pub(crate) struct Author<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) pools: &'a Pools,
    pub(crate) random: &'a mut Random,
}

impl Author<'_> {
    /// Each with whether there are records in it of another wire type than their field's.
    pub(crate) fn of_message(&mut self, message: &Message) -> Vec<(Vec<u8>, bool)> {
        let mut written = vec![Vec::new()];
        for field in &message.fields {
            for value in self.pools.get(&(message.name.clone(), field.number)).into_iter().flatten() {
                written.push(value.record(field.number));
            }
            if field.cardinality == Cardinality::Map {
                written.extend(self.entries(field));
            }
        }
        for _ in 0..MIXTURES {
            written.push(self.mixture(message, 0));
        }
        for _ in 0..2 {
            let broken = self.mixture(message, 0);
            written.push(self.broken(broken));
        }
        let mut written: Vec<_> = written.into_iter().map(|bytes| (bytes, false)).collect();
        for _ in 0..STRAYED {
            let sound = self.mixture(message, 0);
            written.push((self.strayed(message, &sound), true));
        }
        written
    }

    /// The same message with records that no decoder makes a field of: the number is a field's, the wire type is not.
    /// At every depth: within wrappers, durations, values of maps. Readers do not agree on what else is in an entry.
    fn strayed(&mut self, message: &Message, bytes: &[u8]) -> Vec<u8> {
        let mut reader = Reader::new(bytes, Span::whole(bytes).unwrap(), 0);
        let (mut strayed, mut start) = (Vec::new(), 0);
        while let Ok(Some((number, raw))) = reader.record() {
            let end = reader.position() as usize;
            if self.random.chance(20) {
                strayed.extend(self.stray(message));
            }
            let inner = message.field(number).and_then(|field| field.kind.message());
            match (inner.map(|id| self.schema.message_at(id)), raw) {
                (Some(inner), Raw::Bytes(span)) => {
                    strayed.extend(Value::Bytes(self.strayed(inner, span.of(bytes))).record(number));
                }
                (Some(inner), Raw::Group(span)) => {
                    strayed.extend(Value::Group(self.strayed(inner, span.of(bytes))).record(number));
                }
                _ => strayed.extend(&bytes[start..end]),
            }
            start = end;
        }
        strayed.extend(self.stray(message));
        strayed
    }

    fn stray(&mut self, message: &Message) -> Vec<u8> {
        if message.fields.is_empty() || message.map_entry {
            return Vec::new();
        }
        let field = self.random.pick(&message.fields);
        let packed = field.cardinality == Cardinality::List && wire_type(field.kind) != 2;
        let fits = |wire: u64| wire == wire_type(field.kind) || (wire == 2 && packed);
        let values = [
            Value::Varint(0),
            Value::Varint(3),
            Value::Bits64(0),
            Value::Bytes(Vec::new()),
            Value::Bytes(b"a".to_vec()),
            Value::Group(Vec::new()),
            Value::Bits32(1),
        ];
        let strays: Vec<&Value> = values.iter().filter(|value| !fits(value.wire_type())).collect();
        self.random.pick(&strays).record(field.number)
    }

    /// Each key and each value of interest in an entry of its own.
    fn entries(&self, field: &Field) -> Vec<Vec<u8>> {
        let Some(entry) = field.kind.message().map(|id| self.schema.message_at(id)) else {
            return Vec::new();
        };
        let of_part = |number| self.pools.get(&(entry.name.clone(), number)).into_iter().flatten();
        let parts = of_part(1).map(|key| key.record(1)).chain(of_part(2).map(|value| value.record(2)));
        parts.map(|part| Value::Bytes(part).record(field.number)).collect()
    }

    /// Some fields, in any order.
    fn mixture(&mut self, message: &Message, depth: u32) -> Vec<u8> {
        let mut records = Vec::new();
        for field in &message.fields {
            if self.random.chance(if message.fields.len() == 1 { 90 } else { 70 }) {
                self.field(message, field, depth, &mut records);
            }
        }
        // Readers do not agree on entries of maps that hold more than a key and a value.
        if !message.map_entry && self.random.chance(10) {
            records.push(Value::Varint(self.random.next()).record(19_999));
            records.push(Value::Group(Value::Bytes(b"unknown".to_vec()).record(3)).record(18_999));
        }
        if self.random.chance(40) {
            self.random.shuffle(&mut records);
        }
        records.concat()
    }

    fn field(&mut self, message: &Message, field: &Field, depth: u32, records: &mut Vec<Vec<u8>>) {
        let count = match field.cardinality {
            Cardinality::Singular => 1 + usize::from(self.random.chance(8)),
            Cardinality::List | Cardinality::Map => self.random.below(5),
        };
        let mut values: Vec<Value> = (0..count).map(|_| self.value(message, field, depth)).collect();
        if count > 1 && self.random.chance(30) {
            values[count - 1] = values[0].clone();
        }
        let packed: Option<Vec<_>> = values.iter().map(Value::packed).collect();
        match packed {
            Some(packed) if field.cardinality == Cardinality::List && self.random.chance(60) => {
                let (one, other) = packed.split_at(self.random.below(packed.len() + 1));
                records.push(Value::Bytes(one.concat()).record(field.number));
                if !other.is_empty() {
                    records.push(Value::Bytes(other.concat()).record(field.number));
                }
            }
            _ => records.extend(values.iter().map(|value| value.record(field.number))),
        }
    }

    fn value(&mut self, message: &Message, field: &Field, depth: u32) -> Value {
        let pool = self.pools.get(&(message.name.clone(), field.number));
        if let Some(pool) = pool.filter(|pool| !pool.is_empty()) {
            return self.random.pick(pool).clone();
        }
        match field.kind {
            FieldKind::Message(id) => Value::Bytes(self.inner(self.schema.message_at(id), depth)),
            FieldKind::Group(id) => Value::Group(self.inner(self.schema.message_at(id), depth)),
            FieldKind::Enum(id) => {
                let declared = &self.schema.enum_at(id).values;
                let number = if self.random.chance(80) { self.random.pick(declared).number } else { 77 };
                Value::Varint(i64::from(number) as u64)
            }
            FieldKind::String => Value::Bytes(self.random.pick(&TEXTS).as_bytes().to_vec()),
            FieldKind::Bytes => Value::Bytes(self.random.pick(&BYTES).to_vec()),
            kind => self.random.pick(&numbers::common(kind)).clone(),
        }
    }

    fn inner(&mut self, message: &Message, depth: u32) -> Vec<u8> {
        match message.name.as_str() {
            _ if depth > 3 => Vec::new(),
            "google.protobuf.Timestamp" | "google.protobuf.Duration" => {
                let seconds = *self.random.pick(&[0, 1, -1, 60, 3600, 86_400, 1_700_000_000, 4_000_000_000]);
                let nanos = *self.random.pick(&[0, 0, 0, 1, 500_000_000, 999_999_999]);
                let Value::Bytes(bytes) =
                    seconds_and_nanos(seconds, if seconds < 0 { -nanos } else { nanos })
                else {
                    return Vec::new();
                };
                bytes
            }
            "google.protobuf.Any" => {
                let url = *self.random.pick(&[
                    "type.googleapis.com/t.PartInner",
                    "type.googleapis.com/t.Other",
                    "",
                ]);
                Value::Bytes(url.into()).record(1)
            }
            "google.protobuf.FieldMask" => {
                Value::Bytes(self.random.pick(&["a", "a.b", "b"]).as_bytes().into()).record(1)
            }
            // Structs nest in themselves, and no rule looks into them.
            "google.protobuf.Struct" | "google.protobuf.Value" | "google.protobuf.ListValue" => Vec::new(),
            _ => self.mixture(message, depth + 1),
        }
    }

    /// Bytes that are likely to be no message any more.
    fn broken(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        if bytes.is_empty() || self.random.chance(20) {
            bytes.extend(varint(0x0b));
            return bytes;
        }
        let at = self.random.below(bytes.len());
        match self.random.below(3) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << self.random.below(8),
            _ => bytes.insert(at, 0xff),
        }
        bytes
    }
}

const fn wire_type(kind: FieldKind) -> u64 {
    match kind {
        FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => 1,
        FieldKind::String | FieldKind::Bytes | FieldKind::Message(_) => 2,
        FieldKind::Group(_) => 3,
        FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => 5,
        _ => 0,
    }
}

const TEXTS: [&str; 16] = [
    "",
    "a",
    "b",
    "ab",
    "abc",
    "abcdef",
    "foo",
    "foo bar",
    "a@example.com",
    "example.com",
    "127.0.0.1",
    "::1",
    "https://example.com/a?b#c",
    "\u{e9}\u{1f600}",
    "1",
    "-17.5",
];
const BYTES: [&[u8]; 7] =
    [b"", b"a", b"foo", b"\xff\xfe", b"\x7f\x00\x00\x01", b"0123456789abcdef", "\u{e9}".as_bytes()];
