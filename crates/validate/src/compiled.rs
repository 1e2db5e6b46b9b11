//! What a program is made of.

use crate::{
    cel::CelRule,
    rules::{Checks, Site, SiteId},
    violation::PathElement,
};
use contract::schema::{EnumId, FieldKind, MessageId, Schema};

/// Stands for "no such thing" where a position is expected.
pub(crate) const NONE: u32 = u32::MAX;

/// The rules of all messages that some message types reach.
pub(crate) struct Compiled {
    pub(crate) schema: Schema,
    pub(crate) messages: Vec<MessageProgram>,
    pub(crate) sites: Vec<Site>,
}

/// The rules of one message type.
pub(crate) struct MessageProgram {
    pub(crate) message: MessageId,
    /// Whether it, or a message within it, has any rule.
    pub(crate) judged: bool,
    /// In order of declaration.
    pub(crate) fields: Vec<FieldProgram>,
    pub(crate) by_number: ByNumber,
    /// Positions of the fields that are noted while the message is walked, in order of declaration.
    pub(crate) tracked: Vec<u32>,
    /// How many slots notes need: one for each tracked field, then one for each oneof.
    pub(crate) slots: u32,
    pub(crate) expressions: Vec<Expression>,
    pub(crate) one_of: Vec<OneOf>,
    pub(crate) oneofs: Vec<Oneof>,
    /// Whether a value that may not be shown is within reach.
    pub(crate) masked: bool,
    /// The steps that looking at its fields costs, whether they are there or not.
    pub(crate) toll: usize,
    /// The first rule of it, or within it: the one that is named where no steps are left for any.
    pub(crate) site: SiteId,
}

/// `(buf.validate.message).oneof`.
pub(crate) struct OneOf {
    /// Positions of its fields.
    pub(crate) fields: Vec<u32>,
    pub(crate) required: bool,
    /// "only one of … can be set".
    pub(crate) several: SiteId,
    /// "one of … must be set".
    pub(crate) none: SiteId,
}

/// A oneof of the source.
pub(crate) struct Oneof {
    /// The slot that notes which member is set; none where nobody asks.
    pub(crate) slot: u32,
    pub(crate) element: PathElement,
    pub(crate) required: Option<SiteId>,
}

/// How a field is found by its number.
#[derive(Default)]
pub(crate) struct ByNumber {
    /// Positions of the fields with small numbers.
    pub(crate) dense: Vec<u32>,
    /// The others, sorted.
    pub(crate) sparse: Vec<(u32, u32)>,
}

impl ByNumber {
    const DENSE: u32 = 128;

    pub(crate) fn of(numbers: impl Iterator<Item = u32>) -> Self {
        let mut found = Self::default();
        for (position, number) in (0_u32..).zip(numbers) {
            if number < Self::DENSE {
                let at = number as usize;
                if found.dense.len() <= at {
                    found.dense.resize(at + 1, NONE);
                }
                if let Some(slot) = found.dense.get_mut(at) {
                    *slot = position;
                }
            } else {
                found.sparse.push((number, position));
            }
        }
        found.sparse.sort_unstable();
        found
    }

    #[inline]
    pub(crate) fn position(&self, number: u32) -> u32 {
        match self.dense.get(number as usize) {
            Some(position) => *position,
            None => self.far(number),
        }
    }

    fn far(&self, number: u32) -> u32 {
        let found = self.sparse.binary_search_by_key(&number, |(number, _)| *number).ok();
        found.and_then(|at| self.sparse.get(at)).map_or(NONE, |(_, position)| *position)
    }
}

/// How the records of a field are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Varint,
    Fixed64,
    Fixed32,
    /// Strings and bytes.
    Bytes,
    Message,
    Group,
}

impl Read {
    /// How records of a kind are written. What comes with another wire type is an unknown field.
    pub(crate) const fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => Self::Fixed64,
            FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => Self::Fixed32,
            FieldKind::String | FieldKind::Bytes => Self::Bytes,
            FieldKind::Message(_) => Self::Message,
            FieldKind::Group(_) => Self::Group,
            _ => Self::Varint,
        }
    }
}

/// How many values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    One,
    List,
    Map,
}

/// When the rules of a field are passed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ignore {
    /// Where presence counts, when it is absent; else never.
    Unset,
    /// When it is absent or zero.
    IfZero,
    Always,
}

/// A field of a message, and its rules.
pub(crate) struct FieldProgram {
    pub(crate) read: Read,
    pub(crate) shape: Shape,
    pub(crate) kind: FieldKind,
    /// Where unknown numbers count as unknown fields.
    pub(crate) closed: Option<EnumId>,
    /// Whether a string must be UTF-8.
    pub(crate) utf8: bool,
    pub(crate) presence: bool,
    /// Position of its oneof, or [`NONE`].
    pub(crate) oneof: u32,
    /// The program of its messages, or of a map's entries.
    pub(crate) child: u32,
    /// Where it is noted; [`NONE`] where nobody asks.
    pub(crate) slot: u32,
    pub(crate) element: PathElement,
    /// Types of key and value, for maps.
    pub(crate) entry_types: Option<(i32, i32)>,
    pub(crate) required: Option<SiteId>,
    pub(crate) ignore: Ignore,
    pub(crate) rules: ValueRules,
    pub(crate) masked: bool,
    /// Its position among the schema's fields of the message.
    pub(crate) position: usize,
}

/// The rules of a value: of a field, an item, a key, a value of a map.
#[derive(Default)]
pub(crate) struct ValueRules {
    /// Whether a zero is passed by. Of items, keys and values of maps only.
    pub(crate) ignore_zero: bool,
    /// Whether everything is passed by.
    pub(crate) ignore_always: bool,
    pub(crate) expressions: Vec<Expression>,
    pub(crate) checks: Checks,
    /// On the value within a wrapper, like those of `checks`; for others on the value itself.
    pub(crate) predefined: Vec<Expression>,
    /// What a wrapper message wraps.
    pub(crate) wrapped: Option<FieldKind>,
    pub(crate) list: Option<Box<ListRules>>,
    pub(crate) map: Option<Box<MapRules>>,
}

impl ValueRules {
    pub(crate) fn is_empty(&self) -> bool {
        self.expressions.is_empty()
            && self.checks.is_none()
            && self.predefined.is_empty()
            && self.list.as_ref().is_none_or(|list| list.is_empty())
            && self.map.as_ref().is_none_or(|map| map.is_empty())
    }

    /// The rule that is named where none can be judged.
    pub(crate) fn first_site(&self) -> Option<SiteId> {
        let said = self.expressions.iter().chain(&self.predefined).map(|expression| expression.site);
        let list = self.list.as_ref().and_then(|list| list.first_site());
        let map = self.map.as_ref().and_then(|map| map.first_site());
        self.checks.sites().into_iter().chain(said).chain(list).chain(map).next()
    }
}

/// The rules of a list.
#[derive(Default)]
pub(crate) struct ListRules {
    pub(crate) min: Option<(u64, SiteId)>,
    pub(crate) max: Option<(u64, SiteId)>,
    pub(crate) unique: Option<SiteId>,
    pub(crate) items: ValueRules,
}

impl ListRules {
    pub(crate) fn is_empty(&self) -> bool {
        self.min.is_none() && self.max.is_none() && self.unique.is_none() && self.items.is_empty()
    }

    fn first_site(&self) -> Option<SiteId> {
        let counted = self.max.or(self.min).map(|(_, site)| site);
        counted.or(self.unique).or_else(|| self.items.first_site())
    }
}

/// The rules of a map.
#[derive(Default)]
pub(crate) struct MapRules {
    pub(crate) min: Option<(u64, SiteId)>,
    pub(crate) max: Option<(u64, SiteId)>,
    pub(crate) keys: ValueRules,
    pub(crate) values: ValueRules,
}

impl MapRules {
    pub(crate) fn is_empty(&self) -> bool {
        self.min.is_none() && self.max.is_none() && self.keys.is_empty() && self.values.is_empty()
    }

    fn first_site(&self) -> Option<SiteId> {
        let counted = self.max.or(self.min).map(|(_, site)| site);
        counted.or_else(|| self.keys.first_site()).or_else(|| self.values.first_site())
    }
}

/// A rule in CEL.
pub(crate) struct Expression {
    pub(crate) rule: CelRule,
    /// Its message is what holds where the expression only says false.
    pub(crate) site: SiteId,
}
