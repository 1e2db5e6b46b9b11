//! From the bytes to values: well-known types become what CEL has for them.

use super::map::Map;
use super::val::{List, Octets, Text, Val};
use crate::cel::fault::Fault;
use crate::cel::time::{Duration, Timestamp};
use crate::ledger;
use crate::value::{MessageValue, Parts, Source, Value, is_packable, packed_item};
use crate::wire::{MAX_DEPTH, Raw, Reader, Span};
use contract::schema::{Cardinality, Field, FieldKind, MessageId, Schema};
use std::borrow::Cow;
use std::rc::Rc;

/// Among how many fields one is looked for, and how many bytes are looked at, at the price of a step, while an `Any` is
/// found to be sound.
const FIELDS_A_STEP: usize = 8;
const BYTES_A_STEP: usize = 8;

impl<'v> Val<'v> {
    /// Of a value as it stands in the message.
    pub(in crate::cel) fn of(value: Value<'v>) -> Result<Self, Fault> {
        Ok(match value {
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value),
            Value::Uint(value) => Self::Uint(value),
            Value::Double(value) => Self::Double(value),
            Value::String(Cow::Borrowed(text)) => Self::String(Text::Borrowed(text)),
            Value::String(Cow::Owned(text)) => Self::string(text),
            Value::Bytes(bytes) => Self::Bytes(Octets::Borrowed(bytes)),
            Value::Enum(_, number) => Self::Int(number.into()),
            Value::Message(message) => return Self::of_message(message),
            Value::List(list) => Self::List(List::Field(list)),
            Value::Map(map) => Self::Map(Rc::new(Map::of_field(&map)?)),
        })
    }

    /// The field of a message. Wrappers, `Any` and JSON values are null where they are absent.
    pub(in crate::cel) fn of_field(of: &MessageValue<'v>, field: &'v Field) -> Result<Self, Fault> {
        if field.cardinality == Cardinality::Singular
            && let Some(id) = field.kind.message()
            && is_null_when_absent(&of.source().schema.message_at(id).name)
            && !of.has(field)
        {
            return Ok(Self::Null);
        }
        Self::of(of.field(field))
    }

    fn of_message(message: MessageValue<'v>) -> Result<Self, Fault> {
        let name = message.descriptor().name.as_str();
        let Some(name) = name.strip_prefix("google.protobuf.") else { return Ok(Self::Message(message)) };
        match name {
            "Timestamp" => {
                let (seconds, nanos) = seconds_and_nanos(&message);
                Ok(Self::Timestamp(Timestamp::of_fields(seconds, nanos)))
            }
            "Duration" => {
                let (seconds, nanos) = seconds_and_nanos(&message);
                Ok(Self::Duration(Duration::of_fields(seconds, nanos)))
            }
            "Any" => any(&message),
            "Value" => json(&message),
            "Struct" | "ListValue" => first_field(&message),
            name if name.ends_with("Value") => first_field(&message),
            _ => Ok(Self::Message(message)),
        }
    }
}

fn is_null_when_absent(name: &str) -> bool {
    match name.strip_prefix("google.protobuf.") {
        Some("ListValue") | None => false,
        Some(name) => name == "Any" || name.ends_with("Value"),
    }
}

fn number<'v>(message: &MessageValue<'v>, number: u32) -> Option<Value<'v>> {
    Some(message.field(message.descriptor().field(number)?))
}

fn seconds_and_nanos(message: &MessageValue<'_>) -> (i64, i64) {
    let read = |field| match number(message, field) {
        Some(Value::Int(value)) => value,
        _ => 0,
    };
    (read(1), read(2))
}

fn first_field<'v>(message: &MessageValue<'v>) -> Result<Val<'v>, Fault> {
    number(message, 1).map_or(Ok(Val::Null), Val::of)
}

/// `google.protobuf.Value`: the member of its oneof that is set.
fn json<'v>(message: &MessageValue<'v>) -> Result<Val<'v>, Fault> {
    let set = message.descriptor().fields.iter().find(|field| message.has(field));
    match set {
        Some(field) if field.number != 1 => Val::of(message.field(field)),
        _ => Ok(Val::Null),
    }
}

/// `google.protobuf.Any`: the message in it.
fn any<'v>(message: &MessageValue<'v>) -> Result<Val<'v>, Fault> {
    Val::of(Value::Message(unpacked(message)?))
}

/// The message in a `google.protobuf.Any`.
pub(super) fn unpacked<'v>(message: &MessageValue<'v>) -> Result<MessageValue<'v>, Fault> {
    let (Some(Value::String(url)), Some(Value::Bytes(bytes))) = (number(message, 1), number(message, 2))
    else {
        return Err(Fault::new("an Any has no type URL"));
    };
    let schema = message.source().schema;
    let Some((_, name)) = url.rsplit_once('/') else {
        return Err(Fault::new("the type URL of an Any has no slash"));
    };
    let Some(id) = schema.message_id(name) else {
        return Err(Fault::new("the type of an Any is not known"));
    };
    let span = Span::whole(bytes).map_err(|_| Fault::new("an Any is larger than 2 GiB"))?;
    if !is_sound(schema, id, bytes, span, 0) {
        return Err(Fault::new("an Any cannot be read"));
    }
    Ok(MessageValue::new(Source { schema, bytes }, id, Parts::One(span)))
}

/// Nothing has looked at what is in an `Any` so far: whether decoders would take it for such a message.
fn is_sound(schema: &Schema, id: MessageId, bytes: &[u8], span: Span, depth: u32) -> bool {
    let mut reader = Reader::new(bytes, span, depth);
    loop {
        let (number, raw) = match reader.record() {
            Ok(Some(record)) => record,
            Ok(None) => return true,
            Err(_) => return false,
        };
        let fields = schema.message_at(id);
        ledger::owe(1 + fields.fields.len() / FIELDS_A_STEP);
        if let Raw::Bytes(span) | Raw::Group(span) = raw {
            ledger::owe(span.len() as usize / BYTES_A_STEP);
        }
        let Some(field) = fields.field(number) else { continue };
        let sound = match (field.kind, raw) {
            (FieldKind::Message(inner), Raw::Bytes(span)) | (FieldKind::Group(inner), Raw::Group(span)) => {
                depth < MAX_DEPTH && is_sound(schema, inner, bytes, span, depth + 1)
            }
            (FieldKind::String, Raw::Bytes(span)) if field.utf8 => {
                std::str::from_utf8(span.of(bytes)).is_ok()
            }
            (kind, Raw::Bytes(span)) if field.cardinality == Cardinality::List && is_packable(kind) => {
                let mut run = Reader::new(bytes, span, 0);
                while packed_item(&mut run, kind).is_some() {}
                run.is_at_end()
            }
            _ => true,
        };
        if !sound {
            return false;
        }
    }
}
