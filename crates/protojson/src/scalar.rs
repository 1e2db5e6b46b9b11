//! Numbers, texts, bytes and enums.

use super::{JsonError, message::put};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use contract::schema::{Enum, Field, FieldKind};
use prost::encoding::{WireType, encode_key, encode_varint};
use serde_json::Value;
use std::fmt::Display;

/// One value of a scalar field, as a record.
pub(super) fn encode(
    number: u32,
    kind: FieldKind,
    value: &Value,
    out: &mut Vec<u8>,
) -> Result<(), JsonError> {
    let varint = |value: u64, out: &mut Vec<u8>| {
        encode_key(number, WireType::Varint, out);
        encode_varint(value, out);
    };
    match kind {
        FieldKind::Double => fixed64(number, double(value)?.to_bits(), out),
        FieldKind::Float => fixed32(number, float(value)?.to_bits(), out),
        FieldKind::Int32 => varint(i64::from(integer::<i32>(value)?).cast_unsigned(), out),
        FieldKind::Int64 => varint(integer::<i64>(value)?.cast_unsigned(), out),
        FieldKind::Uint32 => varint(integer::<u32>(value)?.into(), out),
        FieldKind::Uint64 => varint(integer(value)?, out),
        FieldKind::Sint32 => varint(zigzag(integer::<i32>(value)?.into()), out),
        FieldKind::Sint64 => varint(zigzag(integer(value)?), out),
        FieldKind::Fixed32 => fixed32(number, integer(value)?, out),
        FieldKind::Sfixed32 => fixed32(number, integer::<i32>(value)?.cast_unsigned(), out),
        FieldKind::Fixed64 => fixed64(number, integer(value)?, out),
        FieldKind::Sfixed64 => fixed64(number, integer::<i64>(value)?.cast_unsigned(), out),
        FieldKind::Bool => {
            varint(value.as_bool().ok_or_else(|| expected("true or false", value))?.into(), out);
        }
        FieldKind::String => put(out, number, text(value)?.as_bytes()),
        FieldKind::Bytes => put(out, number, &base64(value)?),
        FieldKind::Message(_) | FieldKind::Group(_) | FieldKind::Enum(_) => {
            return Err(expected("a scalar", value));
        }
    }
    Ok(())
}

/// A map's key, which JSON has as text.
pub(super) fn encode_key_text(field: &Field, key: &str, out: &mut Vec<u8>) -> Result<(), JsonError> {
    let value = match (field.kind, key) {
        (FieldKind::Bool, "true") => Value::Bool(true),
        (FieldKind::Bool, "false") => Value::Bool(false),
        _ => Value::String(key.to_owned()),
    };
    encode(field.number, field.kind, &value, out)
}

pub(super) fn enum_number(of: &Enum, value: &Value) -> Result<i32, JsonError> {
    match value {
        Value::String(name) => {
            let found = of.values.iter().find(|value| value.name == *name);
            found.map(|value| value.number).ok_or_else(|| {
                let of = &of.name;
                JsonError::telling(format!("{of} has no value {name}"), format!("{of} has no such value"))
            })
        }
        Value::Null if of.name == "google.protobuf.NullValue" => Ok(0),
        value => integer(value),
    }
}

pub(super) fn text(value: &Value) -> Result<&str, JsonError> {
    value.as_str().ok_or_else(|| expected("a text", value))
}

/// An integer as a number or a text; `1.0` and `1e3` are integers too.
fn integer<N: TryFrom<i128>>(value: &Value) -> Result<N, JsonError> {
    let wide = match value {
        Value::Number(number) => number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from))
            .or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => text.parse().ok().or_else(|| text.parse().ok().and_then(whole)),
        _ => None,
    };
    let bits = size_of::<N>() * 8;
    wide.and_then(|wide| N::try_from(wide).ok())
        .ok_or_else(|| expected(format_args!("an integer of {bits} bits"), value))
}

#[allow(clippy::cast_possible_truncation, reason = "checked to be whole, and far within the range")]
fn whole(number: f64) -> Option<i128> {
    (number.fract() == 0.0 && number.abs() < 2_f64.powi(65)).then_some(number as i128)
}

fn double(value: &Value) -> Result<f64, JsonError> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            text => text.parse().ok().filter(|number: &f64| number.is_finite()),
        },
        _ => None,
    }
    .ok_or_else(|| expected("a number", value))
}

#[allow(clippy::cast_possible_truncation, reason = "rounded to the nearest, as every parser does")]
fn float(value: &Value) -> Result<f32, JsonError> {
    let double = double(value)?;
    let float = double as f32;
    if float.is_infinite() && double.is_finite() {
        return Err(expected("a number of 32 bits", value));
    }
    Ok(float)
}

/// Base64, standard or URL-safe, padded or not.
fn base64(value: &Value) -> Result<Vec<u8>, JsonError> {
    const STANDARD: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let text = text(value)?.replace('-', "+").replace('_', "/");
    STANDARD.decode(text).map_err(|_| expected("base64", value))
}

fn fixed32(number: u32, bits: u32, out: &mut Vec<u8>) {
    encode_key(number, WireType::ThirtyTwoBit, out);
    out.extend_from_slice(&bits.to_le_bytes());
}

fn fixed64(number: u32, bits: u64, out: &mut Vec<u8>) {
    encode_key(number, WireType::SixtyFourBit, out);
    out.extend_from_slice(&bits.to_le_bytes());
}

const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// Without the value, which may be nobody's to see.
pub(super) fn expected(what: impl Display, found: &Value) -> JsonError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    JsonError::new(format!("expected {what}, found {found} that is none"))
}
