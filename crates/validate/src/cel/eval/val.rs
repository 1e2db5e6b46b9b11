//! Values while an expression runs.

use super::made::Made;
use super::map::Map;
use super::room::Walk;
use crate::cel::fault::Fault;
use crate::cel::node::Const;
use crate::cel::time::{Duration, Timestamp};
use crate::value::{ListValue, MessageValue};
use std::ops::Range;
use std::rc::Rc;

/// A value. What comes from the message or the expression is borrowed, what was computed is shared.
#[derive(Clone, Debug)]
pub(in crate::cel) enum Val<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Text<'v>),
    Bytes(Octets<'v>),
    Duration(Duration),
    Timestamp(Timestamp),
    Type(Text<'v>),
    List(List<'v>),
    Map(Rc<Map<'v>>),
    Message(MessageValue<'v>),
    /// An item or entry that cannot be read, which matters to whoever asks for it.
    Unreadable(Fault),
}

#[derive(Clone, Debug)]
pub(in crate::cel) enum Text<'v> {
    Borrowed(&'v str),
    Shared(Made<str>),
}

impl Text<'_> {
    pub(in crate::cel) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Shared(text) => text,
        }
    }
}

#[derive(Clone, Debug)]
pub(in crate::cel) enum Octets<'v> {
    Borrowed(&'v [u8]),
    Shared(Made<[u8]>),
}

impl Octets<'_> {
    pub(in crate::cel) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

#[derive(Clone, Debug)]
pub(in crate::cel) enum List<'v> {
    /// A repeated field, read item by item.
    Field(ListValue<'v>),
    /// One that the expression made: where its items are in the evaluation's room.
    Made(Range<usize>),
}

impl<'v> Val<'v> {
    pub(in crate::cel) fn of_const(value: &'v Const) -> Self {
        match value {
            Const::Null => Self::Null,
            Const::Bool(value) => Self::Bool(*value),
            Const::Int(value) => Self::Int(*value),
            Const::Uint(value) => Self::Uint(*value),
            Const::Double(value) => Self::Double(*value),
            Const::String(value) => Self::String(Text::Borrowed(value)),
            Const::Bytes(value) => Self::Bytes(Octets::Borrowed(value)),
            Const::Duration(value) => Self::Duration(*value),
            Const::Timestamp(value) => Self::Timestamp(*value),
            Const::Type(name) => Self::Type(Text::Borrowed(name)),
        }
    }

    pub(in crate::cel) fn string(text: impl Into<Rc<str>>) -> Self {
        Self::String(Text::Shared(Made::of(text)))
    }

    pub(in crate::cel) fn bytes(bytes: impl Into<Rc<[u8]>>) -> Self {
        Self::Bytes(Octets::Shared(Made::of(bytes)))
    }

    /// The value, if there is one.
    pub(in crate::cel) fn readable(self) -> Result<Self, Fault> {
        match self {
            Self::Unreadable(fault) => Err(fault),
            value => Ok(value),
        }
    }

    /// The name of its type, as `type(x)` has it.
    pub(in crate::cel) fn type_name(&self) -> &'v str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Type(_) => "type",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Message(message) => &message.descriptor().name,
            Self::Unreadable(_) => "error",
        }
    }
}

impl<'v> List<'v> {
    /// The items, for [`Machine::next`](super::Machine::next).
    pub(in crate::cel) fn walk(&self) -> Walk<'v> {
        match self {
            Self::Field(list) => Walk::Field(list.iter()),
            Self::Made(range) => Walk::Made(range.clone()),
        }
    }

    pub(in crate::cel) fn len(&self) -> usize {
        match self {
            Self::Field(list) => list.len(),
            Self::Made(range) => range.len(),
        }
    }
}
