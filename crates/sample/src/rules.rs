//! The rules of `buf.validate` that options carry, as messages like any other.
//!
//! What they mean is for [`validate::Program`] to say; here they are read for hints, and for whoever wants to
//! show them.

use crate::tree::{self, Message};
use contract::schema::{self, Schema};
use validate::wire::{Raw, Reader, Span};

/// The extension of `google.protobuf.{Message,Oneof,Field}Options` that carries rules.
pub(crate) const RULES: u32 = 1159;
/// Stands for every number.
pub(crate) const ANY: u32 = 0;

/// The `buf.validate.FieldRules` of a field.
pub fn of_field(schema: &Schema, field: &schema::Field) -> Option<Message> {
    read(schema, &field.options, "buf.validate.FieldRules")
}

/// The `buf.validate.MessageRules` of a message.
pub fn of_message(schema: &Schema, message: &schema::Message) -> Option<Message> {
    read(schema, &message.options, "buf.validate.MessageRules")
}

/// The `buf.validate.OneofRules` of a oneof.
pub fn of_oneof(schema: &Schema, oneof: &schema::Oneof) -> Option<Message> {
    read(schema, &oneof.options, "buf.validate.OneofRules")
}

/// Nothing where the schema does not know the vocabulary: then nobody can have used it.
fn read(schema: &Schema, options: &[u8], type_name: &str) -> Option<Message> {
    let id = schema.message_id(type_name)?;
    let mut merged: Option<Vec<u8>> = None;
    for (_, rules) in stretches(options, RULES) {
        merged.get_or_insert_default().extend_from_slice(rules);
    }
    Some(tree::decode(schema, id, &merged?))
}

/// The length-delimited records of this number, with their numbers.
pub(crate) fn stretches(bytes: &[u8], number: u32) -> impl Iterator<Item = (u32, &[u8])> {
    let mut reader = Reader::new(bytes, Span::whole(bytes).unwrap_or_default(), 0);
    let records = std::iter::from_fn(move || reader.record().ok().flatten());
    records.filter_map(move |(found, raw)| match raw {
        Raw::Bytes(span) if number == ANY || number == found => Some((found, span.of(bytes))),
        _ => None,
    })
}

/// Whether a bool of this name is set to true in the options of a field, at this number.
pub(crate) fn flag(options: &[u8], number: u32) -> bool {
    numbers(options, number).last().is_some_and(|value| *value != 0)
}

/// The varints of this number in encoded options, packed or not.
pub(crate) fn numbers(options: &[u8], number: u32) -> Vec<u64> {
    let mut found = Vec::new();
    let Ok(span) = Span::whole(options) else { return found };
    let mut reader = Reader::new(options, span, 0);
    while let Ok(Some((at, raw))) = reader.record() {
        match raw {
            Raw::Varint(value) if at == number => found.push(value),
            Raw::Bytes(span) if at == number => {
                let mut run = Reader::new(options, span, 0);
                while run.position() < span.end {
                    let Ok(value) = run.varint() else { break };
                    found.push(value);
                }
            }
            _ => {}
        }
    }
    found
}
