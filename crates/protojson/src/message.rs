//! Messages, lists and maps.

use super::{JsonError, names::Names, scalar, well_known};
use contract::schema::{Cardinality, Field, FieldKind, Message, Schema};
use prost::encoding::{WireType, encode_key, encode_varint, key_len};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

pub(super) struct Encoder<'a> {
    pub(super) schema: &'a Schema,
    names: Names<'a>,
}

impl<'a> Encoder<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self { schema, names: Names::default() }
    }

    pub(super) fn message(&self, of: &Message, value: &Value, out: &mut Vec<u8>) -> Result<(), JsonError> {
        if let Some(done) = well_known::encode(self, of, value, out) {
            return done;
        }
        match value {
            Value::Object(object) => self.fields(of, object, out),
            _ => Err(JsonError::new(format!("expected an object, for a {}", of.name))),
        }
    }

    /// The fields of an object in the order of their numbers, as serializers write them, so that JSON made of a
    /// set leads back to its bytes; members that start with "@" are the caller's.
    pub(super) fn fields(
        &self,
        of: &Message,
        object: &Map<String, Value>,
        out: &mut Vec<u8>,
    ) -> Result<(), JsonError> {
        let (mut seen, mut oneofs) = (BTreeSet::new(), BTreeSet::new());
        let mut found = Vec::new();
        for (name, value) in object.iter().filter(|(name, _)| !name.starts_with('@')) {
            let at = |error: JsonError| error.below(name);
            let unknown = || JsonError::new(format!("{} has no such field", of.name)).below_unknown(name);
            let field = self.names.field(self.schema, of.id, name).ok_or_else(unknown)?;
            if !seen.insert(field.number) {
                return Err(at(JsonError::new("the field is there twice")));
            }
            if value.is_null() && !self.takes_null(field) {
                continue;
            }
            if field.oneof.is_some_and(|oneof| !oneofs.insert(oneof)) {
                return Err(at(JsonError::new("another field of its oneof is set")));
            }
            found.push((field, name, value));
        }
        found.sort_by_key(|(field, ..)| field.number);
        found.into_iter().try_for_each(|(field, name, value)| {
            self.field_value(field, value, out).map_err(|error| error.within(field, name))
        })
    }

    fn takes_null(&self, field: &Field) -> bool {
        let message = field.kind.message().map(|id| self.schema.message_at(id).name.as_str());
        let enumeration = match field.kind {
            FieldKind::Enum(id) => Some(self.schema.enum_at(id).name.as_str()),
            _ => None,
        };
        field.cardinality == Cardinality::Singular
            && (message == Some("google.protobuf.Value") || enumeration == Some("google.protobuf.NullValue"))
    }

    fn field_value(&self, field: &Field, value: &Value, out: &mut Vec<u8>) -> Result<(), JsonError> {
        match field.cardinality {
            Cardinality::Singular => self.one(field, value, out),
            Cardinality::List => {
                let list = value.as_array().ok_or_else(|| JsonError::new("expected a list"))?;
                if field.packed {
                    return self.packed(field, list, out);
                }
                for (position, item) in list.iter().enumerate() {
                    self.one(field, item, out).map_err(|error| error.below(format!("[{position}]")))?;
                }
                Ok(())
            }
            Cardinality::Map => {
                let map = value.as_object().ok_or_else(|| JsonError::new("expected an object, for a map"))?;
                for (key, value) in map {
                    let entry = self.entry(field, key, value).map_err(|error| error.below_key(key))?;
                    put(out, field.number, &entry);
                }
                Ok(())
            }
        }
    }

    /// One record of all values, as who declares it so writes it; of none, nothing.
    fn packed(&self, field: &Field, list: &[Value], out: &mut Vec<u8>) -> Result<(), JsonError> {
        let (mut run, mut record) = (Vec::new(), Vec::new());
        for (position, item) in list.iter().enumerate() {
            record.clear();
            self.one(field, item, &mut record).map_err(|error| error.below(format!("[{position}]")))?;
            run.extend_from_slice(record.get(key_len(field.number)..).unwrap_or_default());
        }
        if !run.is_empty() {
            put(out, field.number, &run);
        }
        Ok(())
    }

    fn entry(&self, field: &Field, key: &str, value: &Value) -> Result<Vec<u8>, JsonError> {
        let entry = field.kind.message().map(|id| self.schema.message_at(id));
        let part = |number| entry.and_then(|entry| entry.field(number));
        let (Some(key_field), Some(value_field)) = (part(1), part(2)) else {
            return Err(JsonError::new("the map has no entry type"));
        };
        let mut bytes = Vec::new();
        scalar::encode_key_text(key_field, key, &mut bytes)?;
        self.one(value_field, value, &mut bytes)?;
        Ok(bytes)
    }

    /// One value of a field, as a record.
    pub(super) fn one(&self, field: &Field, value: &Value, out: &mut Vec<u8>) -> Result<(), JsonError> {
        match field.kind {
            FieldKind::Message(id) => {
                let mut inner = Vec::new();
                self.message(self.schema.message_at(id), value, &mut inner)?;
                put(out, field.number, &inner);
                Ok(())
            }
            FieldKind::Group(id) => {
                encode_key(field.number, WireType::StartGroup, out);
                self.message(self.schema.message_at(id), value, out)?;
                encode_key(field.number, WireType::EndGroup, out);
                Ok(())
            }
            FieldKind::Enum(id) => {
                let number = scalar::enum_number(self.schema.enum_at(id), value)?;
                encode_key(field.number, WireType::Varint, out);
                encode_varint(i64::from(number).cast_unsigned(), out);
                Ok(())
            }
            kind => scalar::encode(field.number, kind, value, out),
        }
    }
}

/// A record of bytes.
pub(super) fn put(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}
