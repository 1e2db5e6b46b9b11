//! The types of CEL, as far as they are known before there is a value.

use crate::value::Type;
use contract::schema::{Field, FieldKind, MessageId, Schema};
use std::sync::Arc;

/// What an expression evaluates to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    /// Anything: only the value will tell.
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    /// A type as a value: `int`, `type(x)`.
    Type,
    List(Arc<Ty>),
    Map(Arc<(Ty, Ty)>),
    Message(MessageId),
    /// `google.protobuf.Int32Value` and its like: the scalar, or null.
    Wrapper(Arc<Ty>),
}

impl Ty {
    pub(super) fn list(item: Self) -> Self {
        Self::List(Arc::new(item))
    }

    pub(super) fn map(key: Self, value: Self) -> Self {
        Self::Map(Arc::new((key, value)))
    }

    /// Of what a rule may be written for.
    pub(super) fn of(schema: &Schema, this: Type) -> Self {
        match this {
            Type::One(kind) => Self::of_kind(schema, kind),
            Type::List(kind) => Self::list(Self::of_kind(schema, kind)),
            Type::Map(entry) => Self::of_entry(schema, entry),
        }
    }

    /// Of the same without what is in lists and maps: what a predefined rule may know, which is written once
    /// for fields of many types.
    pub(super) fn of_any_item(schema: &Schema, this: Type) -> Self {
        match this {
            Type::One(kind) => Self::of_kind(schema, kind),
            Type::List(_) => Self::list(Self::Dyn),
            Type::Map(_) => Self::map(Self::Dyn, Self::Dyn),
        }
    }

    /// Of a field as a whole.
    pub(super) fn of_field(schema: &Schema, field: &Field) -> Self {
        Self::of(schema, Type::of(field))
    }

    fn of_entry(schema: &Schema, entry: MessageId) -> Self {
        let entry = schema.message_at(entry);
        let kind = |number| entry.field(number).map_or(Self::Dyn, |field| Self::of_kind(schema, field.kind));
        Self::map(kind(1), kind(2))
    }

    fn of_kind(schema: &Schema, kind: FieldKind) -> Self {
        match kind {
            FieldKind::Double | FieldKind::Float => Self::Double,
            FieldKind::Bool => Self::Bool,
            FieldKind::String => Self::String,
            FieldKind::Bytes => Self::Bytes,
            FieldKind::Uint64 | FieldKind::Uint32 | FieldKind::Fixed64 | FieldKind::Fixed32 => Self::Uint,
            FieldKind::Group(id) | FieldKind::Message(id) => Self::of_message(schema, id),
            _ => Self::Int,
        }
    }

    /// Of a message: well-known types are values of CEL's own.
    pub(super) fn of_message(schema: &Schema, id: MessageId) -> Self {
        let wrapper = |scalar| Self::Wrapper(Arc::new(scalar));
        let name = schema.message_at(id).name.as_str();
        let Some(name) = name.strip_prefix("google.protobuf.") else { return Self::Message(id) };
        match name {
            "Any" | "Value" => Self::Dyn,
            "Duration" => Self::Duration,
            "Timestamp" => Self::Timestamp,
            "Struct" => Self::map(Self::String, Self::Dyn),
            "ListValue" => Self::list(Self::Dyn),
            "BoolValue" => wrapper(Self::Bool),
            "BytesValue" => wrapper(Self::Bytes),
            "DoubleValue" | "FloatValue" => wrapper(Self::Double),
            "Int32Value" | "Int64Value" => wrapper(Self::Int),
            "StringValue" => wrapper(Self::String),
            "UInt32Value" | "UInt64Value" => wrapper(Self::Uint),
            _ => Self::Message(id),
        }
    }

    /// Without the null of a wrapper.
    pub(super) fn unwrapped(&self) -> &Self {
        match self {
            Self::Wrapper(scalar) => scalar,
            other => other,
        }
    }

    /// Whether a value of the one type may stand where the other is wanted. `dyn` fits everything, either way.
    pub(super) fn fits(&self, other: &Self) -> bool {
        match (self.unwrapped(), other.unwrapped()) {
            (Self::Dyn, _) | (_, Self::Dyn) => true,
            (Self::Null, Self::Null) => true,
            (Self::Null, _) => other.is_nullable(),
            (_, Self::Null) => self.is_nullable(),
            (Self::List(a), Self::List(b)) => a.fits(b),
            (Self::Map(a), Self::Map(b)) => a.0.fits(&b.0) && a.1.fits(&b.1),
            (a, b) => a == b,
        }
    }

    fn is_nullable(&self) -> bool {
        matches!(self, Self::Wrapper(_) | Self::Message(_) | Self::Duration | Self::Timestamp)
    }

    /// The type of what is of the one or the other type; `dyn` where they have nothing in common.
    pub(super) fn join(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Null, b) if b.is_nullable() => b,
            (a, Self::Null) if a.is_nullable() => a,
            (Self::List(a), Self::List(b)) => Self::list((*a).clone().join((*b).clone())),
            (Self::Map(a), Self::Map(b)) => {
                Self::map(a.0.clone().join(b.0.clone()), a.1.clone().join(b.1.clone()))
            }
            (Self::Wrapper(a), b) | (b, Self::Wrapper(a)) if *a == b => Self::Wrapper(a),
            _ => Self::Dyn,
        }
    }

    /// As CEL's own messages write it.
    pub(super) fn name(&self, schema: &Schema) -> String {
        match self {
            Self::Dyn => "dyn".into(),
            Self::Null => "null".into(),
            Self::Bool => "bool".into(),
            Self::Int => "int".into(),
            Self::Uint => "uint".into(),
            Self::Double => "double".into(),
            Self::String => "string".into(),
            Self::Bytes => "bytes".into(),
            Self::Duration => "duration".into(),
            Self::Timestamp => "timestamp".into(),
            Self::Type => "type".into(),
            Self::List(item) => format!("list({})", item.name(schema)),
            Self::Map(entry) => format!("map({}, {})", entry.0.name(schema), entry.1.name(schema)),
            Self::Message(id) => schema.message_at(*id).name.clone(),
            Self::Wrapper(scalar) => format!("wrapper({})", scalar.name(schema)),
        }
    }
}
