//! Messages that an expression builds: encoded, then read like any other.

use super::Machine;
use super::val::Val;
use crate::cel::fault::Fault;
use crate::cel::node::Node;
use crate::value::{MessageValue, Parts, Source, Value};
use crate::wire::Span;
use contract::schema::{Cardinality, Field, FieldKind, MessageId};

/// What a message that is built takes beside its bytes.
const BUILT: usize = 64;

impl<'v> Machine<'v, '_> {
    pub(super) fn build(&mut self, id: MessageId, fields: &'v [(usize, Node)]) -> Result<Val<'v>, Fault> {
        let mut bytes = Vec::new();
        for (index, node) in fields {
            let value = self.eval(node)?;
            let message = self.setting.schema.message_at(id);
            let Some(field) = message.fields.get(*index) else { return Err(Fault::new("no such field")) };
            self.put_field(field, &value, &mut bytes)?;
        }
        self.make(bytes.len() + BUILT)?;
        self.spend(bytes.len())?;
        let bytes = self.setting.arena.keep(bytes);
        let span = Span::whole(bytes).map_err(|_| Fault::new("a message is larger than 2 GiB"))?;
        let source = Source { schema: self.setting.schema, bytes };
        let built = Val::of(Value::Message(MessageValue::new(source, id, Parts::One(span))));
        self.pay()?;
        built
    }

    fn put_field(&mut self, field: &'v Field, value: &Val<'v>, out: &mut Vec<u8>) -> Result<(), Fault> {
        match (field.cardinality, value) {
            // Null is absence, for fields that can be absent.
            (Cardinality::Singular, Val::Null) if self.is_unset_by_null(field) => Ok(()),
            (Cardinality::Singular, value) => self.put(field, value, out),
            (Cardinality::List, Val::List(list)) => {
                let mut walk = list.walk();
                while let Some(item) = self.next(&mut walk) {
                    self.spend(1)?;
                    self.put(field, &item?, out)?;
                }
                Ok(())
            }
            (Cardinality::Map, Val::Map(map)) => {
                for (key, value) in &map.entries {
                    self.spend(1)?;
                    let entry = self.entry(field, key, value)?;
                    put_bytes(field.number, &entry, out);
                }
                Ok(())
            }
            (_, other) => Err(unfit(field, other)),
        }
    }

    /// Only a JSON value has a null of its own.
    fn is_unset_by_null(&self, field: &Field) -> bool {
        let of = field.kind.message().map(|id| self.setting.schema.message_at(id));
        of.is_some_and(|message| message.name != "google.protobuf.Value")
    }

    fn entry(&mut self, field: &Field, key: &Val<'v>, value: &Val<'v>) -> Result<Vec<u8>, Fault> {
        let schema = self.setting.schema;
        let mut entry = Vec::new();
        if let Some(id) = field.kind.message() {
            let message = schema.message_at(id);
            for (number, value) in [(1, key), (2, value)] {
                if let Some(field) = message.field(number) {
                    self.put(field, value, &mut entry)?;
                }
            }
        }
        Ok(entry)
    }

    /// One value, with its tag.
    fn put(&mut self, field: &Field, value: &Val<'v>, out: &mut Vec<u8>) -> Result<(), Fault> {
        match (field.kind, value) {
            (FieldKind::Message(id), value) => {
                let bytes = self.encoded(id, value).ok_or_else(|| unfit(field, value))?;
                self.make(bytes.len())?;
                put_bytes(field.number, &bytes, out);
            }
            (FieldKind::Group(id), value) => {
                let bytes = self.encoded(id, value).ok_or_else(|| unfit(field, value))?;
                put_varint(u64::from(field.number) << 3 | 3, out);
                out.extend_from_slice(&bytes);
                put_varint(u64::from(field.number) << 3 | 4, out);
            }
            (FieldKind::String, Val::String(text)) => {
                self.make(text.as_str().len())?;
                put_bytes(field.number, text.as_str().as_bytes(), out);
            }
            (FieldKind::Bytes, Val::Bytes(bytes)) => {
                self.make(bytes.as_slice().len())?;
                put_bytes(field.number, bytes.as_slice(), out);
            }
            (kind, value) => put_number(kind, field, value, out)?,
        }
        Ok(())
    }

    /// A value as a message of a type, if it can be one.
    fn encoded(&mut self, id: MessageId, value: &Val<'v>) -> Option<Vec<u8>> {
        let schema = self.setting.schema;
        let name = schema.message_at(id).name.as_str();
        let mut out = Vec::new();
        match value {
            Val::Message(message) if message.descriptor().id == id => {
                for span in message.parts().spans() {
                    self.make(span.len() as usize + 1).ok()?;
                    out.extend_from_slice(span.of(message.source().bytes));
                }
            }
            Val::Message(message) if name == "google.protobuf.Any" => {
                let url = format!("type.googleapis.com/{}", message.descriptor().name);
                put_bytes(1, url.as_bytes(), &mut out);
                let inner = self.encoded(message.descriptor().id, value)?;
                put_bytes(2, &inner, &mut out);
            }
            Val::Timestamp(at) if name == "google.protobuf.Timestamp" => {
                let (seconds, nanos) = at.fields();
                put_parts(seconds, nanos.into(), &mut out);
            }
            Val::Duration(span) if name == "google.protobuf.Duration" => {
                let (seconds, nanos) = span.fields();
                put_parts(seconds, nanos.into(), &mut out);
            }
            _ if name == "google.protobuf.Value" => self.put_json(id, value, &mut out)?,
            Val::Map(_) | Val::List(_)
                if matches!(name, "google.protobuf.Struct" | "google.protobuf.ListValue") =>
            {
                self.put_field(schema.message_at(id).field(1)?, value, &mut out).ok()?;
            }
            scalar if name.starts_with("google.protobuf.") && name.ends_with("Value") => {
                self.put(schema.message_at(id).field(1)?, scalar, &mut out).ok()?;
            }
            _ => return None,
        }
        Some(out)
    }

    /// `google.protobuf.Value`: the member of its oneof that fits.
    fn put_json(&mut self, id: MessageId, value: &Val<'v>, out: &mut Vec<u8>) -> Option<()> {
        let field = |number| self.setting.schema.message_at(id).field(number);
        let (field, value) = match value {
            Val::Null => (field(1)?, Val::Int(0)),
            Val::Double(_) => (field(2)?, value.clone()),
            #[allow(clippy::cast_precision_loss, reason = "JSON has no other numbers")]
            Val::Int(number) => (field(2)?, Val::Double(*number as f64)),
            #[allow(clippy::cast_precision_loss, reason = "JSON has no other numbers")]
            Val::Uint(number) => (field(2)?, Val::Double(*number as f64)),
            Val::String(_) => (field(3)?, value.clone()),
            Val::Bool(_) => (field(4)?, value.clone()),
            Val::Map(_) => (field(5)?, value.clone()),
            Val::List(_) => (field(6)?, value.clone()),
            _ => return None,
        };
        self.put(field, &value, out).ok()
    }
}

fn unfit(field: &Field, value: &Val<'_>) -> Fault {
    Fault::of(format!("the field `{}` takes no {}", field.name, value.type_name()))
}

fn put_parts(seconds: i64, nanos: i64, out: &mut Vec<u8>) {
    for (number, value) in [(1_u64, seconds), (2, nanos)] {
        put_varint(number << 3, out);
        put_varint(value.cast_unsigned(), out);
    }
}

fn put_varint(mut bits: u64, out: &mut Vec<u8>) {
    while bits >= 0x80 {
        out.push((bits & 0x7f) as u8 | 0x80);
        bits >>= 7;
    }
    out.push((bits & 0x7f) as u8);
}

fn put_bytes(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    put_varint(u64::from(number) << 3 | 2, out);
    put_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn put_number(kind: FieldKind, field: &Field, value: &Val<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    let too_large = || Fault::of(format!("the field `{}` has 32 bits", field.name));
    let key = u64::from(field.number) << 3;
    let mut varint = |bits: u64| {
        put_varint(key, out);
        put_varint(bits, out);
    };
    match (kind, value) {
        (FieldKind::Bool, Val::Bool(value)) => varint(u64::from(*value)),
        (FieldKind::Int64, Val::Int(value)) => varint(value.cast_unsigned()),
        (FieldKind::Int32 | FieldKind::Enum(_), Val::Int(value)) => {
            let value = i32::try_from(*value).map_err(|_| too_large())?;
            varint(i64::from(value).cast_unsigned());
        }
        (FieldKind::Uint64, Val::Uint(value)) => varint(*value),
        (FieldKind::Uint32, Val::Uint(value)) => {
            varint(u32::try_from(*value).map_err(|_| too_large())?.into());
        }
        (FieldKind::Sint64, Val::Int(value)) => varint(zigzag(*value)),
        (FieldKind::Sint32, Val::Int(value)) => {
            varint(zigzag(i32::try_from(*value).map_err(|_| too_large())?.into()));
        }
        _ => return put_fixed(kind, field, value, out),
    }
    Ok(())
}

const fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

fn put_fixed(kind: FieldKind, field: &Field, value: &Val<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
    let too_large = |_| Fault::of(format!("the field `{}` has 32 bits", field.name));
    let (wire, bytes) = match (kind, value) {
        (FieldKind::Double, Val::Double(value)) => (1, value.to_le_bytes().to_vec()),
        #[allow(clippy::cast_possible_truncation, reason = "a float holds what a float holds")]
        (FieldKind::Float, Val::Double(value)) => (5, (*value as f32).to_le_bytes().to_vec()),
        (FieldKind::Fixed64, Val::Uint(value)) => (1, value.to_le_bytes().to_vec()),
        (FieldKind::Sfixed64, Val::Int(value)) => (1, value.to_le_bytes().to_vec()),
        (FieldKind::Fixed32, Val::Uint(value)) => {
            (5, u32::try_from(*value).map_err(too_large)?.to_le_bytes().to_vec())
        }
        (FieldKind::Sfixed32, Val::Int(value)) => {
            (5, i32::try_from(*value).map_err(too_large)?.to_le_bytes().to_vec())
        }
        (_, other) => return Err(unfit(field, other)),
    };
    put_varint(u64::from(field.number) << 3 | wire, out);
    out.extend_from_slice(&bytes);
    Ok(())
}
