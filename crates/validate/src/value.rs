//! Values as they stand in encoded bytes, read when somebody asks.
//!
//! A [`MessageValue`] is a type and the stretches of bytes that make up the message: usually one; several
//! where a writer split it, and decoders would merge them. Nothing is decoded ahead. Bytes that turn out to
//! be malformed read as if the message ended there: whether bytes are sound is the check's question, which
//! is answered before any verdict of a rule counts.

mod list;
mod map;
mod message;
mod scalar;

pub use list::{Items, ListValue};
pub(crate) use list::{is_packable, packed_item};
pub use map::MapValue;
pub use message::MessageValue;
pub use scalar::scalar;
pub(crate) use scalar::{int32, sint32, sint64};

use crate::wire::Span;
use contract::schema::{Cardinality, EnumId, Field, FieldKind, MessageId, Schema};
use std::{borrow::Cow, sync::Arc};

/// The value of a field.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// `bool`.
    Bool(bool),
    /// All signed integers.
    Int(i64),
    /// All unsigned integers.
    Uint(u64),
    /// `double`, and `float` without loss.
    Double(f64),
    /// `string`; where the schema does not demand UTF-8, U+FFFD stands for each byte that belongs to no character.
    String(Cow<'a, str>),
    /// `bytes`.
    Bytes(&'a [u8]),
    /// The number of an enum's value, defined or not.
    Enum(EnumId, i32),
    /// A message or group. One that is absent reads as an empty one.
    Message(MessageValue<'a>),
    /// A repeated field.
    List(ListValue<'a>),
    /// A map field.
    Map(MapValue<'a>),
}

/// What a value may be, before there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// One value: of a scalar or an enum, or a message.
    One(FieldKind),
    /// A list of such values.
    List(FieldKind),
    /// A map; the message is that of its entries.
    Map(MessageId),
}

impl Type {
    /// What a field holds as a whole.
    pub const fn of(field: &Field) -> Self {
        match (field.cardinality, field.kind) {
            (Cardinality::Map, FieldKind::Message(entry)) => Self::Map(entry),
            (Cardinality::Singular, kind) => Self::One(kind),
            (_, kind) => Self::List(kind),
        }
    }
}

/// The stretches of bytes that make up a message.
#[derive(Clone, Debug)]
pub enum Parts {
    /// As writers do it.
    One(Span),
    /// In their order; decoders merge them.
    Many(Arc<[Span]>),
}

impl Parts {
    /// Of a message that is not there.
    pub const NONE: Self = Self::One(Span { start: 0, end: 0 });

    /// Whether these are the same stretches, as far as a glance tells.
    pub(crate) fn are(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::One(one), Self::One(other)) => one == other,
            (Self::Many(one), Self::Many(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }

    /// In order.
    pub fn spans(&self) -> &[Span] {
        match self {
            Self::One(span) => std::slice::from_ref(span),
            Self::Many(spans) => spans,
        }
    }
}

/// What every view of encoded bytes needs: the types, and all the bytes.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The types.
    pub schema: &'a Schema,
    /// All that [`Span`]s point into.
    pub bytes: &'a [u8],
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({} bytes)", self.bytes.len())
    }
}

/// A message that is kept with its bytes: a value that a rule carries, for instance.
#[derive(Clone, Debug)]
pub struct OwnedMessage {
    /// Its type.
    pub message: MessageId,
    /// Its encoding.
    pub bytes: Arc<[u8]>,
}

impl OwnedMessage {
    /// A view of it. Without fields where it is larger than 2 GiB.
    pub fn view<'a>(&'a self, schema: &'a Schema) -> MessageValue<'a> {
        let source = Source { schema, bytes: &self.bytes };
        let span = Span::whole(&self.bytes).unwrap_or_default();
        MessageValue::new(source, self.message, Parts::One(span))
    }
}
