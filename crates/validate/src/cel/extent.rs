//! How large values may be, as far as the rules of the schema say.

use super::node::Const;
use super::types::Ty;
use crate::wire::{Raw, Reader, Span};
use contract::schema::{Cardinality, Field, MessageId, Schema};
use std::sync::Arc;

/// How many items a list or map is taken to have that no rule bounds.
pub(super) const ASSUMED_ITEMS: usize = 256;
/// How many bytes a text is taken to have that no rule bounds.
pub(super) const ASSUMED_BYTES: usize = 256;
/// How many bytes are read or compared at the price of a step.
const BYTES_A_STEP: usize = 16;
/// What reading an item costs besides, at most.
const READ: usize = 10;
/// What comparing messages is taken to cost.
const MESSAGE: usize = 64;

/// The extension `(buf.validate.field)` of `google.protobuf.FieldOptions`.
const FIELD_RULES: u32 = 1159;
/// Fields of `buf.validate.FieldRules`.
const STRING: u32 = 14;
const BYTES: u32 = 15;
const REPEATED: u32 = 18;
const MAP: u32 = 19;

/// How large a value may be.
#[derive(Clone, Debug)]
pub(super) enum Extent {
    /// A number, a time, a yes or no.
    One,
    /// A text, or bytes: so many of them.
    Text(usize),
    /// So many items of an extent.
    List(Arc<Listed>),
    /// So many keys and values.
    Map(usize, Arc<(Extent, Extent)>),
    Message(MessageId),
    /// Only the value will tell.
    Unknown,
}

/// What a list holds.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) items: usize,
    pub(super) item: Extent,
    /// How many records are passed on the way through it.
    records: usize,
}

impl Extent {
    pub(super) fn list(items: usize, item: Self) -> Self {
        Self::List(Arc::new(Listed { items, item, records: 0 }))
    }

    /// A list that is a field of a message with so many records.
    pub(super) fn within(self, records: usize) -> Self {
        match self {
            Self::List(list) => {
                let Listed { items, ref item, .. } = *list;
                Self::List(Arc::new(Listed { items, item: item.clone(), records }))
            }
            other => other,
        }
    }

    /// What going through all of it costs, without what is done with each item.
    pub(super) fn walk(&self) -> usize {
        match self {
            Self::List(list) => {
                // An item of a well-known type is read at once.
                let each = if matches!(list.item, Self::Text(_)) { list.item.weight() } else { READ };
                list.items.saturating_mul(1 + each).saturating_add(list.records).saturating_add(2)
            }
            _ => 1,
        }
    }

    pub(super) fn of_const(value: &Const) -> Self {
        match value {
            Const::String(text) => Self::Text(text.len()),
            Const::Bytes(bytes) => Self::Text(bytes.len()),
            _ => Self::One,
        }
    }

    /// Of a field as a whole.
    pub(super) fn of_field(schema: &Schema, field: &Field) -> Self {
        Self::of(&Ty::of_field(schema, field), within(&field.options, FIELD_RULES))
    }

    /// Of a value of a type, to which these `buf.validate.FieldRules` apply.
    pub(super) fn of(ty: &Ty, rules: Option<&[u8]>) -> Self {
        let family = |number| rules.and_then(|rules| within(rules, number));
        match ty.unwrapped() {
            Ty::String => Self::Text(length(family(STRING), [3, 19], [5, 20])),
            Ty::Bytes => Self::Text(length(family(BYTES), [], [3, 13])),
            Ty::List(item) => {
                let rules = family(REPEATED);
                let items = rules.and_then(|rules| count(rules, 2)).unwrap_or(ASSUMED_ITEMS);
                Self::list(items, Self::of(item, rules.and_then(|rules| within(rules, 4))))
            }
            Ty::Map(entry) => {
                let rules = family(MAP);
                let pairs = rules.and_then(|rules| count(rules, 2)).unwrap_or(ASSUMED_ITEMS);
                let of = |ty, number| Self::of(ty, rules.and_then(|rules| within(rules, number)));
                Self::Map(pairs, Arc::new((of(&entry.0, 4), of(&entry.1, 5))))
            }
            Ty::Message(id) => Self::Message(*id),
            Ty::Dyn => Self::Unknown,
            _ => Self::One,
        }
    }

    /// How many items a loop goes through.
    pub(super) fn items(&self) -> usize {
        match self {
            Self::List(list) => list.items,
            Self::Map(items, _) => *items,
            Self::Unknown => ASSUMED_ITEMS,
            _ => 1,
        }
    }

    /// Of what a loop goes through: items, or keys.
    pub(super) fn item(&self) -> Self {
        match self {
            Self::List(list) => list.item.clone(),
            Self::Map(_, entry) => entry.0.clone(),
            _ => Self::Unknown,
        }
    }

    /// Of what an index finds.
    pub(super) fn found(&self) -> Self {
        match self {
            Self::Map(_, entry) => entry.1.clone(),
            other => other.item(),
        }
    }

    /// How many bytes of text, all items together.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Text(bytes) => *bytes,
            Self::List(list) => list.items.saturating_mul(list.item.bytes()),
            Self::Unknown => ASSUMED_BYTES,
            _ => 1,
        }
    }

    /// What looking at all of it costs, in steps.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::One => 1,
            Self::Text(bytes) => 1 + bytes / BYTES_A_STEP,
            Self::List(list) => {
                list.items.saturating_mul(2 + list.item.weight()).saturating_add(list.records)
            }
            Self::Map(items, entry) => {
                items.saturating_mul(entry.0.weight().saturating_add(entry.1.weight()).saturating_add(1))
            }
            Self::Message(_) => MESSAGE,
            Self::Unknown => ASSUMED_ITEMS,
        }
    }

    /// The larger one.
    pub(super) fn or(self, other: Self) -> Self {
        if other.weight() > self.weight() { other } else { self }
    }

    /// Of both together, as `+` puts them.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => Self::Text(one.saturating_add(other)),
            (Self::List(one, ..), Self::List(other, ..)) => {
                let item = one.item.clone().or(other.item.clone());
                Self::list(one.items.saturating_add(other.items), item)
                    .within(one.records.saturating_add(other.records))
            }
            (one, other) => one.or(other),
        }
    }
}

/// The longest text that rules admit: those that count characters, and those that count bytes.
fn length<const N: usize>(rules: Option<&[u8]>, characters: [u32; N], bytes: [u32; 2]) -> usize {
    let Some(rules) = rules else { return ASSUMED_BYTES };
    let characters = characters.iter().filter_map(|number| Some(count(rules, *number)?.saturating_mul(4)));
    let bytes = bytes.iter().filter_map(|number| count(rules, *number));
    characters.chain(bytes).min().unwrap_or(ASSUMED_BYTES)
}

/// The message that is field `number`. Rules that were written in pieces count as none, which is on the safe side.
fn within(bytes: &[u8], number: u32) -> Option<&[u8]> {
    let mut found = values(bytes, number).filter_map(|raw| match raw {
        Raw::Bytes(span) => Some(span.of(bytes)),
        _ => None,
    });
    found.next().filter(|_| found.next().is_none())
}

fn count(bytes: &[u8], number: u32) -> Option<usize> {
    let counts = values(bytes, number).filter_map(|raw| match raw {
        Raw::Varint(value) => Some(usize::try_from(value).unwrap_or(usize::MAX)),
        _ => None,
    });
    counts.last()
}

fn values(bytes: &[u8], number: u32) -> impl Iterator<Item = Raw> {
    let mut reader = Reader::new(bytes, Span::whole(bytes).unwrap_or_default(), 0);
    let records = std::iter::from_fn(move || reader.record().ok().flatten());
    records.filter(move |(found, _)| *found == number).map(|(_, raw)| raw)
}

/// How many items or entries a field may have, where a rule bounds them.
pub(crate) fn at_most(field: &Field) -> Option<usize> {
    let rules = within(&field.options, FIELD_RULES)?;
    let family = if field.cardinality == Cardinality::Map { MAP } else { REPEATED };
    count(within(rules, family)?, 2)
}

/// How long a text may be that a field holds, or an item or key or value of it.
pub(crate) fn longest(schema: &Schema, field: &Field) -> usize {
    match Extent::of_field(schema, field) {
        Extent::List(list) => list.item.bytes(),
        Extent::Map(_, entry) => entry.0.bytes().max(entry.1.bytes()),
        one => one.bytes(),
    }
}

/// The rules of one value of a family, as `buf.validate.FieldRules` that hold nothing else.
pub(crate) fn rules_of_family(family: u32, rules: &[u8]) -> Arc<[u8]> {
    let mut out = Vec::with_capacity(rules.len() + 8);
    for mut value in [u64::from(family) << 3 | 2, rules.len() as u64] {
        while value >= 0x80 {
            out.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        out.push((value & 0x7f) as u8);
    }
    out.extend_from_slice(rules);
    out.into()
}
