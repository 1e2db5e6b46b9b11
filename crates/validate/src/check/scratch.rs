//! The notes that are taken while a message is walked.

use crate::{
    value::Parts,
    wire::{Group, Span},
};
use std::collections::HashMap;

/// Room that is kept for the next message, in entries; what one message needed beyond is given back.
const KEPT: usize = 32 * 1024;

/// Stacks of notes: each message within messages takes its own on top.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) slots: Vec<Slot>,
    pub(super) nodes: Vec<Node>,
    /// Entries of maps.
    pub(super) entries: Vec<Entry>,
    /// Positions within `entries`, while keys are compared.
    pub(super) order: Vec<u32>,
    /// Items of lists, while they are compared.
    pub(super) numbers: Vec<u64>,
    pub(super) spans: Vec<Span>,
    /// Groups within groups, by where they begin.
    pub(super) groups: HashMap<u32, Group>,
}

/// What is known of a field.
#[derive(Clone, Copy, Default)]
pub(super) struct Slot {
    /// How many records.
    pub(super) seen: u32,
    /// A string's span; or the first and last node, from 1.
    pub(super) a: u32,
    pub(super) b: u32,
    /// The last number; or how many values; or a oneof's member.
    pub(super) bits: u64,
}

impl Slot {
    pub(super) const fn span(self) -> Span {
        Span { start: self.a, end: self.b }
    }

    /// The nodes of a message, list or map.
    pub(super) const fn chain(self) -> Body {
        Body::Chain(self.a)
    }
}

/// One record of a field, and the next one.
#[derive(Clone, Copy)]
pub(super) struct Node {
    pub(super) span: Span,
    /// From 1; 0 is none.
    pub(super) next: u32,
}

/// An entry of a map.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) span: Span,
    pub(super) key: Key,
    /// Whether it counts: the last of its key, with a known value.
    pub(super) counts: bool,
}

/// A key, to be told from others.
#[derive(Clone, Copy)]
pub(super) enum Key {
    Number(u64),
    Text(Span),
}

/// The bytes of a message: usually one stretch, several where a writer split it.
#[derive(Clone, Copy)]
pub(super) enum Body {
    One(Span),
    /// A node, from 1.
    Chain(u32),
}

/// How much of each stack is whose.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) slots: usize,
    nodes: usize,
}

impl Scratch {
    /// Makes room for the notes of one message.
    pub(super) fn open(&mut self, slots: u32) -> Mark {
        let mark = Mark { slots: self.slots.len(), nodes: self.nodes.len() };
        self.slots.resize(mark.slots + slots as usize, Slot::default());
        mark
    }

    /// Takes the notes since away.
    pub(super) fn close(&mut self, mark: Mark) {
        self.slots.truncate(mark.slots);
        self.nodes.truncate(mark.nodes);
    }

    pub(super) fn slot(&self, at: usize) -> Slot {
        self.slots.get(at).copied().unwrap_or_default()
    }

    pub(super) fn node(&self, at: u32) -> Option<Node> {
        self.nodes.get((at as usize).checked_sub(1)?).copied()
    }

    /// Adds a record to the chain of a slot.
    #[inline]
    pub(super) fn add(&mut self, at: usize, span: Span, values: u64) {
        self.nodes.push(Node { span, next: 0 });
        let added = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let Some(slot) = self.slots.get_mut(at) else { return };
        slot.seen += 1;
        slot.bits += values;
        let last = slot.b;
        slot.b = added;
        if slot.a == 0 {
            slot.a = added;
        } else if let Some(last) = (last as usize).checked_sub(1).and_then(|last| self.nodes.get_mut(last)) {
            last.next = added;
        }
    }

    /// Adds a record to the chain of a message that is one, however many records it has. One that is empty adds
    /// nothing to another.
    #[inline]
    pub(super) fn add_part(&mut self, at: usize, span: Span) {
        let Some(slot) = self.slots.get_mut(at).filter(|slot| slot.seen > 0) else {
            return self.add(at, span, 1);
        };
        let last = (slot.b as usize).checked_sub(1).and_then(|last| self.nodes.get_mut(last));
        match last {
            Some(last) if span.is_empty() || last.span.is_empty() => {
                slot.seen = slot.seen.saturating_add(1);
                if !span.is_empty() {
                    last.span = span;
                }
            }
            _ => self.add(at, span, 1),
        }
    }

    pub(super) fn parts(&self, body: Body) -> Parts {
        match body {
            Body::One(span) => Parts::One(span),
            Body::Chain(first) => match self.node(first) {
                None => Parts::NONE,
                Some(Node { span, next: 0 }) => Parts::One(span),
                Some(_) => Parts::Many(self.chain(first).map(|node| node.span).collect()),
            },
        }
    }

    fn chain(&self, first: u32) -> impl Iterator<Item = Node> {
        std::iter::successors(self.node(first), |node| self.node(node.next))
    }

    /// Forgets everything, and gives back what is more than usual.
    pub(super) fn clear(&mut self) {
        fn empty<T>(stack: &mut Vec<T>) {
            stack.clear();
            stack.shrink_to(KEPT);
        }
        empty(&mut self.slots);
        empty(&mut self.nodes);
        empty(&mut self.entries);
        empty(&mut self.order);
        empty(&mut self.numbers);
        empty(&mut self.spans);
        self.groups.clear();
        self.groups.shrink_to(KEPT);
    }
}
