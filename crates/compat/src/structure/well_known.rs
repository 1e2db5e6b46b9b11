//! What a value looks like in JSON, where some messages of `google.protobuf` have a form of their own
//! (<https://protobuf.dev/programming-guides/json/>).

use super::{
    form::Form,
    json_scalar::some,
    raw::Question,
    scalar::{Change, Relation},
};
use crate::{
    example::{
        json,
        value::{self, Value},
    },
    level::Level,
};
use contract::schema::{Cardinality, Field, FieldKind, MessageId, Schema};

/// The form of a value in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A scalar, a wrapper of one, or an enum.
    Scalar(FieldKind),
    /// `google.protobuf.NullValue`: always null.
    Null,
    /// An object with the message's fields.
    Object(MessageId),
    /// "2026-11-21T12:00:00Z".
    Timestamp,
    /// "1.5s".
    Duration,
    /// "a.b,c".
    FieldMask,
    /// An object with "@type".
    Any,
    /// Any object.
    Struct,
    /// Any value.
    Value,
    /// Any list.
    ListValue,
}

impl Shape {
    /// Of one value of a field.
    pub(crate) fn of(schema: &Schema, kind: FieldKind) -> Self {
        match kind {
            FieldKind::Enum(id) if schema.enum_at(id).name == "google.protobuf.NullValue" => Self::Null,
            FieldKind::Group(id) | FieldKind::Message(id) => Self::of_message(schema, id),
            kind => Self::Scalar(kind),
        }
    }

    fn of_message(schema: &Schema, id: MessageId) -> Self {
        let message = schema.message_at(id);
        let Some(name) = message.name.strip_prefix("google.protobuf.") else { return Self::Object(id) };
        match name {
            "Timestamp" => Self::Timestamp,
            "Duration" => Self::Duration,
            "FieldMask" => Self::FieldMask,
            "Any" => Self::Any,
            "Struct" => Self::Struct,
            "Value" => Self::Value,
            "ListValue" => Self::ListValue,
            "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value"
            | "BoolValue" | "StringValue" | "BytesValue" => {
                message.field(1).map_or(Self::Object(id), |field| Self::Scalar(field.kind))
            }
            _ => Self::Object(id),
        }
    }

    /// Whether its JSON is a string that people read.
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Timestamp | Self::Duration | Self::FieldMask)
    }

    /// For people.
    pub(crate) const fn describe(self) -> &'static str {
        match self {
            Self::Scalar(_) => "a scalar",
            Self::Null => "null",
            Self::Object(_) => "an object",
            Self::Timestamp => "a timestamp",
            Self::Duration => "a duration",
            Self::FieldMask => "a field mask",
            Self::Any => "an object with \"@type\"",
            Self::Struct => "any object",
            Self::Value => "any value",
            Self::ListValue => "any list",
        }
    }
}

/// Of the fields of a message, so many are looked at for one that shows something.
const LOOKED_AT: usize = 50;

/// A key that no field has.
pub(crate) const NO_FIELD: &str = "~";

/// A `google.protobuf.Value` that the reader does not take: true, or where it takes that a text; for enums, which
/// some runtimes also read from what is true or a text, a list.
pub(crate) fn unlike<'a>(asked: &Question<'a>, kind: FieldKind, read: Shape) -> Value<'a> {
    let one = match read {
        Shape::Scalar(FieldKind::Bool) => of_value(asked, kind, 3, Value::Text(NO_FIELD.to_owned())),
        Shape::Scalar(FieldKind::Enum(_)) | Shape::Null => {
            let list = asked.writer.message_id("google.protobuf.ListValue");
            list.and_then(|id| of_value(asked, kind, 6, value::zero(asked.writer, FieldKind::Message(id))))
        }
        _ => None,
    };
    one.unwrap_or_else(|| value::plain(asked.writer, kind))
}

/// A `google.protobuf.Value` with one of its fields set.
fn of_value<'a>(asked: &Question<'a>, kind: FieldKind, number: u32, inner: Value<'a>) -> Option<Value<'a>> {
    let of = kind.message().map(|id| asked.writer.message_at(id))?;
    Some(Value::Message(value::complete(asked.writer, of, vec![(of.field(number)?, inner)])))
}

/// The kind of the values in a Struct.
fn inner(asked: &Question<'_>, kind: FieldKind) -> Option<FieldKind> {
    let of = kind.message().map(|id| asked.writer.message_at(id))?;
    let entry = of.field(1)?.kind.message().map(|id| asked.writer.message_at(id))?;
    Some(entry.field(2)?.kind)
}

/// True, as it is in a Struct.
pub(crate) fn of_bool<'a>(asked: &Question<'a>, kind: FieldKind) -> Option<Value<'a>> {
    Some(value::plain(asked.writer, inner(asked, kind)?))
}

/// A Struct of one key that no field has.
pub(crate) fn in_struct<'a>(asked: &Question<'a>, kind: FieldKind, value: Value<'a>) -> Option<Value<'a>> {
    with_key(asked, kind, NO_FIELD, value)
}

fn with_key<'a>(asked: &Question<'a>, kind: FieldKind, key: &str, value: Value<'a>) -> Option<Value<'a>> {
    let of = kind.message().map(|id| asked.writer.message_at(id))?;
    let fields = of.field(1)?;
    let entry = fields.kind.message().map(|id| asked.writer.message_at(id))?;
    let parts = vec![(entry.field(1)?, Value::Text(key.to_owned())), (entry.field(2)?, value)];
    let entry = Value::Message(value::complete(asked.writer, entry, parts));
    Some(Value::Message(value::complete(asked.writer, of, vec![(fields, Value::List(vec![entry]))])))
}

/// A Struct whose value is not what a map takes for one.
pub(crate) fn struct_unlike<'a>(
    asked: &Question<'a>,
    kind: FieldKind,
    value: FieldKind,
) -> Option<Value<'a>> {
    let inner = unlike(asked, inner(asked, kind)?, Shape::of(asked.reader, value));
    in_struct(asked, kind, inner)
}

/// A ListValue whose element is not what a list takes for one.
pub(crate) fn list_unlike<'a>(
    asked: &Question<'a>,
    kind: FieldKind,
    element: FieldKind,
) -> Option<Value<'a>> {
    let of = kind.message().map(|id| asked.writer.message_at(id))?;
    let values = of.field(1)?;
    let inner = unlike(asked, values.kind, Shape::of(asked.reader, element));
    Some(Value::Message(value::complete(asked.writer, of, vec![(values, Value::List(vec![inner]))])))
}

/// A Struct, read as an ordinary message: its keys need not be fields, and their values need not be of their
/// types.
pub(crate) fn as_object<'a>(asked: &Question<'a>, kind: FieldKind, of: MessageId) -> Relation<'a> {
    const KEYS: &str = "for keys that are no fields";
    let unknown = of_bool(asked, kind).and_then(|inner| in_struct(asked, kind, inner));
    let unknown = unknown.unwrap_or_else(|| value::plain(asked.writer, kind));
    if !asked.lenient {
        return some(KEYS, unknown);
    }
    let mut fields = asked.reader.message_at(of).fields.iter().take(LOOKED_AT);
    let sample = fields.find_map(|field| {
        let inner = unlike_field(asked, inner(asked, kind)?, field)?;
        with_key(asked, kind, &json::key(field), inner)
    });
    match sample {
        Some(sample) => some("for values of another form", sample),
        None => Relation::Change(Change {
            rule: "json-form",
            level: Level::Lossy,
            when: Some(KEYS.to_owned()),
            outcome: Some(format!("\"{NO_FIELD}\" is passed over")),
            sample: unknown,
        }),
    }
}

/// A Value that a field does not take.
fn unlike_field<'a>(asked: &Question<'a>, kind: FieldKind, field: &Field) -> Option<Value<'a>> {
    match (field.cardinality, Shape::of(asked.reader, field.kind)) {
        (Cardinality::Singular, Shape::Value) => None,
        (Cardinality::Singular, shape) => Some(unlike(asked, kind, shape)),
        _ => Some(value::plain(asked.writer, kind)),
    }
}

/// A field of a message whose JSON is no value of a map from text, and something to show it.
pub(crate) fn no_value_of_map<'a>(
    asked: &Question<'a>,
    fields: &'a [Field],
    value_of: FieldKind,
) -> Option<(&'a Field, Value<'a>)> {
    let to = Shape::of(asked.reader, value_of);
    fields.iter().take(LOOKED_AT).find_map(|field| {
        let free = match field.cardinality {
            Cardinality::Singular => false,
            Cardinality::List => matches!(to, Shape::Value | Shape::ListValue),
            Cardinality::Map => matches!(to, Shape::Value | Shape::Struct | Shape::Object(_)),
        };
        if free {
            return None;
        }
        if field.cardinality != Cardinality::Singular {
            return Some((field, value::once(asked.writer, field)));
        }
        match super::json_scalar::relation(asked, field.kind, value_of) {
            Relation::Change(change) if change.level == Level::Breaking => Some((field, change.sample)),
            Relation::Changes(changes) => {
                let breaking = changes.into_iter().find(|change| change.level == Level::Breaking)?;
                Some((field, breaking.sample))
            }
            _ => None,
        }
    })
}

/// Whether zero in JSON is zero to the reader, too: not where it becomes text, or comes of it.
pub(crate) fn keeps_zero(asked: &Question<'_>, written: FieldKind, read: FieldKind) -> bool {
    match (Shape::of(asked.writer, written), Shape::of(asked.reader, read)) {
        (Shape::Scalar(one), Shape::Scalar(other)) => {
            let is_text = |kind: FieldKind| matches!(Form::of(kind), Form::Text | Form::Base64);
            is_text(one) == is_text(other)
        }
        _ => true,
    }
}
