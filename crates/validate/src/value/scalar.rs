//! One record to one value.

use super::{Source, Value};
use crate::{rules::readable, wire::Raw};
use contract::schema::{DefaultValue, Field, FieldKind};
use std::borrow::Cow;

/// The value of a record, for everything but messages; nothing where the wire type is not the kind's, which
/// decoders take for an unknown field.
pub fn scalar<'a>(source: Source<'a>, kind: FieldKind, raw: Raw) -> Option<Value<'a>> {
    Some(match (kind, raw) {
        (FieldKind::Bool, Raw::Varint(bits)) => Value::Bool(bits != 0),
        (FieldKind::Int32, Raw::Varint(bits)) => Value::Int(int32(bits).into()),
        (FieldKind::Int64, Raw::Varint(bits)) => Value::Int(bits.cast_signed()),
        (FieldKind::Uint32, Raw::Varint(bits)) => Value::Uint(bits & u64::from(u32::MAX)),
        (FieldKind::Uint64, Raw::Varint(bits)) | (FieldKind::Fixed64, Raw::Fixed64(bits)) => {
            Value::Uint(bits)
        }
        (FieldKind::Sint32, Raw::Varint(bits)) => Value::Int(sint32(bits).into()),
        (FieldKind::Sint64, Raw::Varint(bits)) => Value::Int(sint64(bits)),
        (FieldKind::Enum(id), Raw::Varint(bits)) => {
            let number = int32(bits);
            let of = source.schema.enum_at(id);
            if of.closed && !of.has(number) {
                return None;
            }
            Value::Enum(id, number)
        }
        (FieldKind::Sfixed64, Raw::Fixed64(bits)) => Value::Int(bits.cast_signed()),
        (FieldKind::Double, Raw::Fixed64(bits)) => Value::Double(f64::from_bits(bits)),
        (FieldKind::Fixed32, Raw::Fixed32(bits)) => Value::Uint(bits.into()),
        (FieldKind::Sfixed32, Raw::Fixed32(bits)) => Value::Int(bits.cast_signed().into()),
        (FieldKind::Float, Raw::Fixed32(bits)) => Value::Double(f32::from_bits(bits).into()),
        (FieldKind::String, Raw::Bytes(span)) => Value::String(readable(span.of(source.bytes))),
        (FieldKind::Bytes, Raw::Bytes(span)) => Value::Bytes(span.of(source.bytes)),
        _ => return None,
    })
}

/// What stands for an absent scalar.
pub(super) fn absent(field: &Field) -> Option<Value<'_>> {
    Some(match (&field.default, field.kind) {
        (Some(DefaultValue::Bool(value)), _) => Value::Bool(*value),
        (Some(DefaultValue::Int(value)), _) => Value::Int(*value),
        (Some(DefaultValue::Uint(value)), _) => Value::Uint(*value),
        (Some(DefaultValue::Double(value)), _) => Value::Double(*value),
        (Some(DefaultValue::String(value)), _) => Value::String(Cow::Borrowed(value)),
        (Some(DefaultValue::Bytes(value)), _) => Value::Bytes(value),
        (Some(DefaultValue::Enum(value)), FieldKind::Enum(id)) => Value::Enum(id, *value),
        (_, FieldKind::Enum(id)) => Value::Enum(id, 0),
        (_, FieldKind::Bool) => Value::Bool(false),
        (_, FieldKind::Double | FieldKind::Float) => Value::Double(0.0),
        (_, FieldKind::String) => Value::String(Cow::Borrowed("")),
        (_, FieldKind::Bytes) => Value::Bytes(&[]),
        (_, FieldKind::Uint32 | FieldKind::Uint64 | FieldKind::Fixed32 | FieldKind::Fixed64) => {
            Value::Uint(0)
        }
        (_, FieldKind::Message(_) | FieldKind::Group(_)) => return None,
        _ => Value::Int(0),
    })
}

/// Whether a field without presence counts as set.
pub(super) fn is_set(value: &Value<'_>) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::Int(value) => *value != 0,
        Value::Uint(value) => *value != 0,
        // Minus zero is not the zero that goes without saying.
        Value::Double(value) => value.to_bits() != 0,
        Value::String(value) => !value.is_empty(),
        Value::Bytes(value) => !value.is_empty(),
        Value::Enum(_, value) => *value != 0,
        Value::Message(_) => true,
        Value::List(list) => !list.is_empty(),
        Value::Map(map) => !map.is_empty(),
    }
}

/// The lower half; what is above is cut off, as decoders do.
#[allow(clippy::cast_possible_truncation, reason = "the format says so")]
pub(crate) const fn int32(bits: u64) -> i32 {
    (bits as u32).cast_signed()
}

#[allow(clippy::cast_possible_truncation, reason = "the format says so")]
pub(crate) const fn sint32(bits: u64) -> i32 {
    let bits = bits as u32;
    (bits >> 1).cast_signed() ^ -((bits & 1).cast_signed())
}

pub(crate) const fn sint64(bits: u64) -> i64 {
    (bits >> 1).cast_signed() ^ -((bits & 1).cast_signed())
}
