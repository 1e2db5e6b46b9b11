//! Values in protobuf's text format, on one line.

use super::value::{Tree, Value};
use contract::schema::{Field, FieldKind, Schema};
use std::fmt::Write as _;

/// More of one message is cut.
const MAX_TEXT: usize = 2000;

/// The fields of a message: `items { price { units: 7 } }`.
pub(crate) fn text(schema: &Schema, tree: &Tree<'_>) -> String {
    let mut out = String::new();
    fields(schema, tree, &mut out);
    if out.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT).rev().find(|end| out.is_char_boundary(*end)).unwrap_or_default();
        out.truncate(end);
        out.push('…');
    }
    out
}

fn fields(schema: &Schema, tree: &Tree<'_>, out: &mut String) {
    // An Any that holds something is shown as it.
    if let [(_, Value::Text(url)), (_, Value::Message(held))] = tree.fields.as_slice()
        && tree.of.name == "google.protobuf.Any"
    {
        _ = write!(out, "[{url}] {{");
        if !held.fields.is_empty() {
            out.push(' ');
            fields(schema, held, out);
            out.push(' ');
        }
        out.push('}');
        return;
    }
    for (field, value) in &tree.fields {
        match value {
            Value::List(values) => values.iter().for_each(|value| one(schema, field, value, out)),
            value => one(schema, field, value, out),
        }
    }
}

fn one(schema: &Schema, field: &Field, value: &Value<'_>, out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
    if field.extension {
        _ = write!(out, "[{}]", field.name);
    } else {
        out.push_str(&field.name);
    }
    match value {
        Value::Message(tree) if tree.fields.is_empty() => out.push_str(" {}"),
        Value::Message(tree) => {
            out.push_str(" { ");
            fields(schema, tree, out);
            out.push_str(" }");
        }
        value => {
            out.push_str(": ");
            out.push_str(&scalar(schema, field.kind, value));
        }
    }
}

/// One value that is no message.
pub(crate) fn scalar(schema: &Schema, kind: FieldKind, value: &Value<'_>) -> String {
    match (kind, value) {
        (FieldKind::Bool, Value::Number(value)) => (*value != 0).to_string(),
        (FieldKind::Enum(id), Value::Number(number)) => {
            let of_enum = schema.enum_at(id);
            let named = of_enum.values.iter().find(|value| i128::from(value.number) == *number);
            named.map_or_else(|| number.to_string(), |value| value.name.clone())
        }
        (_, Value::Number(value)) => value.to_string(),
        (FieldKind::Float, Value::Double(value)) => float(*value),
        (_, Value::Double(value)) => double(*value),
        (_, Value::Text(text)) => format!("\"{}\"", text.escape_default()),
        (_, Value::Bytes(bytes)) => format!("\"{}\"", bytes.escape_ascii()),
        (_, Value::Message(tree)) => text(schema, tree),
        (_, Value::List(values)) => {
            values.iter().map(|value| scalar(schema, kind, value)).collect::<Vec<_>>().join(", ")
        }
    }
}

/// As short as it stays the same float.
#[allow(clippy::cast_possible_truncation, reason = "it is a float")]
fn float(value: f64) -> String {
    let shortest = (value as f32).to_string().parse();
    double(shortest.unwrap_or(value))
}

/// As short as it stays the same.
pub(crate) fn double(value: f64) -> String {
    let long = value.abs() >= 1e16 || (value != 0.0 && value.abs() < 1e-5);
    if long && value.is_finite() { format!("{value:e}") } else { value.to_string() }
}
