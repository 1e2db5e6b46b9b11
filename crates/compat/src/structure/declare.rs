//! Declarations, as the source has them.

use crate::{example::text, example::value::Value, finding::Declaration};
use contract::{
    Origin,
    schema::{
        Cardinality, DefaultValue, Enum, EnumValue, Field, FieldKind, Message, Oneof, Place, Presence, Schema,
    },
};

/// What is declared.
#[derive(Clone, Copy)]
pub(crate) enum Declared<'a> {
    Nothing,
    Field(&'a Field),
    Message(&'a Message),
    Oneof(&'a Oneof),
    Enum(&'a Enum),
    Value(&'a Enum, &'a EnumValue),
}

impl Declared<'_> {
    /// With its place in `schema`.
    pub(crate) fn explain(self, schema: &Schema) -> Declaration {
        let at = |place: &Place| schema.origin(place, &[]);
        let (text, origin) = match self {
            Self::Nothing => (String::new(), Origin::Default),
            Self::Field(field) => (self::field(schema, field), at(&field.place)),
            Self::Message(message) => (format!("message {}", message.name), at(&message.place)),
            Self::Oneof(oneof) => (format!("oneof {}", oneof.name), at(&oneof.place)),
            Self::Enum(of) => (format!("enum {}", of.name), at(&of.place)),
            Self::Value(of, value) => {
                (format!("{} = {} in enum {}", value.name, value.number, of.name), at(&value.place))
            }
        };
        Declaration { text, origin }
    }
}

/// "repeated int64 units = 2".
fn field(schema: &Schema, field: &Field) -> String {
    let singular = field.cardinality == Cardinality::Singular;
    let label = match field.presence {
        _ if field.cardinality == Cardinality::List => "repeated ",
        Presence::Required => "required ",
        Presence::Explicit
            if singular && field.oneof.is_none() && (field.extension || field.kind.message().is_none()) =>
        {
            "optional "
        }
        _ => "",
    };
    let mut options = Vec::new();
    if let Some(default) = &field.default {
        let shown = text::scalar(schema, field.kind, &value_of(default));
        if !matches!(default, DefaultValue::Enum(_)) || field.presence != Presence::Implicit {
            options.push(format!("default = {shown}"));
        }
    }
    if field.json_name != derived(&field.name) && !field.extension {
        options.push(format!("json_name = \"{}\"", field.json_name));
    }
    let options = if options.is_empty() { String::new() } else { format!(" [{}]", options.join(", ")) };
    let of_oneof = if field.oneof.is_some() { " in a oneof" } else { "" };
    let name = if field.extension { format!("({})", field.name) } else { field.name.clone() };
    format!("{label}{} {name} = {}{options}{of_oneof}", type_of(schema, field), field.number)
}

/// "int64", "shop.v1.Price", "map<string, int32>".
pub(crate) fn type_of(schema: &Schema, field: &Field) -> String {
    if field.cardinality == Cardinality::Map
        && let Some(entry) = field.kind.message().map(|id| schema.message_at(id))
        && let (Some(key), Some(value)) = (entry.field(1), entry.field(2))
    {
        return format!("map<{}, {}>", kind_name(schema, key.kind), kind_name(schema, value.kind));
    }
    kind_name(schema, field.kind)
}

/// "int64", "shop.v1.Price".
pub(crate) fn kind_name(schema: &Schema, kind: FieldKind) -> String {
    let name = match kind {
        FieldKind::Double => "double",
        FieldKind::Float => "float",
        FieldKind::Int64 => "int64",
        FieldKind::Uint64 => "uint64",
        FieldKind::Int32 => "int32",
        FieldKind::Fixed64 => "fixed64",
        FieldKind::Fixed32 => "fixed32",
        FieldKind::Bool => "bool",
        FieldKind::String => "string",
        FieldKind::Group(id) => return format!("group {}", schema.message_at(id).name),
        FieldKind::Message(id) => return schema.message_at(id).name.clone(),
        FieldKind::Bytes => "bytes",
        FieldKind::Uint32 => "uint32",
        FieldKind::Enum(id) => return schema.enum_at(id).name.clone(),
        FieldKind::Sfixed32 => "sfixed32",
        FieldKind::Sfixed64 => "sfixed64",
        FieldKind::Sint32 => "sint32",
        FieldKind::Sint64 => "sint64",
    };
    name.to_owned()
}

/// A default as a value.
pub(crate) fn value_of(default: &DefaultValue) -> Value<'static> {
    match default {
        DefaultValue::Bool(value) => Value::Number((*value).into()),
        DefaultValue::Int(value) => Value::Number((*value).into()),
        DefaultValue::Uint(value) => Value::Number((*value).into()),
        DefaultValue::Enum(value) => Value::Number((*value).into()),
        DefaultValue::Double(value) => Value::Double(*value),
        DefaultValue::String(value) => Value::Text(value.clone()),
        DefaultValue::Bytes(value) => Value::Bytes(value.clone()),
    }
}

/// The JSON name that a field has by its name.
fn derived(name: &str) -> String {
    let mut upper = false;
    let mut json = String::with_capacity(name.len());
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else {
            json.push(if upper { c.to_ascii_uppercase() } else { c });
            upper = false;
        }
    }
    json
}
