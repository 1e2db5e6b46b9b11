//! What a message says, whatever runtime read it.

use prost_reflect::{DynamicMessage, MapKey, Value};
use serde_json::Value as Json;

/// A value without its type.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Number(i128),
    Float(f64),
    /// Text, or bytes.
    Bytes(Vec<u8>),
    /// What is set, by number; an entry of a map has 1 and 2.
    Message(Vec<(u32, Node)>),
    /// A map is its entries, in the order of their keys.
    List(Vec<Node>),
}

impl Node {
    /// As prost-reflect has it.
    pub fn of(message: &DynamicMessage) -> Self {
        let fields = message.fields().filter(|(field, _)| message.has_field(field));
        let mut fields: Vec<_> =
            fields.map(|(field, value)| (field.number(), Self::of_value(value))).collect();
        fields.extend(message.extensions().map(|(field, value)| (field.number(), Self::of_value(value))));
        fields.retain(|(_, value)| *value != Self::List(Vec::new()));
        fields.sort_by_key(|(number, _)| *number);
        Self::Message(fields)
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::Bool(value) => Self::Number((*value).into()),
            Value::I32(value) | Value::EnumNumber(value) => Self::Number((*value).into()),
            Value::I64(value) => Self::Number((*value).into()),
            Value::U32(value) => Self::Number((*value).into()),
            Value::U64(value) => Self::Number((*value).into()),
            Value::F32(value) => Self::Float((*value).into()),
            Value::F64(value) => Self::Float(*value),
            Value::String(text) => Self::Bytes(text.clone().into_bytes()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Value::Message(message) => Self::of(message),
            Value::List(values) => Self::List(values.iter().map(Self::of_value).collect()),
            Value::Map(entries) => {
                let entry = |(key, value): (&MapKey, &Value)| {
                    let key = Self::of_value(&Value::from(key.clone()));
                    Self::Message(vec![(1, key), (2, Self::of_value(value))])
                };
                let mut entries: Vec<_> = entries.iter().map(entry).collect();
                entries.sort_by_key(Self::key);
                Self::List(entries)
            }
        }
    }

    /// From `{"n": "7"}`, `{"f": "1.5"}`, `{"b": "ff00"}`, `{"m": [[1, …]]}`, `{"l": […]}`.
    pub fn parse(json: &Json) -> Self {
        let text = |json: &Json| json.as_str().expect("text").to_owned();
        let (key, value) = json.as_object().and_then(|object| object.iter().next()).expect("one key");
        let list = || value.as_array().expect("a list");
        match key.as_str() {
            "n" => Self::Number(text(value).parse().expect("a number")),
            "f" => Self::Float(text(value).parse().expect("a float")),
            "b" => {
                let text = text(value);
                let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
                Self::Bytes((0..text.len()).step_by(2).map(byte).collect())
            }
            "m" => {
                let field = |pair: &Json| (pair[0].as_u64().expect("a number") as u32, Self::parse(&pair[1]));
                let mut fields: Vec<_> = list().iter().map(field).collect();
                fields.sort_by_key(|(number, _)| *number);
                Self::Message(fields)
            }
            "e" => {
                let mut entries: Vec<_> = list().iter().map(Self::parse).collect();
                entries.sort_by_key(Self::key);
                Self::List(entries)
            }
            _ => Self::List(list().iter().map(Self::parse).collect()),
        }
    }

    /// What an entry of a map is found by; absent is zero.
    pub(super) fn key(&self) -> String {
        match self.field(1) {
            None | Some(Self::Number(0)) => String::new(),
            Some(Self::Bytes(text)) if text.is_empty() => String::new(),
            Some(key) => format!("{key:?}"),
        }
    }

    /// Of a message.
    pub fn field(&self, number: u32) -> Option<&Self> {
        let Self::Message(fields) = self else { return None };
        fields.iter().find(|(found, _)| *found == number).map(|(_, value)| value)
    }
}

impl Node {
    /// Of a value that stands for nothing.
    pub(super) fn of_default(value: &Value) -> Self {
        Self::of_value(value)
    }
}
