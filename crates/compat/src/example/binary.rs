//! Values in the protobuf wire format, as their writer encodes them.

use super::value::{Tree, Value};
use contract::schema::{Cardinality, Field, FieldKind};

/// The message, encoded.
pub(crate) fn encode(tree: &Tree<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for (field, value) in &tree.fields {
        if tree.of.message_set {
            item(field, value, &mut out);
        } else {
            record(field, value, &mut out);
        }
    }
    out
}

/// An item of a message set: the extension's number and its message, in a group.
fn item(field: &Field, value: &Value<'_>, out: &mut Vec<u8>) {
    let Value::Message(tree) = value else { return };
    out.push(0x0b);
    out.push(0x10);
    varint(out, u64::from(field.number));
    out.push(0x1a);
    delimited(out, &encode(tree));
    out.push(0x0c);
}

fn record(field: &Field, value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::List(values) if field.packed => {
            let mut run = Vec::new();
            values.iter().for_each(|value| scalar(field.kind, value, &mut run));
            tag(out, field.number, 2);
            delimited(out, &run);
        }
        Value::List(values) => values.iter().for_each(|value| one(field, value, out)),
        value if field.cardinality != Cardinality::Singular && field.packed => {
            record(field, &Value::List(vec![value.clone()]), out);
        }
        value => one(field, value, out),
    }
}

fn one(field: &Field, value: &Value<'_>, out: &mut Vec<u8>) {
    match (field.kind, value) {
        (FieldKind::Group(_), Value::Message(tree)) => {
            tag(out, field.number, 3);
            out.extend(encode(tree));
            tag(out, field.number, 4);
        }
        (_, Value::Message(tree)) => {
            tag(out, field.number, 2);
            delimited(out, &encode(tree));
        }
        (kind, value) => {
            tag(out, field.number, wire_type(kind));
            scalar(kind, value, out);
        }
    }
}

/// The wire type of a single value of the kind.
pub(crate) const fn wire_type(kind: FieldKind) -> u8 {
    match kind {
        FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => 1,
        FieldKind::String | FieldKind::Bytes | FieldKind::Message(_) => 2,
        FieldKind::Group(_) => 3,
        FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => 5,
        _ => 0,
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the wire's own truncation")]
fn scalar(kind: FieldKind, value: &Value<'_>, out: &mut Vec<u8>) {
    match (kind, value) {
        (FieldKind::Double, Value::Double(value)) => out.extend(value.to_le_bytes()),
        (FieldKind::Float, Value::Double(value)) => out.extend((*value as f32).to_le_bytes()),
        (FieldKind::Fixed64 | FieldKind::Sfixed64, Value::Number(value)) => {
            out.extend((*value as u64).to_le_bytes());
        }
        (FieldKind::Fixed32 | FieldKind::Sfixed32, Value::Number(value)) => {
            out.extend((*value as u32).to_le_bytes());
        }
        (FieldKind::Sint32, Value::Number(value)) => {
            let value = *value as i32;
            varint(out, u64::from(((value << 1) ^ (value >> 31)) as u32));
        }
        (FieldKind::Sint64, Value::Number(value)) => {
            let value = *value as i64;
            varint(out, ((value << 1) ^ (value >> 63)) as u64);
        }
        // Negative numbers of 32 bits take ten bytes, too.
        (_, Value::Number(value)) => varint(out, *value as i64 as u64),
        (_, Value::Text(text)) => delimited(out, text.as_bytes()),
        (_, Value::Bytes(bytes)) => delimited(out, bytes),
        _ => {}
    }
}

fn tag(out: &mut Vec<u8>, number: u32, wire: u8) {
    varint(out, u64::from(number) << 3 | u64::from(wire));
}

fn delimited(out: &mut Vec<u8>, bytes: &[u8]) {
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

#[allow(clippy::cast_possible_truncation, reason = "seven bits at a time")]
fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
