//! Values to encoded fields.

use super::{
    rules::{Space, space},
    set::{double_at, float_at},
};
use contract::schema::{Field, FieldKind, Schema};

/// A value of a field, an item, or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sample {
    /// A number or a time, by its position.
    Number(i128),
    NotANumber,
    /// Zero to rules, and yet set where presence does not count.
    MinusZero,
    Octets(Vec<u8>),
    /// The paths of a field mask.
    Paths(Vec<String>),
    /// An encoded message.
    Message(Vec<u8>),
}

/// What a field carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Absent,
    /// One value, or the items of a list.
    Values(Vec<Sample>),
    Entries(Vec<(Sample, Sample)>),
}

/// The records that make a field carry this.
pub(super) fn field(schema: &Schema, field: &Field, content: &Content) -> Vec<u8> {
    let mut out = Vec::new();
    match content {
        Content::Absent => {}
        Content::Values(values) => {
            for sample in values {
                value(&mut out, schema, field.number, field.kind, sample);
            }
        }
        Content::Entries(entries) => {
            let Some(of) = field.kind.message().map(|id| schema.message_at(id)) else { return out };
            let (Some(key), Some(inner)) = (of.field(1), of.field(2)) else { return out };
            for (one, other) in entries {
                let mut entry = Vec::new();
                value(&mut entry, schema, 1, key.kind, one);
                value(&mut entry, schema, 2, inner.kind, other);
                delimited(&mut out, field.number, &entry);
            }
        }
    }
    out
}

fn value(out: &mut Vec<u8>, schema: &Schema, number: u32, kind: FieldKind, sample: &Sample) {
    match (kind, sample) {
        (FieldKind::Group(_), Sample::Message(bytes)) => {
            tag(out, number, 3);
            out.extend_from_slice(bytes);
            tag(out, number, 4);
        }
        (FieldKind::Message(_), sample) => delimited(out, number, &message(schema, kind, sample)),
        (_, Sample::Octets(bytes)) => delimited(out, number, bytes),
        (_, Sample::NotANumber) => scalar(out, number, kind, Bits::NaN),
        (_, Sample::MinusZero) => scalar(out, number, kind, Bits::MinusZero),
        (_, Sample::Number(position)) => scalar(out, number, kind, Bits::At(*position)),
        _ => {}
    }
}

/// A message that means a value, or any other.
fn message(schema: &Schema, kind: FieldKind, sample: &Sample) -> Vec<u8> {
    let mut out = Vec::new();
    match (space(schema, kind), sample) {
        (_, Sample::Message(bytes)) => out.extend_from_slice(bytes),
        ((Space::Duration, _), Sample::Number(nanos)) => {
            time(&mut out, nanos / 1_000_000_000, nanos % 1_000_000_000);
        }
        ((Space::Timestamp, _), Sample::Number(nanos)) => {
            time(&mut out, nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
        }
        ((Space::Any, _), Sample::Octets(url)) => delimited(&mut out, 1, url),
        ((_, _), Sample::Paths(paths)) => {
            paths.iter().for_each(|path| delimited(&mut out, 1, path.as_bytes()));
        }
        ((_, Some(wrapped)), sample) => value(&mut out, schema, 1, wrapped, sample),
        _ => {}
    }
    out
}

fn time(out: &mut Vec<u8>, seconds: i128, nanos: i128) {
    scalar(out, 1, FieldKind::Int64, Bits::At(seconds));
    if nanos != 0 {
        scalar(out, 2, FieldKind::Int32, Bits::At(nanos));
    }
}

#[derive(Clone, Copy)]
enum Bits {
    At(i128),
    NaN,
    MinusZero,
}

fn scalar(out: &mut Vec<u8>, number: u32, kind: FieldKind, bits: Bits) {
    let signed = match bits {
        Bits::At(position) => i64::try_from(position).unwrap_or_else(|_| unsigned(position).cast_signed()),
        Bits::NaN | Bits::MinusZero => 0,
    };
    let zigzag = || (signed.wrapping_shl(1) ^ (signed >> 63)).cast_unsigned();
    match (kind, bits) {
        (FieldKind::Double, bits) => {
            tag(out, number, 1);
            let value = match bits {
                Bits::At(at) => double_at(at),
                Bits::NaN => f64::NAN,
                Bits::MinusZero => -0.0,
            };
            out.extend(value.to_le_bytes());
        }
        (FieldKind::Float, bits) => {
            tag(out, number, 5);
            let value = match bits {
                Bits::At(at) => float_at(at),
                Bits::NaN => f32::NAN,
                Bits::MinusZero => -0.0,
            };
            out.extend(value.to_le_bytes());
        }
        (FieldKind::Fixed64 | FieldKind::Sfixed64, _) => {
            tag(out, number, 1);
            out.extend(signed.to_le_bytes());
        }
        (FieldKind::Fixed32 | FieldKind::Sfixed32, _) => {
            tag(out, number, 5);
            out.extend(signed.to_le_bytes().iter().take(4));
        }
        (FieldKind::Sint32 | FieldKind::Sint64, _) => {
            tag(out, number, 0);
            varint(out, zigzag());
        }
        _ => {
            tag(out, number, 0);
            varint(out, signed.cast_unsigned());
        }
    }
}

fn unsigned(position: i128) -> u64 {
    u64::try_from(position).unwrap_or(0)
}

pub(super) fn delimited(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    tag(out, number, 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn tag(out: &mut Vec<u8>, number: u32, wire: u32) {
    varint(out, u64::from(number << 3 | wire));
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes().first().copied().unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes().first().copied().unwrap_or(0));
}
