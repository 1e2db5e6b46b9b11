//! What a reader requires and does not find in JSON.

use super::value::{Tree, Value};
use crate::structure::reader_of;
use contract::schema::{Cardinality, Field, Message, Presence, Schema};

/// The first required field of the reader's that a message does not have, however deep.
pub(crate) fn in_json<'a>(
    (writer, tree): (&Schema, &Tree<'_>),
    (reader, of): (&'a Schema, &'a Message),
) -> Option<&'a Field> {
    // What has a form of its own in JSON requires nothing.
    if [&tree.of.name, &of.name].iter().any(|name| name.starts_with("google.protobuf.")) {
        return None;
    }
    let fields = || of.fields.iter().chain(reader.extensions(&of.name));
    let found: Vec<_> = tree
        .fields
        .iter()
        .filter_map(|(field, value)| Some((reader_of(fields, field)?, *field, value)))
        .collect();
    let missed = of
        .fields
        .iter()
        .filter(|field| field.presence == Presence::Required)
        .find(|field| found.iter().all(|(read, ..)| read.number != field.number));
    let below = || {
        found.iter().find_map(|(read, field, value)| {
            let of = read.kind.message().map(|id| reader.message_at(id))?;
            trees(field, value).find_map(|tree| match (of.map_entry, tree.of.map_entry) {
                (false, false) => in_json((writer, tree), (reader, of)),
                (true, true) => {
                    let of = of.field(2)?.kind.message().map(|id| reader.message_at(id))?;
                    let (_, value) = tree.fields.iter().find(|(part, _)| part.number == 2)?;
                    let Value::Message(tree) = value else { return None };
                    in_json((writer, tree), (reader, of))
                }
                _ => None,
            })
        })
    };
    missed.or_else(below)
}

/// The messages in a value.
fn trees<'t, 'a>(field: &Field, value: &'t Value<'a>) -> impl Iterator<Item = &'t Tree<'a>> {
    let values = match (field.cardinality, value) {
        (Cardinality::List | Cardinality::Map, Value::List(values)) => values.as_slice(),
        (_, value) => std::slice::from_ref(value),
    };
    values.iter().filter_map(|value| if let Value::Message(tree) = value { Some(tree) } else { None })
}
