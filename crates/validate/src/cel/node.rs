//! Expressions after the check: every name resolved, ready to run.

use super::{
    overloads::Func,
    time::{Duration, Timestamp},
};
use std::sync::Arc;

/// A value that the expression itself holds.
#[derive(Clone, Debug)]
pub(super) enum Const {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
    Duration(Duration),
    Timestamp(Timestamp),
    Type(Arc<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// What a macro does with the items it goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    All,
    Exists,
    ExistsOne,
    /// `map` and `filter`: the transformed items that the condition lets through.
    Collect,
}

#[derive(Clone, Debug)]
pub(super) struct Loop {
    pub(super) fold: Fold,
    pub(super) range: Node,
    /// The slot of the item.
    pub(super) slot: usize,
    pub(super) condition: Option<Node>,
    pub(super) transform: Option<Node>,
}

/// One step of an expression.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Const(Const),
    This,
    Now,
    Rules,
    Rule,
    /// The item of a loop around it.
    Local(usize),
    /// What does not change while a loop around it runs: evaluated once, then kept in the slot.
    Kept(usize, Box<Node>),
    /// A field of a message, by its position in the message's fields.
    Field(Box<Node>, usize),
    /// A field or key of what only the value will tell.
    Named(Box<Node>, Arc<str>),
    HasField(Box<Node>, usize),
    HasNamed(Box<Node>, Arc<str>),
    Index(Box<Node>, Box<Node>),
    In(Box<Node>, Box<Node>),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Conditional(Box<[Node; 3]>),
    Equal(Box<Node>, Box<Node>),
    NotEqual(Box<Node>, Box<Node>),
    Compare(Order, Box<Node>, Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    /// `matches` with a pattern that is known before.
    Matches(Box<Node>, crate::pattern::Pattern),
    Call(Func, Vec<Node>),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    /// A message: its type, and the values of fields by position.
    Message(contract::schema::MessageId, Vec<(usize, Node)>),
    Loop(Box<Loop>),
}

impl Node {
    /// What stands directly within it.
    pub(super) fn children(&self) -> Vec<&Self> {
        match self {
            Self::Const(_) | Self::This | Self::Now | Self::Rules | Self::Rule | Self::Local(_) => Vec::new(),
            Self::Kept(_, of)
            | Self::Field(of, _)
            | Self::Named(of, _)
            | Self::HasField(of, _)
            | Self::HasNamed(of, _)
            | Self::Not(of)
            | Self::Negate(of)
            | Self::Matches(of, _) => vec![of],
            Self::Index(a, b)
            | Self::In(a, b)
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::Equal(a, b)
            | Self::NotEqual(a, b)
            | Self::Compare(_, a, b)
            | Self::Arithmetic(_, a, b) => vec![a, b],
            Self::Conditional(of) => of.iter().collect(),
            Self::Call(_, items) | Self::List(items) => items.iter().collect(),
            Self::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
            Self::Message(_, fields) => fields.iter().map(|(_, value)| value).collect(),
            Self::Loop(of) => {
                let mut parts = vec![&of.range];
                parts.extend(&of.condition);
                parts.extend(&of.transform);
                parts
            }
        }
    }

    /// What stands directly within it, to be replaced.
    pub(super) fn children_mut(&mut self) -> Vec<&mut Self> {
        match self {
            Self::Const(_) | Self::This | Self::Now | Self::Rules | Self::Rule | Self::Local(_) => Vec::new(),
            Self::Kept(_, of)
            | Self::Field(of, _)
            | Self::Named(of, _)
            | Self::HasField(of, _)
            | Self::HasNamed(of, _)
            | Self::Not(of)
            | Self::Negate(of)
            | Self::Matches(of, _) => vec![of],
            Self::Index(a, b)
            | Self::In(a, b)
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::Equal(a, b)
            | Self::NotEqual(a, b)
            | Self::Compare(_, a, b)
            | Self::Arithmetic(_, a, b) => vec![a, b],
            Self::Conditional(of) => of.iter_mut().collect(),
            Self::Call(_, items) | Self::List(items) => items.iter_mut().collect(),
            Self::Map(entries) => entries.iter_mut().flat_map(|(key, value)| [key, value]).collect(),
            Self::Message(_, fields) => fields.iter_mut().map(|(_, value)| value).collect(),
            Self::Loop(of) => {
                let mut parts = vec![&mut of.range];
                parts.extend(&mut of.condition);
                parts.extend(&mut of.transform);
                parts
            }
        }
    }

    /// Whether it is one value, whatever the message.
    pub(super) const fn is_const(&self) -> bool {
        matches!(self, Self::Const(_))
    }
}
