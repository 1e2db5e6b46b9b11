//! Messages as trees, for whoever changes them; and their encoding.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::encode;

use contract::schema::{Field, MessageId, Schema};
use std::collections::BTreeMap;

/// A message: what is set in it, by field number.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its type.
    pub of: MessageId,
    /// What is set.
    pub fields: BTreeMap<u32, Slot>,
}

impl Message {
    /// One with nothing set.
    pub const fn empty(of: MessageId) -> Self {
        Self { of, fields: BTreeMap::new() }
    }

    /// What is set in the field of this name.
    pub fn slot(&self, schema: &Schema, name: &str) -> Option<&Slot> {
        let field = schema.message_at(self.of).field_named(name)?;
        self.fields.get(&field.number)
    }

    /// The one value of the field of this name.
    pub fn one(&self, schema: &Schema, name: &str) -> Option<&Value> {
        match self.slot(schema, name)? {
            Slot::One(value) => Some(value),
            Slot::List(_) | Slot::Map(_) => None,
        }
    }

    /// The message in the field of this name.
    pub fn message(&self, schema: &Schema, name: &str) -> Option<&Self> {
        match self.one(schema, name)? {
            Value::Message(message) => Some(message),
            _ => None,
        }
    }

    /// The values of the list of this name; none where it is no list.
    pub fn list(&self, schema: &Schema, name: &str) -> &[Value] {
        match self.slot(schema, name) {
            Some(Slot::List(values)) => values,
            _ => &[],
        }
    }

    /// Sets a field, in place of other members of its oneof.
    pub fn set(&mut self, schema: &Schema, field: &Field, slot: Slot) {
        if let Some(oneof) = field.oneof {
            let of = schema.message_at(self.of);
            self.fields.retain(|number, _| of.field(*number).is_none_or(|other| other.oneof != Some(oneof)));
        }
        self.fields.insert(field.number, slot);
    }
}

/// What is set in a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// One value.
    One(Value),
    /// A list.
    List(Vec<Value>),
    /// A map: keys, each once, and values.
    Map(Vec<(Value, Value)>),
}

/// A value of a field, item, key.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Value {
    Bool(bool),
    /// All signed integers.
    Int(i64),
    /// All unsigned integers.
    Uint(u64),
    /// `double`, and `float` without loss.
    Double(f64),
    String(String),
    Bytes(Vec<u8>),
    /// The number of an enum's value.
    Enum(i32),
    Message(Message),
}

impl Value {
    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// Any integer, or an enum's number.
    pub fn as_integer(&self) -> Option<i128> {
        match self {
            Self::Int(value) => Some((*value).into()),
            Self::Uint(value) => Some((*value).into()),
            Self::Enum(value) => Some((*value).into()),
            _ => None,
        }
    }

    /// Whether it is what stands for nothing where absence is no state of its own.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Bool(value) => !value,
            Self::Int(value) => *value == 0,
            Self::Uint(value) => *value == 0,
            Self::Double(value) => value.to_bits() == 0,
            Self::String(value) => value.is_empty(),
            Self::Bytes(value) => value.is_empty(),
            Self::Enum(value) => *value == 0,
            Self::Message(_) => false,
        }
    }
}
