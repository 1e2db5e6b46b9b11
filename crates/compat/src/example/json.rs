//! Values in ProtoJSON (<https://protobuf.dev/programming-guides/json/>), as their writer encodes them.

use super::{
    text,
    value::{Tree, Value},
};
use contract::schema::{Cardinality, Field, FieldKind, Schema};
use std::fmt::Write as _;

/// The message as JSON.
pub(crate) fn encode(schema: &Schema, tree: &Tree<'_>) -> String {
    let mut out = String::new();
    message(schema, tree, &mut out);
    out
}

/// The key under which a writer puts a field.
pub(crate) fn key(field: &Field) -> String {
    if field.extension { format!("[{}]", field.name) } else { field.json_name.clone() }
}

fn message(schema: &Schema, tree: &Tree<'_>, out: &mut String) {
    let inner = tree.fields.first();
    match (tree.of.name.strip_prefix("google.protobuf."), inner) {
        (Some("Timestamp"), _) => out.push_str("\"1970-01-01T00:00:00Z\""),
        (Some("Duration"), _) => out.push_str(&duration(tree)),
        (Some("FieldMask"), Some((_, Value::List(paths)))) => {
            let path =
                |path: &Value<'_>| if let Value::Text(text) = path { text.clone() } else { String::new() };
            out.push_str(&quoted(&paths.iter().map(path).collect::<Vec<_>>().join(",")));
        }
        (Some("FieldMask"), _) => out.push_str("\"\""),
        (Some("Struct" | "ListValue"), Some((field, inner))) => value(schema, field, inner, out),
        (Some("Struct" | "Any"), None) => out.push_str("{}"),
        (Some("Any"), Some((_, Value::Text(url)))) => held(schema, url, tree, out),
        (Some("ListValue"), None) => out.push_str("[]"),
        (Some("Value"), Some((field, inner))) => value(schema, field, inner, out),
        (Some("Value"), None) => out.push_str("null"),
        (Some(name), inner) if name.ends_with("Value") && tree.of.fields.len() == 1 => {
            match (inner, tree.of.fields.first()) {
                (Some((field, inner)), _) => value(schema, field, inner, out),
                (None, Some(field)) => value(schema, field, &super::value::zero(schema, field.kind), out),
                (None, None) => out.push_str("null"),
            }
        }
        _ => object(schema, tree, out),
    }
}

/// What an Any holds, with its type.
fn held(schema: &Schema, url: &str, any: &Tree<'_>, out: &mut String) {
    _ = write!(out, "{{\"@type\": {}", quoted(url));
    if let Some((_, Value::Message(inner))) = any.fields.get(1) {
        let mut text = String::new();
        object(schema, inner, &mut text);
        if let Some(fields) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
            && !fields.is_empty()
        {
            _ = write!(out, ", {fields}");
        }
    }
    out.push('}');
}

/// "1.500s": with three digits if they are enough, as most write it.
fn duration(tree: &Tree<'_>) -> String {
    let part = |number: u32| {
        let value = tree.fields.iter().find(|(field, _)| field.number == number).map(|(_, value)| value);
        if let Some(Value::Number(number)) = value { *number } else { 0 }
    };
    match (part(1), part(2)) {
        (seconds, 0) => format!("\"{seconds}s\""),
        (seconds, nanos) if nanos % 1_000_000 == 0 => format!("\"{seconds}.{:03}s\"", nanos / 1_000_000),
        (seconds, nanos) => format!("\"{seconds}.{nanos:09}s\""),
    }
}

fn object(schema: &Schema, tree: &Tree<'_>, out: &mut String) {
    out.push('{');
    for (position, (field, value_of)) in tree.fields.iter().enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        _ = write!(out, "{}: ", quoted(&key(field)));
        value(schema, field, value_of, out);
    }
    out.push('}');
}

fn value(schema: &Schema, field: &Field, value: &Value<'_>, out: &mut String) {
    match (field.cardinality, value) {
        (Cardinality::Map, Value::List(entries)) => {
            out.push('{');
            for (position, entry) in entries.iter().enumerate() {
                if position > 0 {
                    out.push_str(", ");
                }
                map_entry(schema, entry, out);
            }
            out.push('}');
        }
        (_, Value::List(values)) => {
            out.push('[');
            for (position, element) in values.iter().enumerate() {
                if position > 0 {
                    out.push_str(", ");
                }
                scalar(schema, field.kind, element, out);
            }
            out.push(']');
        }
        (_, value) => scalar(schema, field.kind, value, out),
    }
}

fn map_entry(schema: &Schema, entry: &Value<'_>, out: &mut String) {
    let Value::Message(tree) = entry else { return };
    let part = |number: u32| tree.fields.iter().find(|(field, _)| field.number == number);
    let Some((key, at)) = part(1) else { return };
    match at {
        Value::Text(text) => out.push_str(&quoted(text)),
        other => _ = write!(out, "\"{}\"", text::scalar(schema, key.kind, other)),
    }
    out.push_str(": ");
    if let Some((field, of_entry)) = part(2) {
        value(schema, field, of_entry, out);
    }
}

/// One value of a kind.
pub(crate) fn scalar(schema: &Schema, kind: FieldKind, value: &Value<'_>, out: &mut String) {
    match (kind, value) {
        (_, Value::Message(tree)) => message(schema, tree, out),
        (FieldKind::Enum(id), Value::Number(_)) if schema.enum_at(id).name == "google.protobuf.NullValue" => {
            out.push_str("null");
        }
        (FieldKind::Enum(_), Value::Number(number)) => match text::scalar(schema, kind, value) {
            name if name == number.to_string() => out.push_str(&name),
            name => out.push_str(&quoted(&name)),
        },
        (
            FieldKind::Int64
            | FieldKind::Uint64
            | FieldKind::Fixed64
            | FieldKind::Sfixed64
            | FieldKind::Sint64,
            Value::Number(number),
        ) => _ = write!(out, "\"{number}\""),
        (_, Value::Text(text)) => out.push_str(&quoted(text)),
        (_, Value::Bytes(bytes)) => _ = write!(out, "\"{}\"", base64(bytes)),
        (_, value) => out.push_str(&text::scalar(schema, kind, value)),
    }
}

/// A JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// With padding, as JSON's writers do.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for position in 0..4 {
            let digit = (bits >> (18 - 6 * position)) & 0x3f;
            let shown = position <= chunk.len();
            let digit = DIGITS.get(digit as usize).copied().unwrap_or(b'=');
            out.push(char::from(if shown { digit } else { b'=' }));
        }
    }
    out
}
