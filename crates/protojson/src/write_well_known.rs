//! The messages of `google/protobuf/` that have a JSON form of their own, written.

use super::{
    JsonError,
    decode::{Decoder, Raw, as_bytes},
    time,
};
use contract::schema::Message;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Records<'a> = BTreeMap<u32, Vec<Raw<'a>>>;

/// `None` for a message that is an object of its fields.
pub(super) fn decode(
    decoder: &Decoder<'_>,
    of: &Message,
    records: &Records<'_>,
    depth: u32,
) -> Option<Result<Value, JsonError>> {
    let field = |number: u32| {
        let found = records.get(&number)?;
        Some(decoder.singular(of.field(number)?, found, depth))
    };
    Some(match of.name.strip_prefix("google.protobuf.")? {
        "Timestamp" => timestamp(records),
        "Duration" => Ok(duration(records)),
        "FieldMask" => mask(records),
        "Any" => any(decoder, records, depth),
        "Struct" => only(decoder, of, records, depth, Value::Object(Map::new())),
        "ListValue" => only(decoder, of, records, depth, Value::Array(Vec::new())),
        "Value" => (1..=6).rev().find_map(field).unwrap_or(Ok(Value::Null)),
        "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value"
        | "BoolValue" | "StringValue" | "BytesValue" => field(1).unwrap_or_else(|| zero(of)),
        _ => return None,
    })
}

fn zero(of: &Message) -> Result<Value, JsonError> {
    Ok(match of.name.rsplit('.').next().unwrap_or_default() {
        "Int64Value" | "UInt64Value" => "0".into(),
        "BoolValue" => false.into(),
        "StringValue" | "BytesValue" => "".into(),
        _ => 0.into(),
    })
}

fn number(records: &Records<'_>, number: u32) -> i64 {
    match records.get(&number).and_then(|found| found.last()) {
        Some(Raw::Varint(value)) => value.cast_signed(),
        _ => 0,
    }
}

fn timestamp(records: &Records<'_>) -> Result<Value, JsonError> {
    let written = time::write(number(records, 1), number(records, 2));
    written.map(Value::from).ok_or_else(|| JsonError::new("a time before the year 1 or after 9999"))
}

fn duration(records: &Records<'_>) -> Value {
    let (seconds, nanos) = (number(records, 1), number(records, 2));
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    let part = match nanos.unsigned_abs() {
        0 => String::new(),
        nanos => format!(".{nanos:09}").trim_end_matches('0').to_owned(),
    };
    format!("{sign}{}{part}s", seconds.unsigned_abs()).into()
}

/// In camel case, where that can be read back; else as an object of the paths as they are.
fn mask(records: &Records<'_>) -> Result<Value, JsonError> {
    let (mut paths, mut plain) = (Vec::new(), Vec::new());
    for raw in records.get(&1).into_iter().flatten() {
        let path = String::from_utf8_lossy(as_bytes(raw)?).into_owned();
        let mut camel = String::with_capacity(path.len());
        let mut upper = false;
        for c in path.chars() {
            match c {
                '_' => upper = true,
                c if upper => {
                    camel.push(c.to_ascii_uppercase());
                    upper = false;
                }
                c => camel.push(c),
            }
        }
        paths.push(camel);
        plain.push(path);
    }
    if plain.iter().all(|path| path.split('.').all(is_reversible)) {
        return Ok(paths.join(",").into());
    }
    Ok(json!({ "paths": plain }))
}

/// Whether camel case says the same: "a_b1", and not "aB", "a__b", "a_1", "a_".
fn is_reversible(part: &str) -> bool {
    let lower = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase());
    lower(part.chars().next())
        && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && part.split('_').all(|word| lower(word.chars().next()))
}

fn any(decoder: &Decoder<'_>, records: &Records<'_>, depth: u32) -> Result<Value, JsonError> {
    let part = |number: u32| records.get(&number).and_then(|found| found.last()).map(as_bytes);
    let Some(url) = part(1).transpose()? else { return Ok(Value::Object(Map::new())) };
    let url = String::from_utf8_lossy(url).into_owned();
    let name = url.rsplit('/').next().unwrap_or(&url);
    let of = decoder.schema.message(name);
    let of = of.ok_or_else(|| JsonError::new(format!("there is no message `{name}` in the descriptors")))?;
    let mut object = Map::new();
    object.insert("@type".to_owned(), url.as_str().into());
    match decoder.message(of, part(2).transpose()?.unwrap_or_default(), depth)? {
        Value::Object(fields) if !of.name.starts_with("google.protobuf.") => object.extend(fields),
        value => {
            object.insert("value".to_owned(), value);
        }
    }
    Ok(Value::Object(object))
}

/// The only field of a message that stands for it.
fn only(
    decoder: &Decoder<'_>,
    of: &Message,
    records: &Records<'_>,
    depth: u32,
    empty: Value,
) -> Result<Value, JsonError> {
    match (of.field(1), records.get(&1)) {
        (Some(field), Some(found)) => decoder.field(field, found, depth),
        _ => Ok(empty),
    }
}
