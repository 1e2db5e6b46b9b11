//! Where in a pair of messages something is.

use super::{
    differences::{Place, fields, reader_of},
    node::Node,
};
use prost_reflect::{Kind, MessageDescriptor};
use std::collections::BTreeSet;

/// All places at which a message has something set, those of entries included.
pub fn places(
    writer: &MessageDescriptor,
    written: &Node,
    reader: &MessageDescriptor,
    json: bool,
) -> BTreeSet<Place> {
    let mut found = BTreeSet::new();
    visit(writer, written, reader, json, &mut found);
    found
}

fn visit(
    writer: &MessageDescriptor,
    written: &Node,
    reader: &MessageDescriptor,
    json: bool,
    found: &mut BTreeSet<Place>,
) {
    let names = (writer.full_name().to_owned(), reader.full_name().to_owned());
    for field in fields(writer) {
        let Some(value) = written.field(field.number) else { continue };
        found.insert((names.0.clone(), names.1.clone(), field.number));
        let Some(to) = reader_of(&field, reader, json) else { continue };
        if let (Kind::Message(one), Kind::Message(other)) = (&field.kind, &to.kind) {
            let values = match value {
                Node::List(values) => values.as_slice(),
                value => std::slice::from_ref(value),
            };
            values.iter().for_each(|value| visit(one, value, other, json, found));
        }
    }
}

/// The place to which numbers lead: the writer's, and at the last step the reader's if need be.
pub fn place(
    writer: &MessageDescriptor,
    reader: &MessageDescriptor,
    numbers: &[u32],
    json: bool,
) -> Option<Place> {
    let (number, steps) = numbers.split_last()?;
    let (mut writer, mut reader) = (writer.clone(), reader.clone());
    for step in steps {
        let field = fields(&writer).into_iter().find(|field| field.number == *step)?;
        let to = reader_of(&field, &reader, json)?;
        let (Kind::Message(one), Kind::Message(other)) = (field.kind, to.kind) else { return None };
        (writer, reader) = (one, other);
    }
    Some((writer.full_name().to_owned(), reader.full_name().to_owned(), *number))
}
