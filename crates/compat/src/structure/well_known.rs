//! What a value looks like in JSON, where some messages of `google.protobuf` have a form of their own
//! (<https://protobuf.dev/programming-guides/json/>).

use contract::schema::{FieldKind, MessageId, Schema};

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
