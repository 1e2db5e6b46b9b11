//! The messages of `google/protobuf/` that have a JSON form of their own.

use super::{json as of_message, object, of_slot, of_value};
use crate::tree::{self, Message, Slot, Value};
use contract::schema::Schema;
use serde_json::{Map, Value as Json};

/// `None` for a message that is an object of its fields, or whose value has no such form.
pub(super) fn json(schema: &Schema, message: &Message) -> Option<Json> {
    let of = schema.message_at(message.of);
    let integer = |number| match message.fields.get(&number) {
        Some(Slot::One(value)) => value.as_integer().unwrap_or_default(),
        _ => 0,
    };
    Some(match of.name.strip_prefix("google.protobuf.")? {
        "Timestamp" => timestamp(integer(1), integer(2))?.into(),
        "Duration" => duration(integer(1), integer(2)).into(),
        "FieldMask" => mask(message).into(),
        "Any" => any(schema, message),
        "Struct" => part(schema, message, 1).unwrap_or_else(|| Json::Object(Map::new())),
        "ListValue" => part(schema, message, 1).unwrap_or_else(|| Json::Array(Vec::new())),
        "Value" => match message.fields.keys().next() {
            Some(number) => part(schema, message, *number).unwrap_or(Json::Null),
            None => Json::Null,
        },
        "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value"
        | "BoolValue" | "StringValue" | "BytesValue" => wrapped(schema, message)?,
        _ => return None,
    })
}

fn part(schema: &Schema, message: &Message, number: u32) -> Option<Json> {
    let field = schema.message_at(message.of).field(number)?;
    Some(of_slot(schema, field, message.fields.get(&number)?))
}

/// A wrapper around nothing wraps zero.
fn wrapped(schema: &Schema, message: &Message) -> Option<Json> {
    use contract::schema::FieldKind;
    let kind = schema.message_at(message.of).field(1)?.kind;
    let zero = match kind {
        FieldKind::Bool => Value::Bool(false),
        FieldKind::String => Value::String(String::new()),
        FieldKind::Bytes => Value::Bytes(Vec::new()),
        FieldKind::Double | FieldKind::Float => Value::Double(0.0),
        FieldKind::Uint32 | FieldKind::Uint64 => Value::Uint(0),
        _ => Value::Int(0),
    };
    Some(part(schema, message, 1).unwrap_or_else(|| of_value(schema, kind, &zero)))
}

fn timestamp(seconds: i128, nanos: i128) -> Option<String> {
    let (seconds, nanos) = (i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?);
    jiff::Timestamp::new(seconds, nanos).ok().map(|time| time.to_string())
}

fn duration(seconds: i128, nanos: i128) -> String {
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    let (seconds, nanos) = (seconds.unsigned_abs(), nanos.unsigned_abs());
    let part = format!("{nanos:09}");
    match part.trim_end_matches('0') {
        "" => format!("{sign}{seconds}s"),
        part => format!("{sign}{seconds}.{part}s"),
    }
}

/// "a.fooBar,b": paths in camel case.
fn mask(message: &Message) -> String {
    let Some(Slot::List(paths)) = message.fields.get(&1) else { return String::new() };
    let paths: Vec<String> = paths.iter().filter_map(Value::as_str).map(camel).collect();
    paths.join(",")
}

fn camel(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut upper = false;
    for c in path.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                out.push(c.to_ascii_uppercase());
                upper = false;
            }
            c => out.push(c),
        }
    }
    out
}

fn any(schema: &Schema, message: &Message) -> Json {
    let (Some(Slot::One(Value::String(url))), value) = (message.fields.get(&1), message.fields.get(&2))
    else {
        return Json::Object(Map::new());
    };
    let bytes = match value {
        Some(Slot::One(Value::Bytes(bytes))) => bytes.as_slice(),
        _ => &[],
    };
    let mut out = Map::new();
    out.insert("@type".to_owned(), url.as_str().into());
    if let Some(id) = schema.message_id(url.rsplit('/').next().unwrap_or(url)) {
        let inner = tree::decode(schema, id, bytes);
        match json(schema, &inner) {
            Some(_) => _ = out.insert("value".to_owned(), of_message(schema, &inner)),
            None => {
                if let Json::Object(fields) = object(schema, &inner) {
                    out.extend(fields);
                }
            }
        }
    }
    Json::Object(out)
}
