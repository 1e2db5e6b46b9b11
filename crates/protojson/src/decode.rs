//! Encoded protobuf to protobuf JSON.

use super::JsonError;
use base64::Engine as _;
use contract::schema::{Cardinality, Enum, Field, FieldKind, Message, Schema};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use serde_json::{Map, Number, Value};
use std::{borrow::Cow, collections::BTreeMap};

/// Deeper than prost itself reads.
const MAX_DEPTH: u32 = 100;

/// The value of one record.
#[derive(Clone)]
pub(super) enum Raw<'a> {
    Varint(u64),
    Fixed32(u32),
    Fixed64(u64),
    Bytes(&'a [u8]),
}

/// The message of this type that the bytes are. What the type does not know is left out.
///
/// # Errors
/// When the schema has no such type, or the bytes are no message of it, or nest deeper than 100 levels.
pub fn decode(schema: &Schema, type_name: &str, bytes: &[u8]) -> Result<Value, JsonError> {
    let of = schema
        .message(type_name)
        .ok_or_else(|| JsonError::new(format!("there is no message `{type_name}` in the descriptors")))?;
    Decoder { schema }.message(of, bytes, MAX_DEPTH)
}

pub(super) struct Decoder<'a> {
    pub(super) schema: &'a Schema,
}

impl Decoder<'_> {
    pub(super) fn message(&self, of: &Message, bytes: &[u8], depth: u32) -> Result<Value, JsonError> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| JsonError::new(format!("nested deeper than {MAX_DEPTH} levels")))?;
        let records = records(bytes)?;
        if let Some(done) = super::write_well_known::decode(self, of, &records, depth) {
            return done;
        }
        let mut object = Map::new();
        for field in of.fields.iter().chain(self.schema.extensions(&of.name)) {
            let Some(found) = records.get(&field.number) else { continue };
            let value = self.field(field, found, depth)?;
            // A packed run of nothing is nothing.
            if field.cardinality == Cardinality::List && value.as_array().is_some_and(Vec::is_empty) {
                continue;
            }
            let key = if field.extension { format!("[{}]", field.name) } else { field.json_name.clone() };
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }

    pub(super) fn field(&self, field: &Field, found: &[Raw<'_>], depth: u32) -> Result<Value, JsonError> {
        let done = match field.cardinality {
            Cardinality::Singular => self.singular(field, found, depth),
            Cardinality::List => self.list(field, found, depth).map(Value::Array),
            Cardinality::Map => self.map(field, found, depth),
        };
        done.map_err(|error| error.below(&field.name))
    }

    /// The last one; of messages, all of them merged.
    pub(super) fn singular(&self, field: &Field, found: &[Raw<'_>], depth: u32) -> Result<Value, JsonError> {
        if let Some(id) = field.kind.message() {
            let parts: Vec<&[u8]> = found.iter().filter_map(|raw| as_bytes(raw).ok()).collect();
            let merged = match parts.as_slice() {
                [one] => Cow::Borrowed(*one),
                many => Cow::Owned(many.concat()),
            };
            return self.message(self.schema.message_at(id), &merged, depth);
        }
        found.last().map_or(Ok(Value::Null), |raw| self.one(field, raw, depth))
    }

    fn list(&self, field: &Field, found: &[Raw<'_>], depth: u32) -> Result<Vec<Value>, JsonError> {
        let mut values = Vec::new();
        for raw in found {
            match (raw, wire_type(field.kind)) {
                (Raw::Bytes(packed), wire_type) if wire_type != WireType::LengthDelimited => {
                    for raw in unpacked(packed, wire_type)? {
                        values.push(self.one(field, &raw, depth)?);
                    }
                }
                (raw, _) => values.push(self.one(field, raw, depth)?),
            }
        }
        Ok(values)
    }

    fn map(&self, field: &Field, found: &[Raw<'_>], depth: u32) -> Result<Value, JsonError> {
        let entry = field.kind.message().map(|id| self.schema.message_at(id));
        let part = |number| entry.and_then(|entry| entry.field(number));
        let (Some(key_field), Some(value_field)) = (part(1), part(2)) else {
            return Err(JsonError::new("the map has no entry type"));
        };
        let mut object = Map::new();
        for raw in found {
            let parts = records(as_bytes(raw)?)?;
            let of = |field: &Field| match parts.get(&field.number) {
                Some(found) => self.singular(field, found, depth),
                None => self.absent(field, depth),
            };
            let key = match of(key_field)? {
                Value::String(key) => key,
                other => other.to_string(),
            };
            object.insert(key, of(value_field)?);
        }
        Ok(Value::Object(object))
    }

    /// What stands for a key or value that its entry leaves out.
    fn absent(&self, field: &Field, depth: u32) -> Result<Value, JsonError> {
        match wire_type(field.kind) {
            WireType::ThirtyTwoBit => self.one(field, &Raw::Fixed32(0), depth),
            WireType::SixtyFourBit => self.one(field, &Raw::Fixed64(0), depth),
            WireType::Varint => self.one(field, &Raw::Varint(0), depth),
            _ => self.one(field, &Raw::Bytes(&[]), depth),
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "as every parser cuts a varint to its type")]
    fn one(&self, field: &Field, raw: &Raw<'_>, depth: u32) -> Result<Value, JsonError> {
        let long = |value: i64| Value::String(value.to_string());
        Ok(match (field.kind, raw) {
            (FieldKind::Double, Raw::Fixed64(bits)) => double(f64::from_bits(*bits)),
            (FieldKind::Float, Raw::Fixed32(bits)) => float(f32::from_bits(*bits)),
            (FieldKind::Int32, Raw::Varint(value)) => (value.cast_signed() as i32).into(),
            (FieldKind::Int64, Raw::Varint(value)) => long(value.cast_signed()),
            (FieldKind::Uint32, Raw::Varint(value)) => (*value as u32).into(),
            (FieldKind::Uint64, Raw::Varint(value)) | (FieldKind::Fixed64, Raw::Fixed64(value)) => {
                value.to_string().into()
            }
            (FieldKind::Sint32, Raw::Varint(value)) => (zigzag(*value) as i32).into(),
            (FieldKind::Sint64, Raw::Varint(value)) => long(zigzag(*value)),
            (FieldKind::Fixed32, Raw::Fixed32(value)) => (*value).into(),
            (FieldKind::Sfixed32, Raw::Fixed32(value)) => value.cast_signed().into(),
            (FieldKind::Sfixed64, Raw::Fixed64(value)) => long(value.cast_signed()),
            (FieldKind::Bool, Raw::Varint(value)) => (*value != 0).into(),
            (FieldKind::Enum(id), Raw::Varint(value)) => {
                enumeration(self.schema.enum_at(id), value.cast_signed() as i32)
            }
            (FieldKind::String, Raw::Bytes(bytes)) => String::from_utf8_lossy(bytes).into(),
            (FieldKind::Bytes, Raw::Bytes(bytes)) => base64::prelude::BASE64_STANDARD.encode(bytes).into(),
            (FieldKind::Message(id) | FieldKind::Group(id), Raw::Bytes(bytes)) => {
                return self.message(self.schema.message_at(id), bytes, depth);
            }
            _ => return Err(JsonError::new("the bytes are of another type").below(&field.name)),
        })
    }
}

/// By number, each in the order of the bytes.
fn records(bytes: &[u8]) -> Result<BTreeMap<u32, Vec<Raw<'_>>>, JsonError> {
    let malformed = |error: prost::DecodeError| JsonError::new(error.to_string());
    let mut records: BTreeMap<u32, Vec<Raw<'_>>> = BTreeMap::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (number, wire_type) = decode_key(&mut rest).map_err(malformed)?;
        let before = rest;
        skip_field(wire_type, number, &mut rest, DecodeContext::default()).map_err(malformed)?;
        let value = before.get(..before.len() - rest.len()).unwrap_or_default();
        records.entry(number).or_default().push(raw(wire_type, number, value)?);
    }
    Ok(records)
}

/// `value` is one value, as it was skipped.
fn raw(wire_type: WireType, number: u32, mut value: &[u8]) -> Result<Raw<'_>, JsonError> {
    let malformed = || JsonError::new("the bytes end too early");
    Ok(match wire_type {
        WireType::Varint => Raw::Varint(decode_varint(&mut value).map_err(|_| malformed())?),
        WireType::ThirtyTwoBit => {
            Raw::Fixed32(u32::from_le_bytes(value.try_into().map_err(|_| malformed())?))
        }
        WireType::SixtyFourBit => {
            Raw::Fixed64(u64::from_le_bytes(value.try_into().map_err(|_| malformed())?))
        }
        WireType::LengthDelimited => {
            decode_varint(&mut value).map_err(|_| malformed())?;
            Raw::Bytes(value)
        }
        WireType::StartGroup => {
            // Up to its end tag.
            let end = prost::encoding::key_len(number);
            Raw::Bytes(value.get(..value.len().saturating_sub(end)).unwrap_or_default())
        }
        WireType::EndGroup => return Err(JsonError::new("a group ends that did not begin")),
    })
}

fn unpacked(mut packed: &[u8], wire_type: WireType) -> Result<Vec<Raw<'_>>, JsonError> {
    let mut values = Vec::new();
    while !packed.is_empty() {
        let before = packed;
        skip_field(wire_type, 1, &mut packed, DecodeContext::default())
            .map_err(|error| JsonError::new(error.to_string()))?;
        values.push(raw(wire_type, 1, before.get(..before.len() - packed.len()).unwrap_or_default())?);
    }
    Ok(values)
}

pub(super) fn as_bytes<'a>(raw: &Raw<'a>) -> Result<&'a [u8], JsonError> {
    match raw {
        Raw::Bytes(bytes) => Ok(bytes),
        _ => Err(JsonError::new("the bytes are of another type")),
    }
}

const fn wire_type(kind: FieldKind) -> WireType {
    match kind {
        FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => WireType::SixtyFourBit,
        FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => WireType::ThirtyTwoBit,
        FieldKind::String | FieldKind::Bytes | FieldKind::Message(_) | FieldKind::Group(_) => {
            WireType::LengthDelimited
        }
        _ => WireType::Varint,
    }
}

/// By name, where the number has one.
fn enumeration(of: &Enum, number: i32) -> Value {
    if of.name == "google.protobuf.NullValue" {
        return Value::Null;
    }
    let named = of.values.iter().find(|value| value.number == number);
    named.map_or_else(|| number.into(), |value| value.name.as_str().into())
}

fn double(value: f64) -> Value {
    match Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None => infinite(value.is_nan(), value > 0.0),
    }
}

/// As few digits as tell it from its neighbours, which a float widened to a double would not have.
fn float(value: f32) -> Value {
    match value.to_string().parse().ok().and_then(Number::from_f64) {
        Some(number) => Value::Number(number),
        None => infinite(value.is_nan(), value > 0.0),
    }
}

fn infinite(nan: bool, positive: bool) -> Value {
    match (nan, positive) {
        (true, _) => "NaN".into(),
        (_, true) => "Infinity".into(),
        (_, false) => "-Infinity".into(),
    }
}

const fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}
