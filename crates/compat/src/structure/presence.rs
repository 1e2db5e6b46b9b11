//! What it means that a field is not set.

use super::{
    declare,
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

/// Of a field that both sides have, whose values go together.
pub(crate) fn compare<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field, out: &mut Out<'a>) {
    // Both parts of an entry are always there.
    if pair.of_map() {
        out.found.extend(left_out(pair, Some(written), read));
        return;
    }
    out.found.extend(required(written, read));
    let singular = written.cardinality == Cardinality::Singular && read.cardinality == Cardinality::Singular;
    let scalars = written.kind.message().is_none() && read.kind.message().is_none();
    if singular
        && (scalars || is_unwrapped(pair, written, read) || is_nothing_when_empty(pair, written, read))
    {
        out.found.extend(zero(pair, written, read));
    }
    if singular && scalars {
        out.found.extend(default(pair, written, read));
    }
}

/// In JSON, a wrapper is the scalar that it wraps, or absent.
fn is_unwrapped(pair: &Pair<'_>, written: &Field, read: &Field) -> bool {
    let wrapper = matches!(Shape::of(pair.asked.writer, written.kind), Shape::Scalar(_));
    pair.asked.encoding == Encoding::Json && wrapper && read.kind.message().is_none()
}

/// An empty message that is read as bytes is no bytes, and an empty field mask is no text.
fn is_nothing_when_empty(pair: &Pair<'_>, written: &Field, read: &Field) -> bool {
    let Some(of) = written.kind.message().map(|id| pair.asked.writer.message_at(id)) else { return false };
    match pair.asked.encoding {
        Encoding::Binary => {
            read.kind == FieldKind::Bytes
                && of.fields.iter().all(|field| field.presence != Presence::Required)
        }
        Encoding::Json => {
            read.kind == FieldKind::String && Shape::of(pair.asked.writer, written.kind) == Shape::FieldMask
        }
    }
}

/// The reader insists on what the writer may leave out.
fn required<'a>(written: &'a Field, read: &'a Field) -> Option<Raw<'a>> {
    if read.presence != Presence::Required || written.presence == Presence::Required {
        return None;
    }
    let when = match (written.cardinality, written.presence) {
        (Cardinality::Singular, Presence::Implicit) => "where it is zero, which is not written",
        (Cardinality::Singular, _) => "where it is not set",
        _ => "where it is empty",
    };
    let name = &written.name;
    let raw = Raw::of("field-required", Level::Breaking, Some(written), Some(read))
        .when(when)
        .shown(Vec::new())
        .outcome(missing(read))
        .says(
            format!("`{name}` is required by the reader, and the writer may leave it out"),
            format!("do not require `{name}`"),
        );
    Some(raw)
}

/// An entry of a map has a value even where a message that is read as one does not: an empty one, which may miss
/// something.
pub(crate) fn left_out<'a>(pair: &Pair<'a>, written: Option<&'a Field>, read: &'a Field) -> Option<Raw<'a>> {
    let may_miss = written.is_none_or(|written| written.presence != Presence::Required);
    let value = read.kind.message().map(|id| pair.asked.reader.message_at(id))?;
    if pair.writer.map_entry || !pair.reader.map_entry || !may_miss {
        return None;
    }
    let missed = value.fields.iter().find(|field| field.presence == Presence::Required)?;
    let raw = Raw::of("field-required", Level::Breaking, written, Some(read))
        .when("for an element without a value")
        .shown(Vec::new())
        .outcome(missing(missed))
        .says(
            format!(
                "an element without a value is read as an entry with an empty {}, whose `{}` is required",
                value.name, missed.name
            ),
            format!("do not require `{}`", missed.name),
        );
    Some(raw)
}

/// What a reader says where something required is missing.
pub(crate) fn missing(read: &Field) -> String {
    format!("refused: the required field `{}` is missing", read.name)
}

/// The reader cannot tell zero from nothing.
fn zero<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Option<Raw<'a>> {
    if written.presence != Presence::Explicit || read.presence != Presence::Implicit {
        return None;
    }
    if let FieldKind::Enum(id) = written.kind
        && !pair.asked.writer.enum_at(id).has(0)
    {
        return None;
    }
    let name = &written.name;
    let raw = Raw::of("field-presence", Level::Lossy, Some(written), Some(read))
        .when("for a zero that is set")
        .shown(vec![(written, value::zero(pair.asked.writer, written.kind))])
        .outcome(format!("`{name}` as if it were not set"))
        .says(
            format!("the writer tells a `{name}` of zero from none, and the reader does not"),
            format!("declare `{name}` as `optional` on both sides"),
        );
    Some(raw)
}

/// What stands for nothing is something else.
#[allow(clippy::cast_possible_truncation, reason = "what a float cannot be is no default of a whole number")]
fn default<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field) -> Option<Raw<'a>> {
    if written.presence == Presence::Required {
        return None;
    }
    let (meant, got) = (unset(pair.asked.writer, written), unset(pair.asked.reader, read));
    let same = match (&meant, &got) {
        (Value::Double(one), Value::Double(other)) => one.to_bits() == other.to_bits(),
        (Value::Text(one), Value::Bytes(other)) | (Value::Bytes(other), Value::Text(one)) => {
            one.as_bytes() == other.as_slice()
        }
        (Value::Number(whole), Value::Double(float)) | (Value::Double(float), Value::Number(whole)) => {
            float.fract() == 0.0 && *float as i128 == *whole
        }
        (Value::Number(one), Value::Number(other)) => {
            one == other || is_same_name(pair, (written, *one), (read, *other))
        }
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Bytes(one), Value::Bytes(other)) => one == other,
        _ => true,
    };
    if same {
        return None;
    }
    let name = &written.name;
    let meant = text::scalar(pair.asked.writer, written.kind, &meant);
    let got = text::scalar(pair.asked.reader, read.kind, &got);
    let raw = Raw::of("field-default", Level::Lossy, Some(written), Some(read))
        .when("where it is not written")
        .shown(Vec::new())
        .outcome(format!("`{name}` as {got}, where {meant} was meant"))
        .says(
            format!("an absent `{name}` means {meant} to the writer and {got} to the reader"),
            format!("keep the default of `{name}`"),
        );
    Some(raw)
}

/// Whether two numbers are one value of two enums, by its name.
fn is_same_name(pair: &Pair<'_>, (written, one): (&Field, i128), (read, other): (&Field, i128)) -> bool {
    let (FieldKind::Enum(from), FieldKind::Enum(to)) = (written.kind, read.kind) else { return false };
    let (from, to) = (pair.asked.writer.enum_at(from), pair.asked.reader.enum_at(to));
    let meant = from.values.iter().filter(|value| i128::from(value.number) == one);
    let got = to.values.iter().filter(|value| i128::from(value.number) == other);
    let names: Vec<_> = got.map(|value| &value.name).collect();
    meant.take(MAX_ALIASES).any(|value| names.contains(&&value.name))
}

/// What an absent field stands for.
pub(crate) fn unset<'a>(schema: &'a Schema, field: &'a Field) -> Value<'a> {
    match &field.default {
        Some(default) => declare::value_of(default),
        None => value::zero(schema, field.kind),
    }
}

/// What the reader sees of a field that is never written.
pub(crate) fn absent(pair: &Pair<'_>, read: &Field) -> String {
    let name = &read.name;
    match (read.cardinality, read.kind.message()) {
        (Cardinality::List, _) => format!("`{name}` as an empty list"),
        (Cardinality::Map, _) => format!("`{name}` as an empty map"),
        (_, Some(_)) => format!("`{name}` as not set"),
        _ => {
            let value = text::scalar(pair.asked.reader, read.kind, &unset(pair.asked.reader, read));
            format!("`{name}` as {value}")
        }
    }
}

/// How JSON readers speak of what they do not know.
pub(crate) fn unknown_key(pair: &Pair<'_>, key: &str) -> String {
    match (pair.asked.encoding, pair.asked.lenient) {
        (Encoding::Json, false) => format!("refused: the field \"{key}\" is unknown"),
        _ => format!("`{key}` is passed over"),
    }
}
