//! What it means that a field is not set.

use super::{
    declare, default,
    raw::{Out, Pair, Raw},
    well_known::{self, Shape},
};
use crate::{
    example::{
        text,
        value::{self, Value},
    },
    level::{Encoding, Level},
};
use contract::schema::{Cardinality, Field, FieldKind, Presence, Schema};

/// Of a field that both sides have, whose values go together.
pub(crate) fn compare<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field, out: &mut Out<'a>) {
    if pair.of_map() {
        of_entry(pair, written, read, out);
        return;
    }
    out.found.extend(required(written, read));
    let scalars = is_scalar(pair, written, read);
    if written.cardinality != Cardinality::Singular {
        return;
    }
    if read.cardinality != Cardinality::Singular {
        out.found.extend(default::lost(pair, written, read).filter(|_| scalars));
        return;
    }
    let wrapper = written.kind.message().is_some();
    let kept = scalars && (!wrapper || read.kind.message().is_none());
    if kept || is_nothing_when_empty(pair, written, read) {
        out.found.extend(zero(pair, written, read, out));
    }
    if scalars {
        out.found.extend(default::compare(pair, written, read, out));
    } else if !wrapper {
        // A scalar that is read as a message: nobody knows there what it means where it is not written.
        out.found.extend(default::lost(pair, written, read));
    }
}

/// Of a part of an entry of a map, or of what is read as one.
fn of_entry<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field, out: &mut Out<'a>) {
    match (pair.writer.map_entry, pair.reader.map_entry) {
        (true, false) => out.found.extend(default::entry(pair, written, read)),
        (false, true) if is_scalar(pair, written, read) => {
            out.found.extend(default::compare(pair, written, read, out));
        }
        _ => {}
    }
}

/// Of a field that is a list to one side and not to the other, and is read all the same.
pub(crate) fn of_other_form<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field, out: &mut Out<'a>) {
    out.found.extend(required(written, read));
    let lost = written.cardinality == Cardinality::Singular && read.cardinality != Cardinality::Singular;
    let of = written.kind.message().map(|id| pair.asked.writer.message_at(id));
    if lost && of.is_some_and(|of| of.fields.iter().all(|field| field.cardinality != Cardinality::Singular)) {
        out.found.extend(lost_zero(
            (written, value::zero(pair.asked.writer, written.kind)),
            read,
            "an empty one",
        ));
    }
}

/// Whether the writer leaves zero out.
pub(crate) fn is_silent(pair: &Pair<'_>, written: &Field) -> bool {
    written.presence == Presence::Implicit
        && written.cardinality == Cardinality::Singular
        && !pair.writer.map_entry
}

/// Whether a value that the reader passes over leaves a message that it refuses.
pub(crate) fn is_needed(read: &Field) -> bool {
    read.presence == Presence::Required && read.cardinality == Cardinality::Singular
}

/// Whether the reader takes zero and nothing for the same.
pub(crate) fn is_blind(read: &Field) -> bool {
    read.presence == Presence::Implicit && read.cardinality == Cardinality::Singular
}

/// Neither is a message; in JSON, a wrapper is the scalar that it wraps.
fn is_scalar(pair: &Pair<'_>, written: &Field, read: &Field) -> bool {
    let json = pair.asked.encoding == Encoding::Json;
    let scalar = |schema: &Schema, kind: FieldKind| {
        kind.message().is_none() || json && matches!(Shape::of(schema, kind), Shape::Scalar(_))
    };
    scalar(pair.asked.writer, written.kind) && scalar(pair.asked.reader, read.kind)
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
fn zero<'a>(pair: &Pair<'a>, written: &'a Field, read: &'a Field, out: &Out<'a>) -> Option<Raw<'a>> {
    if written.presence != Presence::Explicit || read.presence != Presence::Implicit {
        return None;
    }
    let zero = value::zero(pair.asked.writer, written.kind);
    let zero = match (written.kind, read.kind) {
        (FieldKind::Enum(one), FieldKind::Enum(other)) => {
            // Nulls are not compared: zero is all that they are.
            match out.enums.get(&(one, other)) {
                Some(diff) => Value::Number(diff.zero?.into()),
                None => zero,
            }
        }
        (FieldKind::Enum(id), _) if !pair.asked.writer.enum_at(id).has(0) => return None,
        _ if pair.asked.encoding == Encoding::Binary => zero,
        _ => Some(zero).filter(|_| well_known::keeps_zero(&pair.asked, written.kind, read.kind))?,
    };
    lost_zero((written, zero), read, "a zero")
}

/// What is set and empty, or zero, is as good as not set to the reader.
fn lost_zero<'a>((written, zero): (&'a Field, Value<'a>), read: &'a Field, what: &str) -> Option<Raw<'a>> {
    if written.presence != Presence::Explicit {
        return None;
    }
    let name = &written.name;
    let raw = Raw::of("field-presence", Level::Lossy, Some(written), Some(read))
        .when(format!("for {what} that is set"))
        .shown(vec![(written, zero)])
        .outcome(format!("`{name}` as if it were not set"))
        .says(
            format!("the writer tells a `{name}` of zero from none, and the reader does not"),
            format!("declare `{name}` as `optional` on both sides"),
        );
    Some(raw)
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
