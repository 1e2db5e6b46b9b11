//! What a reader makes of bytes: a small decoder that follows the wire's rules as the official ones do.

use super::{
    binary::wire_type,
    value::{Tree, Value},
};
use contract::schema::{Cardinality, Field, FieldKind, Message, Presence, Schema};
use validate::wire::{Raw, Reader, Span};

/// What was read, and how sure that is.
pub(crate) struct Read<'a> {
    pub(crate) tree: Tree<'a>,
    /// Some field came with another wire type than it is declared with: some runtimes pass over it, others
    /// refuse the message.
    pub(crate) mismatch: bool,
}

/// Reads `bytes` as a message of `schema`; else why that cannot be done.
pub(crate) fn read<'a>(schema: &'a Schema, of: &'a Message, bytes: &[u8]) -> Result<Read<'a>, String> {
    let mut decoder = Decoder { schema, bytes, mismatch: false };
    let span = Span::whole(bytes).map_err(|error| error.to_string())?;
    let mut tree = decoder.message(of, span, 0)?;
    if let Some(field) = missing(&tree) {
        return Err(format!("the required field `{}` is missing", field.name));
    }
    tidy(&mut tree);
    Ok(Read { tree, mismatch: decoder.mismatch })
}

/// A required field that is not there, however deep: asked when all is read, since parts of a message add up.
fn missing<'a>(tree: &Tree<'a>) -> Option<&'a Field> {
    let required = tree.of.fields.iter().filter(|field| field.presence == Presence::Required);
    let mut missed =
        required.filter(|field| tree.fields.iter().all(|(found, _)| found.number != field.number));
    missed.next().or_else(|| tree.fields.iter().flat_map(|(_, value)| messages(value)).find_map(missing))
}

fn messages<'v, 'a>(value: &'v Value<'a>) -> Vec<&'v Tree<'a>> {
    match value {
        Value::Message(tree) => vec![tree],
        Value::List(values) => values.iter().flat_map(messages).collect(),
        _ => Vec::new(),
    }
}

/// Takes out zeros that are as good as nothing. Both parts of an entry stay.
fn tidy(tree: &mut Tree<'_>) {
    let of = tree.of;
    tree.fields.retain(|(field, value)| {
        field.presence != Presence::Implicit
            || field.cardinality != Cardinality::Singular
            || !is_zero(value)
            || of.map_entry
    });
    for (_, value) in &mut tree.fields {
        match value {
            Value::Message(tree) => tidy(tree),
            Value::List(values) => values.iter_mut().for_each(|value| {
                if let Value::Message(tree) = value {
                    tidy(tree);
                }
            }),
            _ => {}
        }
    }
}

struct Decoder<'a, 'b> {
    schema: &'a Schema,
    bytes: &'b [u8],
    mismatch: bool,
}

impl<'a> Decoder<'a, '_> {
    fn message(&mut self, of: &'a Message, span: Span, depth: u32) -> Result<Tree<'a>, String> {
        if depth >= validate::wire::MAX_DEPTH {
            return Err("it is nested too deeply".to_owned());
        }
        let mut tree = Tree { of, fields: Vec::new() };
        let mut reader = Reader::new(self.bytes, span, depth);
        while let Some((number, raw)) = reader.record().map_err(|error| error.to_string())? {
            let field = of.field(number).or_else(|| self.schema.extension(&of.name, number));
            if of.message_set {
                if let (1, Raw::Group(span)) = (number, raw) {
                    self.item(&mut tree, span, depth)?;
                }
            } else if let Some(field) = field {
                self.record(&mut tree, field, raw, depth)?;
            }
        }
        tree.fields.sort_by_key(|(field, _)| field.number);
        Ok(tree)
    }

    /// Of a message set.
    fn item(&mut self, tree: &mut Tree<'a>, span: Span, depth: u32) -> Result<(), String> {
        let mut reader = Reader::new(self.bytes, span, depth + 1);
        let (mut id, mut message) = (None, None);
        while let Some(record) = reader.record().map_err(|error| error.to_string())? {
            match record {
                (2, Raw::Varint(number)) => id = u32::try_from(number).ok(),
                (3, Raw::Bytes(span)) => message = Some(span),
                _ => {}
            }
        }
        let field = id.and_then(|id| self.schema.extension(&tree.of.name, id));
        match (field, message) {
            (Some(field), Some(span)) => self.record(tree, field, Raw::Bytes(span), depth),
            _ => Ok(()),
        }
    }

    fn record(&mut self, tree: &mut Tree<'a>, field: &'a Field, raw: Raw, depth: u32) -> Result<(), String> {
        let packable = field.cardinality == Cardinality::List && !matches!(wire_type(field.kind), 2 | 3);
        if let (true, Raw::Bytes(span)) = (packable, raw) {
            let mut reader = Reader::new(self.bytes, span, depth);
            while !reader.is_at_end() {
                let raw = match wire_type(field.kind) {
                    1 => reader.fixed64().map(Raw::Fixed64),
                    5 => reader.fixed32().map(Raw::Fixed32),
                    _ => reader.varint().map(Raw::Varint),
                };
                let value = self.value(field, raw.map_err(|error| error.to_string())?, depth)?;
                put(tree, field, value);
            }
            return Ok(());
        }
        if wire_type_of(raw) != wire_type(field.kind) {
            self.mismatch = true;
            return Ok(());
        }
        let value = self.value(field, raw, depth)?;
        put(tree, field, value);
        Ok(())
    }

    /// Nothing: a number that a closed enum does not have.
    fn value(&mut self, field: &'a Field, raw: Raw, depth: u32) -> Result<Option<Value<'a>>, String> {
        Ok(Some(match (field.kind, raw) {
            (FieldKind::Group(id) | FieldKind::Message(id), Raw::Bytes(span) | Raw::Group(span)) => {
                let tree = self.message(self.schema.message_at(id), span, depth + 1)?;
                let unknown = tree.of.map_entry && self.has_unknown_value(&tree, span);
                if unknown {
                    return Ok(None);
                }
                Value::Message(tree)
            }
            (FieldKind::String, Raw::Bytes(span)) => match std::str::from_utf8(span.of(self.bytes)) {
                Ok(text) => Value::Text(text.to_owned()),
                Err(_) => return Err(format!("`{}` is not UTF-8", field.name)),
            },
            (_, Raw::Bytes(span)) => Value::Bytes(span.of(self.bytes).to_vec()),
            (FieldKind::Enum(id), Raw::Varint(bits)) => {
                let (number, of_enum) = (bits as i32, self.schema.enum_at(id));
                if of_enum.closed && !of_enum.has(number) {
                    return Ok(None);
                }
                Value::Number(number.into())
            }
            (kind, raw) => number(kind, raw),
        }))
    }

    /// Whether an entry's value is a number that its closed enum does not have: the entry vanishes.
    fn has_unknown_value(&self, entry: &Tree<'a>, span: Span) -> bool {
        let Some(field) = entry.of.field(2) else { return false };
        let closed = matches!(field.kind, FieldKind::Enum(id) if self.schema.enum_at(id).closed);
        let lost = entry.fields.iter().all(|(found, _)| found.number != 2);
        let mut reader = Reader::new(self.bytes, span, 0);
        let written = std::iter::from_fn(|| reader.record().ok().flatten()).any(|(number, _)| number == 2);
        closed && lost && written
    }
}

const fn wire_type_of(raw: Raw) -> u8 {
    match raw {
        Raw::Varint(_) => 0,
        Raw::Fixed64(_) => 1,
        Raw::Bytes(_) => 2,
        Raw::Group(_) => 3,
        Raw::Fixed32(_) => 5,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "what decoders do")]
fn number<'a>(kind: FieldKind, raw: Raw) -> Value<'a> {
    let bits = match raw {
        Raw::Varint(bits) | Raw::Fixed64(bits) => bits,
        Raw::Fixed32(bits) => bits.into(),
        Raw::Bytes(_) | Raw::Group(_) => 0,
    };
    let zigzag = |bits: u64| (bits >> 1) as i64 ^ -((bits & 1) as i64);
    match kind {
        FieldKind::Double => Value::Double(f64::from_bits(bits)),
        FieldKind::Float => Value::Double(f32::from_bits(bits as u32).into()),
        FieldKind::Bool => Value::Number((bits != 0).into()),
        FieldKind::Int32 | FieldKind::Sfixed32 => Value::Number((bits as i32).into()),
        FieldKind::Uint32 | FieldKind::Fixed32 => Value::Number((bits as u32).into()),
        FieldKind::Int64 | FieldKind::Sfixed64 => Value::Number((bits as i64).into()),
        FieldKind::Sint32 => Value::Number(zigzag(u64::from(bits as u32)).into()),
        FieldKind::Sint64 => Value::Number(zigzag(bits).into()),
        _ => Value::Number(bits.into()),
    }
}

fn is_zero(value: &Value<'_>) -> bool {
    match value {
        Value::Number(number) => *number == 0,
        Value::Double(value) => value.to_bits() == 0,
        Value::Text(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Message(_) | Value::List(_) => false,
    }
}

/// The last value wins, messages are merged, lists grow, a map has each key once, a oneof one member.
fn put<'a>(tree: &mut Tree<'a>, field: &'a Field, value: Option<Value<'a>>) {
    let Some(value) = value else { return };
    if field.oneof.is_some() {
        tree.fields.retain(|(found, _)| found.oneof != field.oneof || found.number == field.number);
    }
    let found = tree.fields.iter_mut().find(|(found, _)| found.number == field.number);
    match (found, field.cardinality) {
        (None, Cardinality::Singular) => tree.fields.push((field, value)),
        (None, _) => tree.fields.push((field, Value::List(vec![value]))),
        (Some((_, Value::Message(one))), Cardinality::Singular) => merge(one, value),
        (Some((_, one)), Cardinality::Singular) => *one = value,
        (Some((_, Value::List(values))), Cardinality::List) => values.push(value),
        (Some((_, Value::List(values))), Cardinality::Map) => {
            values.retain(|entry| key_of(entry) != key_of(&value));
            values.push(value);
        }
        (Some((_, one)), _) => *one = value,
    }
}

fn key_of<'v>(entry: &'v Value<'_>) -> Option<&'v Value<'v>> {
    let Value::Message(tree) = entry else { return None };
    tree.fields.iter().find(|(field, _)| field.number == 1).map(|(_, value)| value)
}

fn merge<'a>(one: &mut Tree<'a>, other: Value<'a>) {
    let Value::Message(other) = other else { return };
    for (field, value) in other.fields {
        match value {
            Value::List(values) => values.into_iter().for_each(|value| put(one, field, Some(value))),
            value => put(one, field, Some(value)),
        }
    }
    one.fields.sort_by_key(|(field, _)| field.number);
}
