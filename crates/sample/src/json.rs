//! Trees as protobuf JSON (<https://protobuf.dev/programming-guides/json/>).

mod well_known;

use crate::tree::{Message, Slot, Value};
use base64::Engine as _;
use contract::schema::{Field, FieldKind, Schema};
use serde_json::{Map, Value as Json};

/// The message as JSON: names in camel case, fields in order of declaration, what is not set left out.
pub fn json(schema: &Schema, message: &Message) -> Json {
    well_known::json(schema, message).unwrap_or_else(|| object(schema, message))
}

fn object(schema: &Schema, message: &Message) -> Json {
    let mut object = Map::new();
    for field in &schema.message_at(message.of).fields {
        let Some(slot) = message.fields.get(&field.number) else { continue };
        object.insert(field.json_name.clone(), of_slot(schema, field, slot));
    }
    Json::Object(object)
}

fn of_slot(schema: &Schema, field: &Field, slot: &Slot) -> Json {
    match slot {
        Slot::One(value) => of_value(schema, field.kind, value),
        Slot::List(values) => {
            Json::Array(values.iter().map(|value| of_value(schema, field.kind, value)).collect())
        }
        Slot::Map(entries) => {
            let kind = field.kind.message().and_then(|id| schema.message_at(id).field(2));
            let kind = kind.map_or(field.kind, |value| value.kind);
            let entry = |(key, value): &(Value, Value)| (key_text(key), of_value(schema, kind, value));
            Json::Object(entries.iter().map(entry).collect())
        }
    }
}

fn of_value(schema: &Schema, kind: FieldKind, value: &Value) -> Json {
    match value {
        Value::Bool(value) => (*value).into(),
        // 64 bits are more than JSON's numbers hold.
        Value::Int(value) if matches!(kind, FieldKind::Int64 | FieldKind::Sint64 | FieldKind::Sfixed64) => {
            value.to_string().into()
        }
        Value::Uint(value) if matches!(kind, FieldKind::Uint64 | FieldKind::Fixed64) => {
            value.to_string().into()
        }
        Value::Int(value) => (*value).into(),
        Value::Uint(value) => (*value).into(),
        Value::Double(value) => double(*value),
        Value::String(text) => text.as_str().into(),
        Value::Bytes(bytes) => base64::prelude::BASE64_STANDARD.encode(bytes).into(),
        Value::Enum(number) => enumeration(schema, kind, *number),
        Value::Message(message) => json(schema, message),
    }
}

fn double(value: f64) -> Json {
    match serde_json::Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => "NaN".into(),
        None if value > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

/// By name, where the number has one.
fn enumeration(schema: &Schema, kind: FieldKind, number: i32) -> Json {
    let FieldKind::Enum(id) = kind else { return number.into() };
    let of = schema.enum_at(id);
    if of.name == "google.protobuf.NullValue" {
        return Json::Null;
    }
    let named = of.values.iter().find(|value| value.number == number);
    named.map_or_else(|| number.into(), |value| value.name.as_str().into())
}

fn key_text(key: &Value) -> String {
    match key {
        Value::Bool(key) => key.to_string(),
        Value::Int(key) => key.to_string(),
        Value::Uint(key) => key.to_string(),
        Value::String(key) => key.clone(),
        _ => String::new(),
    }
}
