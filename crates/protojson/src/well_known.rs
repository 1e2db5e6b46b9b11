//! The messages of `google/protobuf/` that have a JSON form of their own.

use super::{
    JsonError,
    message::{Encoder, put},
    scalar::{expected, text},
    time,
};
use contract::schema::Message;
use prost::encoding::{WireType, encode_key, encode_varint};
use serde_json::{Map, Value};

/// `None` for a message that is an object of its fields.
pub(super) fn encode(
    encoder: &Encoder<'_>,
    of: &Message,
    value: &Value,
    out: &mut Vec<u8>,
) -> Option<Result<(), JsonError>> {
    Some(match of.name.strip_prefix("google.protobuf.")? {
        "Timestamp" => timestamp(value).map(|read| read.encode(out)),
        "Duration" => duration(value).map(|read| read.encode(out)),
        "FieldMask" => mask(encoder, of, value, out),
        "Any" => any(encoder, value, out),
        "Struct" => strukt(encoder, of, value, out),
        "ListValue" => list(encoder, of, value, out),
        "Value" => any_value(encoder, of, value, out),
        "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value"
        | "BoolValue" | "StringValue" | "BytesValue" => field(encoder, of, 1, value, out),
        _ => return None,
    })
}

/// The value of field `number`.
fn field(
    encoder: &Encoder<'_>,
    of: &Message,
    number: u32,
    value: &Value,
    out: &mut Vec<u8>,
) -> Result<(), JsonError> {
    let field =
        of.field(number).ok_or_else(|| JsonError::new(format!("{} is not the public one", of.name)))?;
    encoder.one(field, value, out)
}

/// What a timestamp and a duration both hold.
struct Moment {
    seconds: i64,
    nanos: i32,
}

impl Moment {
    fn encode(&self, out: &mut Vec<u8>) {
        for (number, part) in [(1, self.seconds), (2, self.nanos.into())] {
            if part != 0 {
                encode_key(number, WireType::Varint, out);
                encode_varint(part.cast_unsigned(), out);
            }
        }
    }
}

fn timestamp(value: &Value) -> Result<Moment, JsonError> {
    let read = time::parse(text(value)?);
    let (seconds, nanos) = read.ok_or_else(|| expected("a time like 2026-01-31T12:00:00.5Z", value))?;
    Ok(Moment { seconds, nanos })
}

fn duration(value: &Value) -> Result<Moment, JsonError> {
    let read = || {
        let text = value.as_str()?.strip_suffix('s')?;
        let (sign, text) = match text.strip_prefix('-') {
            Some(text) => (-1, text),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 9 {
            return None;
        }
        let seconds: i64 = whole.parse().ok().filter(|seconds| *seconds <= 315_576_000_000)?;
        let nanos: i32 = format!("{part:0<9}").parse().ok()?;
        Some(Moment { seconds: sign * seconds, nanos: i32::try_from(sign).ok()? * nanos })
    };
    read().ok_or_else(|| expected("a duration like \"1.5s\"", value))
}

/// "a.fooBar,b": paths in camel case, each part a name without "_", as Go has it; other runtimes take some of the rest,
/// and do not agree what it says. Or an object of its field, whose paths are as they are: Go's older JSON, and
/// grpcurl by it, knows no other form.
fn mask(encoder: &Encoder<'_>, of: &Message, value: &Value, out: &mut Vec<u8>) -> Result<(), JsonError> {
    let paths = match value {
        Value::Object(object) => return encoder.fields(of, object, out),
        Value::String(paths) => paths,
        other => return Err(expected(MASK, other)),
    };
    if paths.is_empty() {
        return Ok(());
    }
    for path in paths.split(',') {
        if !path.split('.').all(is_name) {
            return Err(expected(MASK, value));
        }
        let mut snake = String::with_capacity(path.len());
        for c in path.chars() {
            if c.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        }
        put(out, 1, snake.as_bytes());
    }
    Ok(())
}

/// Whether it is a part of a path of a mask.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

const MASK: &str = r#"a mask like "displayName,price.units" or {"paths": ["display_name", "price.units"]}"#;

/// `{"@type": "type.googleapis.com/pkg.Message", …}`; what has a form of its own is in "value".
fn any(encoder: &Encoder<'_>, value: &Value, out: &mut Vec<u8>) -> Result<(), JsonError> {
    let object = value.as_object().ok_or_else(|| expected("an object with @type", value))?;
    let Some(url) = object.get("@type") else {
        return if object.is_empty() { Ok(()) } else { Err(expected("an object with @type", value)) };
    };
    let url = text(url).map_err(|error| error.below("@type"))?;
    let name = url.rsplit('/').next().unwrap_or(url);
    let of = encoder.schema.message(name).ok_or_else(|| {
        let reason = format!("there is no message `{name}` in the descriptors");
        JsonError::telling(reason, "there is no such message in the descriptors").below("@type")
    })?;
    let mut inner = Vec::new();
    let null = Value::Null;
    let value = object.get("value");
    // Who knows no form of its own for masks has none for them here either.
    let plain = value.is_none() && of.name == "google.protobuf.FieldMask";
    match (!plain).then(|| encode(encoder, of, value.unwrap_or(&null), &mut inner)).flatten() {
        Some(done) => done.map_err(|error| error.below("value"))?,
        None => encoder.fields(of, object, &mut inner)?,
    }
    put(out, 1, url.as_bytes());
    put(out, 2, &inner);
    Ok(())
}

fn strukt(encoder: &Encoder<'_>, of: &Message, value: &Value, out: &mut Vec<u8>) -> Result<(), JsonError> {
    let object = value.as_object().ok_or_else(|| expected("an object", value))?;
    let fields: Map<String, Value> =
        [("fields".to_owned(), Value::Object(object.clone()))].into_iter().collect();
    encoder.fields(of, &fields, out)
}

fn list(encoder: &Encoder<'_>, of: &Message, value: &Value, out: &mut Vec<u8>) -> Result<(), JsonError> {
    let items = value.as_array().ok_or_else(|| expected("a list", value))?;
    for (position, item) in items.iter().enumerate() {
        field(encoder, of, 1, item, out).map_err(|error| error.below(format!("[{position}]")))?;
    }
    Ok(())
}

/// `google.protobuf.Value`: any JSON.
fn any_value(encoder: &Encoder<'_>, of: &Message, value: &Value, out: &mut Vec<u8>) -> Result<(), JsonError> {
    let number = match value {
        Value::Null => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Bool(_) => 4,
        Value::Object(_) => 5,
        Value::Array(_) => 6,
    };
    field(encoder, of, number, value, out)
}
