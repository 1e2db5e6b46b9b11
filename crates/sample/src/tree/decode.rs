//! Bytes to trees.

use super::{Message, Slot, Value};
use contract::schema::{Cardinality, MessageId, Schema};
use std::collections::BTreeMap;
use validate::{
    value::{self, MessageValue, Parts, Source},
    wire::{MAX_DEPTH, Span},
};

/// What is set in an encoded message. Unknown fields and extensions are left out, and so is all that follows
/// where the bytes are malformed: whether they are sound is for [`validate::Program::examine`] to say.
pub fn decode(schema: &Schema, of: MessageId, bytes: &[u8]) -> Message {
    let span = Span::whole(bytes).unwrap_or_default();
    of_view(&MessageValue::new(Source { schema, bytes }, of, Parts::One(span)), 0)
}

fn of_view(view: &MessageValue<'_>, depth: u32) -> Message {
    let of = view.descriptor();
    let mut fields = BTreeMap::new();
    if depth > MAX_DEPTH {
        return Message { of: of.id, fields };
    }
    for field in &of.fields {
        if field.cardinality == Cardinality::Singular && !view.has(field) {
            continue;
        }
        let slot = match view.field(field) {
            value::Value::List(list) => Slot::List(list.iter().map(|item| of_value(&item, depth)).collect()),
            value::Value::Map(map) => {
                let entries = map.entries();
                let entry = |(key, value)| (of_value(&key, depth), of_value(&value, depth));
                Slot::Map(entries.into_iter().map(entry).collect())
            }
            one => Slot::One(of_value(&one, depth)),
        };
        let empty = match &slot {
            Slot::One(_) => false,
            Slot::List(values) => values.is_empty(),
            Slot::Map(entries) => entries.is_empty(),
        };
        if !empty {
            fields.insert(field.number, slot);
        }
    }
    Message { of: of.id, fields }
}

fn of_value(value: &value::Value<'_>, depth: u32) -> Value {
    match value {
        value::Value::Bool(value) => Value::Bool(*value),
        value::Value::Int(value) => Value::Int(*value),
        value::Value::Uint(value) => Value::Uint(*value),
        value::Value::Double(value) => Value::Double(*value),
        value::Value::String(text) => Value::String(text.to_string()),
        value::Value::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        value::Value::Enum(_, number) => Value::Enum(*number),
        value::Value::Message(view) => Value::Message(of_view(view, depth + 1)),
        // A list of lists is nothing that protobuf has.
        value::Value::List(_) | value::Value::Map(_) => Value::Bool(false),
    }
}
