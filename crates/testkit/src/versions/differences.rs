//! Where what was read is not what was written.

use super::{
    node::Node,
    same::{
        enum_names, has_key, is_enum, is_swapped, is_zero, key_as_text, same, unwrap, well_known,
        without_zeros,
    },
};
use prost_reflect::{
    Cardinality, DynamicMessage, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor, Value,
};

/// A field of a pair of messages: the writer's name of the message, the reader's, and the number that the
/// writer gives the field, else the reader.
pub type Place = (String, String, u32);

/// Something that was lost or changed.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The field, or those of a map's entries: either may be where the reason is.
    pub places: Vec<Place>,
    /// What was written; nothing: it was absent.
    pub written: Option<Node>,
    pub read: Option<Node>,
    /// Whether the reader has no such field.
    pub unknown: bool,
    /// The fields that lead here.
    pub above: Vec<Place>,
}

/// A field or an extension.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) key: String,
    pub(super) kind: Kind,
    pub(super) list: bool,
    pub(super) map: bool,
    pub(super) singular: bool,
    pub(super) default: Value,
    pub(super) scalar: bool,
    pub(super) required: bool,
    /// Whether zero is told from nothing.
    pub(super) presence: bool,
}

impl Known {
    fn of(field: &FieldDescriptor) -> Self {
        Self {
            number: field.number(),
            name: field.name().to_owned(),
            key: field.json_name().to_owned(),
            kind: field.kind(),
            list: field.is_list(),
            map: field.is_map(),
            singular: field.cardinality() != Cardinality::Repeated,
            default: field.default_value(),
            scalar: !matches!(field.kind(), Kind::Message(_)),
            required: field.cardinality() == Cardinality::Required,
            presence: field.supports_presence(),
        }
    }

    fn of_extension(field: &ExtensionDescriptor) -> Self {
        let key = format!("[{}]", field.full_name());
        Self {
            number: field.number(),
            name: key.clone(),
            key,
            kind: field.kind(),
            list: field.is_list(),
            map: field.is_map(),
            singular: field.cardinality() != Cardinality::Repeated,
            default: field.default_value(),
            scalar: !matches!(field.kind(), Kind::Message(_)),
            required: field.cardinality() == Cardinality::Required,
            presence: field.supports_presence(),
        }
    }
}

pub(super) fn fields(of: &MessageDescriptor) -> Vec<Known> {
    let own = of.fields().map(|field| Known::of(&field));
    own.chain(of.extensions().map(|field| Known::of_extension(&field))).collect()
}

/// The reader's field for one of the writer's.
pub(super) fn reader_of(field: &Known, reader: &MessageDescriptor, json: bool) -> Option<Known> {
    let all = fields(reader);
    match json && !reader.is_map_entry() {
        false => all.into_iter().find(|read| read.number == field.number),
        true => {
            let by_key = all.iter().find(|read| read.key == field.key).cloned();
            by_key.or_else(|| all.into_iter().find(|read| read.name == field.key))
        }
    }
}

/// All that differs, from two messages down.
pub fn differences(
    (writer, written): (&MessageDescriptor, &Node),
    (reader, read): (&MessageDescriptor, &Node),
    json: bool,
) -> Vec<Difference> {
    let mut walk = Walk { json, found: Vec::new(), above: Vec::new() };
    walk.message((writer, written), (reader, read));
    walk.found
}

struct Walk {
    json: bool,
    found: Vec<Difference>,
    above: Vec<Place>,
}

impl Walk {
    fn message(
        &mut self,
        (writer, written): (&MessageDescriptor, &Node),
        (reader, read): (&MessageDescriptor, &Node),
    ) {
        for field in fields(writer) {
            let place = (writer.full_name().to_owned(), reader.full_name().to_owned(), field.number);
            let one = written.field(field.number).cloned();
            let Some(to) = reader_of(&field, reader, self.json) else {
                if one.is_some() {
                    self.found.push(Difference {
                        places: vec![place],
                        written: one,
                        read: None,
                        unknown: true,
                        above: self.above.clone(),
                    });
                }
                continue;
            };
            let other = read.field(to.number).cloned();
            // Another field of the writer's may have the same key to the reader.
            let also = |other: &Known| {
                other.number != field.number
                    && written.field(other.number).is_some()
                    && reader_of(other, reader, self.json).is_some_and(|same| same.number == to.number)
            };
            let also: Vec<u32> =
                fields(writer).iter().filter(|other| also(other)).map(|field| field.number).collect();
            if one.is_none() && !also.is_empty() {
                continue;
            }
            // The parts of an entry are always there, wherever one is missing.
            let fill = |node: Option<Node>, of: &Known, message: &MessageDescriptor| match node {
                None if message.is_map_entry() && of.scalar => Some(Node::of_default(&of.default)),
                None if message.is_map_entry() => Some(Node::Message(Vec::new())),
                node => node,
            };
            let (one, other) = (fill(one, &field, writer), fill(other, &to, reader));
            let entry = reader.is_map_entry() || writer.is_map_entry();
            let before = self.found.len();
            self.field(place, (&field, one), (&to, other), entry);
            let name = |number| (writer.full_name().to_owned(), reader.full_name().to_owned(), number);
            for difference in self.found.iter_mut().skip(before) {
                difference.places.extend(also.iter().copied().map(name));
            }
        }
    }

    fn field(
        &mut self,
        place: Place,
        (field, one): (&Known, Option<Node>),
        (to, other): (&Known, Option<Node>),
        of_entry: bool,
    ) {
        let same = match (&one, &other) {
            (None, None) => {
                let (meant, got) = (self.meaning(field), self.meaning(to));
                let (is_scalar, to_scalar) = (meant.is_some(), got.is_some());
                let both = field.singular && to.singular && is_scalar && to_scalar;
                let (meant, got) = (meant.unwrap_or(Node::Number(0)), got.unwrap_or(Node::Number(0)));
                let swapped = both && self.json && is_swapped(field, &meant, to, &got);
                // A list that is not there is empty, whatever its single value would be; a message is none.
                let nothing = if to.singular { !to_scalar } else { to.list && to_scalar };
                let lost = field.singular && is_scalar && nothing && !is_zero(&meant);
                !lost
                    && !swapped
                    && (!both || same(&meant, &got) || self.same_scalar(&meant, field, &got, to))
            }
            (Some(Node::List(values)), None) if values.is_empty() => true,
            // What is always set says nothing by being set, to whoever cannot see that.
            (Some(zero), None)
                if field.required
                    && to.singular
                    && !to.presence
                    && same(zero, &Node::of_default(&to.default)) =>
            {
                true
            }
            (Some(zero), None) if of_entry => self.value(field, zero, to, &Node::of_default(&to.default)),
            (None, Some(zero)) if of_entry => self.value(field, &Node::of_default(&field.default), to, zero),
            (Some(_), None) | (None, Some(_)) => false,
            (Some(one), Some(other)) => {
                self.above.push(place.clone());
                let same = self.repeated(field, one, to, other);
                self.above.pop();
                same
            }
        };
        if !same {
            let mut places = vec![place];
            if let (Kind::Message(one), Kind::Message(other)) = (&field.kind, &to.kind)
                && (field.map || to.map)
            {
                places.extend(
                    [1, 2].map(|part| (one.full_name().to_owned(), other.full_name().to_owned(), part)),
                );
            }
            self.found.push(Difference {
                places,
                written: one,
                read: other,
                unknown: false,
                above: self.above.clone(),
            });
        }
    }

    /// What an absent scalar stands for; in JSON, a wrapper is the scalar that it wraps.
    fn meaning(&self, field: &Known) -> Option<Node> {
        match field.scalar {
            true => Some(Node::of_default(&field.default)),
            false if self.json => unwrap(field, &Node::Message(Vec::new())),
            false => None,
        }
    }

    /// Whether the two are the same, but for what is found below.
    fn repeated(&mut self, field: &Known, one: &Node, to: &Known, other: &Node) -> bool {
        let single = |node: &Node| vec![node.clone()];
        let is_list = |known: &Known| known.list || known.map;
        let as_list = |known: &Known, node: &Node| match node {
            Node::List(values) if is_list(known) => values.clone(),
            node => single(node),
        };
        if self.json && is_list(field) != is_list(to) {
            return self.free(to);
        }
        let (mut ones, mut others) = (as_list(field, one), as_list(to, other));
        if self.json && field.map && to.map {
            ones.iter_mut().for_each(|entry| key_as_text(field, entry));
            others.iter_mut().for_each(|entry| key_as_text(to, entry));
        }
        if (field.map || to.map) && has_key(&field.kind) && has_key(&to.kind) {
            ones.sort_by_key(Node::key);
            others.sort_by_key(Node::key);
            // Where keys changed, nobody can tell which entry is which.
            if !ones.iter().map(Node::key).eq(others.iter().map(Node::key)) {
                return false;
            }
        }
        // Entries that are read as something without a key come in any order.
        if field.map && !matches!(to.kind, Kind::Message(_)) && others.len() == 2 {
            let there = ones.iter().zip(&others).all(|(one, other)| self.value(field, one, to, other));
            if !there {
                others.reverse();
            }
        }
        ones.len() == others.len()
            && ones.iter().zip(&others).all(|(one, other)| self.value(field, one, to, other))
    }

    /// Whether the reader takes whatever there is.
    fn free(&self, to: &Known) -> bool {
        let name = well_known(&to.kind);
        self.json && name.is_some_and(|name| matches!(name.as_str(), "Value" | "Struct" | "ListValue"))
    }

    fn value(&mut self, field: &Known, one: &Node, to: &Known, other: &Node) -> bool {
        let names = (well_known(&field.kind), well_known(&to.kind));
        if self.json {
            if self.free(to) && names.0 != names.1 {
                return true;
            }
            if let (Some(from), None | Some("StringValue")) = (&names.0, names.1.as_deref())
                && matches!(from.as_str(), "Timestamp" | "Duration" | "FieldMask")
            {
                return matches!(unwrap(to, other).as_ref().unwrap_or(other), Node::Bytes(_));
            }
            if names.0 != names.1
                && names
                    .0
                    .as_deref()
                    .is_some_and(|name| matches!(name, "Struct" | "Value" | "ListValue" | "Any"))
            {
                return false;
            }
            let (unwrapped, rewrapped) = (unwrap(field, one), unwrap(to, other));
            if unwrapped.is_some() || rewrapped.is_some() {
                let one = unwrapped.unwrap_or_else(|| one.clone());
                let other = rewrapped.unwrap_or_else(|| other.clone());
                return self.same_scalar(&one, field, &other, to);
            }
        }
        match (&field.kind, &to.kind) {
            (Kind::Message(writer), Kind::Message(reader)) => {
                self.message((writer, one), (reader, other));
                true
            }
            // A message that is read as bytes is those bytes.
            (Kind::Message(writer), Kind::Bytes) if !self.json => {
                let Node::Bytes(bytes) = other else { return false };
                DynamicMessage::decode(writer.clone(), bytes.as_slice()).is_ok_and(|message| {
                    let read = Node::of(&message);
                    // Some write the zeros of an entry, and others do not.
                    if field.map {
                        same(&without_zeros(&read), &without_zeros(one))
                    } else {
                        same(&read, one)
                    }
                })
            }
            _ => self.same_scalar(one, field, other, to),
        }
    }

    fn same_scalar(&self, one: &Node, field: &Known, other: &Node, to: &Known) -> bool {
        match (one, other) {
            (Node::Number(one), Node::Number(other)) if self.json && (is_enum(field) && is_enum(to)) => {
                let (ones, others) = (enum_names(field, *one), enum_names(to, *other));
                ones.iter().any(|name| others.contains(name)) || (ones.is_empty() && one == other)
            }
            _ => same(one, other),
        }
    }
}
