//! What stands for a field that is not written, where that is something else to the reader.

use super::{
    field::other,
    presence::{absent, is_silent, missing, unset},
    raw::{Out, Pair, Raw},
    well_known::Shape,
};
use crate::{
    example::{
        text,
        value::{self, Value},
    },
    level::{Encoding, Level},
};
use contract::schema::{Cardinality, Field, FieldKind, Presence, Schema};

/// More names of one number are not looked at.
const MAX_ALIASES: usize = 100;

/// Of a field of a single scalar, or of what is one in JSON.
pub(crate) fn compare<'a>(
    pair: &Pair<'a>,
    written: &'a Field,
    read: &'a Field,
    out: &Out<'a>,
) -> Option<Raw<'a>> {
    if written.presence == Presence::Required {
        return None;
    }
    let ((meant, of_writer), (got, of_reader)) =
        (meaning(pair.asked.writer, written), meaning(pair.asked.reader, read));
    let swapped = is_swapped(pair, (of_writer, &meant), (of_reader, &got), out);
    if !swapped && is_same(pair, (of_writer, &meant), (of_reader, &got)) {
        return None;
    }
    let name = &written.name;
    let meant = text::scalar(pair.asked.writer, of_writer, &meant);
    let got = text::scalar(pair.asked.reader, of_reader, &got);
    // What is implicit is not written, and is a value all the same.
    let raw = if swapped && is_silent(pair, written) {
        Raw::of("enum-value-renumbered", Level::Breaking, Some(written), Some(read))
            .when(format!("for {meant}, which is not written"))
            .says(
                format!("{meant} is what a `{name}` that is not there means to the writer; to the reader it is {got}"),
                format!("give {meant} back its number"),
            )
    } else {
        Raw::of("field-default", Level::Lossy, Some(written), Some(read))
            .when("where it is not written")
            .says(
                format!("an absent `{name}` means {meant} to the writer and {got} to the reader"),
                format!("keep the default of `{name}`"),
            )
    };
    Some(raw.shown(Vec::new()).outcome(format!("`{name}` as {got}, where {meant} was meant")))
}

/// A single value that is not written stands for something, and a list that is not written for nothing.
pub(crate) fn lost<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Option<Raw<'a>> {
    let meant = unset(pair.asked.writer, written);
    if written.presence == Presence::Required || meant == value::zero(pair.asked.writer, written.kind) {
        return None;
    }
    let (name, shown) = (&written.name, text::scalar(pair.asked.writer, written.kind, &meant));
    let raw = Raw::of("field-default", Level::Lossy, Some(written), Some(read))
        .when("where it is not written")
        .shown(Vec::new())
        .outcome(absent(pair, read))
        .says(
            format!("an absent `{name}` means {shown} to the writer and nothing to the reader"),
            format!("write `{name}` wherever {shown} is meant"),
        );
    Some(raw)
}

/// A part of an entry of a map, read as a field of a message. Most runtimes write both parts always; prost leaves
/// out what is zero.
pub(crate) fn entry<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Option<Raw<'a>> {
    let name = &written.name;
    let required = read.presence == Presence::Required;
    let got = unset(pair.asked.reader, read);
    let scalar = read.kind.message().is_none();
    let other =
        scalar && (read.cardinality == Cardinality::List || got != value::zero(pair.asked.reader, read.kind));
    if !required && !other {
        return None;
    }
    let (rule, level, outcome) = match required {
        true => ("field-required", Level::Breaking, missing(read)),
        false => ("field-default", Level::Lossy, absent(pair, read)),
    };
    let rest = pair.writer.fields.iter().filter(|field| field.number != written.number);
    let mut raw = Raw::of(rule, level, Some(written), Some(read))
        .when(format!("for an entry whose {name} is zero, which some runtimes leave out"))
        .shown(rest.map(|field| (field, value::once(pair.asked.writer, field))).collect())
        .outcome(outcome)
        .says(
            format!("the reader wants the {name} of an entry to be written, and not every writer of maps writes zero"),
            format!("do not require `{name}`, and let it have no default"),
        );
    raw.bare = true;
    Some(raw)
}

/// A value that is not what the reader takes for one that is not there: this one, else another.
pub(crate) fn unlike<'a>(
    pair: &Pair<'a>,
    written: &'a Field,
    read: &'a Field,
    value: Value<'a>,
) -> Value<'a> {
    let shows = |value: &Value<'_>| {
        let unwritten = is_silent(pair, written) && *value == Value::Number(0);
        !unwritten && !is_hidden(pair, (written.kind, value), read)
    };
    let undeclared = || match written.kind {
        FieldKind::Enum(id) => {
            let of_enum = pair.asked.writer.enum_at(id);
            (!of_enum.closed).then(|| Value::Number(value::undeclared(of_enum).into()))
        }
        _ => None,
    };
    if shows(&value) {
        return value;
    }
    [Some(other(pair, written)), undeclared()].into_iter().flatten().find(shows).unwrap_or(value)
}

/// Whether a value, passed over, is seen all the same.
pub(crate) fn is_hidden(pair: &Pair<'_>, (kind, value): (FieldKind, &Value<'_>), read: &Field) -> bool {
    let scalars = kind.message().is_none() && read.kind.message().is_none();
    scalars
        && read.default.is_some()
        && is_same(pair, (kind, value), (read.kind, &unset(pair.asked.reader, read)))
}

/// What an absent field stands for, and the type of that: of a wrapper, what it wraps.
fn meaning<'a>(schema: &'a Schema, field: &'a Field) -> (Value<'a>, FieldKind) {
    match Shape::of(schema, field.kind) {
        Shape::Scalar(kind) if field.kind.message().is_some() => (value::zero(schema, kind), kind),
        _ => (unset(schema, field), field.kind),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "what a float cannot be is no default of a whole number")]
fn is_same(
    pair: &Pair<'_>,
    (of_writer, meant): (FieldKind, &Value<'_>),
    (of_reader, got): (FieldKind, &Value<'_>),
) -> bool {
    match (meant, got) {
        (Value::Double(one), Value::Double(other)) => one.to_bits() == other.to_bits(),
        (Value::Text(one), Value::Bytes(other)) | (Value::Bytes(other), Value::Text(one)) => {
            one.as_bytes() == other.as_slice()
        }
        (Value::Number(whole), Value::Double(float)) | (Value::Double(float), Value::Number(whole)) => {
            float.fract() == 0.0 && *float as i128 == *whole
        }
        (Value::Number(one), Value::Number(other)) => {
            one == other || is_same_name(pair, (of_writer, *one), (of_reader, *other))
        }
        // A number that becomes text: nothing is nothing.
        (Value::Number(number), Value::Text(text)) | (Value::Text(text), Value::Number(number)) => {
            if text.is_empty() { *number == 0 } else { *text == number.to_string() }
        }
        (Value::Double(number), Value::Text(text)) | (Value::Text(text), Value::Double(number)) => {
            if text.is_empty() { *number == 0.0 } else { *text == number.to_string() }
        }
        // A number that is passed over, and bytes that are nothing.
        (Value::Number(number), Value::Bytes(bytes)) | (Value::Bytes(bytes), Value::Number(number)) => {
            bytes.is_empty() && *number == 0
        }
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Bytes(one), Value::Bytes(other)) => one == other,
        _ => true,
    }
}

/// Whether two numbers are one value of two enums, by its name.
fn is_same_name(
    pair: &Pair<'_>,
    (written, one): (FieldKind, i128),
    (read, other): (FieldKind, i128),
) -> bool {
    let (FieldKind::Enum(from), FieldKind::Enum(to)) = (written, read) else { return false };
    let (from, to) = (pair.asked.writer.enum_at(from), pair.asked.reader.enum_at(to));
    let meant = from.values.iter().filter(|value| i128::from(value.number) == one);
    let got = to.values.iter().filter(|value| i128::from(value.number) == other);
    let names: Vec<_> = got.map(|value| &value.name).collect();
    meant.take(MAX_ALIASES).any(|value| names.contains(&&value.name))
}

/// Whether one number is another value in JSON, where names are values.
fn is_swapped(
    pair: &Pair<'_>,
    (of_writer, meant): (FieldKind, &Value<'_>),
    (of_reader, got): (FieldKind, &Value<'_>),
    out: &Out<'_>,
) -> bool {
    let (FieldKind::Enum(from), FieldKind::Enum(to)) = (of_writer, of_reader) else { return false };
    let (Value::Number(one), Value::Number(other)) = (meant, got) else { return false };
    pair.asked.encoding == Encoding::Json
        && one == other
        && out.enums.get(&(from, to)).is_some_and(|diff| diff.is_swapped(*one))
}
