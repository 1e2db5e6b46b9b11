//! Trees to bytes (<https://protobuf.dev/programming-guides/encoding/>).

use super::{Message, Slot, Value};
use contract::schema::{Field, FieldKind, Presence, Schema};

/// The encoded message: fields by number, lists packed where their field says so.
pub fn encode(schema: &Schema, message: &Message) -> Vec<u8> {
    let mut out = Vec::new();
    put_message(schema, message, &mut out);
    out
}

fn put_message(schema: &Schema, message: &Message, out: &mut Vec<u8>) {
    let of = schema.message_at(message.of);
    for (number, slot) in &message.fields {
        let Some(field) = of.field(*number) else { continue };
        match slot {
            Slot::One(value) if field.presence == Presence::Implicit && value.is_zero() => {}
            Slot::One(value) => record(schema, field, value, out),
            Slot::List(values) if field.packed && !values.is_empty() => {
                let mut run = Vec::new();
                values.iter().for_each(|value| bare(field.kind, value, &mut run));
                delimited(*number, &run, out);
            }
            Slot::List(values) => values.iter().for_each(|value| record(schema, field, value, out)),
            Slot::Map(entries) => {
                for (key, value) in entries {
                    put_entry(schema, field, key, value, out);
                }
            }
        }
    }
}

fn put_entry(schema: &Schema, field: &Field, key: &Value, value: &Value, out: &mut Vec<u8>) {
    let entry = field.kind.message().map(|id| schema.message_at(id));
    let Some((keys, values)) = entry.and_then(|entry| Some((entry.field(1)?, entry.field(2)?))) else {
        return;
    };
    let mut inner = Vec::new();
    record(schema, keys, key, &mut inner);
    record(schema, values, value, &mut inner);
    delimited(field.number, &inner, out);
}

/// A tag and a value.
fn record(schema: &Schema, field: &Field, value: &Value, out: &mut Vec<u8>) {
    match (field.kind, value) {
        (FieldKind::Group(_), Value::Message(message)) => {
            tag(field.number, 3, out);
            put_message(schema, message, out);
            tag(field.number, 4, out);
        }
        (_, Value::Message(message)) => delimited(field.number, &encode(schema, message), out),
        (_, Value::String(text)) => delimited(field.number, text.as_bytes(), out),
        (_, Value::Bytes(bytes)) => delimited(field.number, bytes, out),
        (kind, value) => {
            tag(field.number, wire_type(kind), out);
            bare(kind, value, out);
        }
    }
}

const fn wire_type(kind: FieldKind) -> u32 {
    match kind {
        FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => 1,
        FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => 5,
        _ => 0,
    }
}

/// A number without its tag.
#[allow(clippy::cast_possible_truncation, reason = "values are within the range of their kind")]
fn bare(kind: FieldKind, value: &Value, out: &mut Vec<u8>) {
    let bits = match value {
        Value::Bool(value) => u64::from(*value),
        Value::Int(value) => value.cast_unsigned(),
        Value::Uint(value) => *value,
        Value::Enum(value) => i64::from(*value).cast_unsigned(),
        Value::Double(value) if kind == FieldKind::Float => u64::from((*value as f32).to_bits()),
        Value::Double(value) => value.to_bits(),
        Value::String(_) | Value::Bytes(_) | Value::Message(_) => return,
    };
    match kind {
        FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => {
            out.extend_from_slice(&bits.to_le_bytes());
        }
        FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => {
            out.extend_from_slice(&(bits as u32).to_le_bytes());
        }
        FieldKind::Sint32 | FieldKind::Sint64 => {
            let value = bits.cast_signed();
            varint(((value << 1) ^ (value >> 63)).cast_unsigned(), out);
        }
        _ => varint(bits, out),
    }
}

fn delimited(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    tag(number, 2, out);
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn tag(number: u32, wire: u32, out: &mut Vec<u8>) {
    varint((u64::from(number) << 3) | u64::from(wire), out);
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
