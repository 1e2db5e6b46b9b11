//! How large things may be, as far as the rules of the schema say.

use super::cost::{ASSUMED_BYTES, ASSUMED_ITEMS};
use super::node::{Const, Node};
use super::types::Ty;
use crate::wire::{Raw, Reader, Span};
use contract::schema::{Cardinality, Field, FieldKind, MessageId, Schema};

/// The extension `(buf.validate.field)` of `google.protobuf.FieldOptions`.
const FIELD_RULES: u32 = 1159;

pub(super) struct Sizes<'s> {
    schema: &'s Schema,
    this: Ty,
}

impl<'s> Sizes<'s> {
    pub(super) const fn new(schema: &'s Schema, this: Ty) -> Self {
        Self { schema, this }
    }

    /// Of what a node evaluates to: items, or bytes of a text.
    pub(super) fn of(&self, node: &Node) -> usize {
        match node {
            Node::Const(Const::String(text)) => text.len(),
            Node::Const(Const::Bytes(bytes)) => bytes.len(),
            Node::Map(entries) => entries.len(),
            Node::This => of_type(&self.this),
            Node::Field(of, index) => {
                let field = self.message(of).and_then(|id| self.schema.message_at(id).fields.get(*index));
                field.map_or(ASSUMED_ITEMS, size_of_field)
            }
            Node::Named(..) | Node::Index(..) | Node::Rules | Node::Rule | Node::Message(..) => ASSUMED_ITEMS,
            _ => 1,
        }
    }

    /// Of the items of what a node evaluates to.
    pub(super) fn of_item(&self, range: &Node) -> usize {
        match range {
            Node::Kept(_, of) => self.of_item(of),
            Node::List(items) => items.iter().map(|item| self.of(item)).max().unwrap_or(1),
            Node::Field(of, index) => {
                let field = self.message(of).and_then(|id| self.schema.message_at(id).fields.get(*index));
                match field.map(|field| field.kind) {
                    Some(FieldKind::String | FieldKind::Bytes) => ASSUMED_BYTES,
                    Some(_) => 1,
                    None => ASSUMED_ITEMS,
                }
            }
            _ => ASSUMED_ITEMS,
        }
    }

    /// The type of message that a node evaluates to, as far as it can be said without asking the check again.
    fn message(&self, node: &Node) -> Option<MessageId> {
        match node {
            Node::This => match self.this {
                Ty::Message(id) => Some(id),
                _ => None,
            },
            Node::Kept(_, of) => self.message(of),
            Node::Field(of, index) => {
                self.schema.message_at(self.message(of)?).fields.get(*index)?.kind.message()
            }
            _ => None,
        }
    }
}

fn of_type(ty: &Ty) -> usize {
    match ty.unwrapped() {
        Ty::String | Ty::Bytes => ASSUMED_BYTES,
        Ty::List(_) | Ty::Map(_) | Ty::Dyn => ASSUMED_ITEMS,
        _ => 1,
    }
}

fn size_of_field(field: &Field) -> usize {
    // Where the bound stands among the rules: the kind of rules, and the field of them.
    let (assumed, rules, bounds): (usize, u32, &[u32]) = match (field.cardinality, field.kind) {
        (Cardinality::List, _) => (ASSUMED_ITEMS, 18, &[2]),
        (Cardinality::Map, _) => (ASSUMED_ITEMS, 19, &[2]),
        (_, FieldKind::String) => (ASSUMED_BYTES, 14, &[3, 5, 19, 20]),
        (_, FieldKind::Bytes) => (ASSUMED_BYTES, 15, &[3, 13]),
        (_, FieldKind::Message(_) | FieldKind::Group(_)) => return ASSUMED_ITEMS,
        _ => return 1,
    };
    let bound = within(&field.options, FIELD_RULES)
        .and_then(|field_rules| within(field_rules, rules))
        .and_then(|rules| bounds.iter().filter_map(|number| varint(rules, *number)).min());
    bound.and_then(|bound| usize::try_from(bound).ok()).unwrap_or(assumed)
}

fn last(bytes: &[u8], number: u32) -> Option<Raw> {
    let mut reader = Reader::new(bytes, Span::whole(bytes).ok()?, 0);
    let mut found = None;
    while let Ok(Some((at, raw))) = reader.record() {
        found = if at == number { Some(raw) } else { found };
    }
    found
}

fn within(bytes: &[u8], number: u32) -> Option<&[u8]> {
    match last(bytes, number)? {
        Raw::Bytes(span) => Some(span.of(bytes)),
        _ => None,
    }
}

fn varint(bytes: &[u8], number: u32) -> Option<u64> {
    match last(bytes, number)? {
        Raw::Varint(value) => Some(value),
        _ => None,
    }
}
