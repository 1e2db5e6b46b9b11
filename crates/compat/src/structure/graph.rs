//! All pairs of messages that are reached, each compared once.
//!
//! The verdict on two messages is the greatest fixpoint: two types that lead back to each other are as good as
//! everything on the way. So what is wrong with a pair is what is wrong with any pair that it leads to, and
//! each finding needs one path: a shortest.

use super::{
    binary, json,
    raw::{Out, Pair, Question, Raw},
};
use crate::level::Encoding;
use contract::schema::{Field, MessageId};
use std::collections::HashMap;

/// The pairs that were reached so far.
pub(crate) struct Graph<'a> {
    pub(crate) asked: Question<'a>,
    nodes: Vec<Node<'a>>,
    by_pair: HashMap<(MessageId, MessageId), usize>,
    /// How many of `nodes` were compared.
    compared: usize,
}

struct Node<'a> {
    pair: Pair<'a>,
    found: Vec<Raw<'a>>,
    edges: Vec<(usize, &'a Field)>,
    /// Who leads here.
    from: Vec<usize>,
    /// Whether it leads to a finding, or has one.
    dirty: bool,
}

/// A pair on the way from a root.
pub(crate) struct Visit<'a> {
    node: usize,
    /// The visit before, and the writer's field that leads here; nothing for a root.
    pub(crate) from: Option<(usize, &'a Field)>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(asked: Question<'a>) -> Self {
        Self { asked, nodes: Vec::new(), by_pair: HashMap::new(), compared: 0 }
    }

    /// Compares a pair and all that it leads to, as far as that has not been done.
    pub(crate) fn explore(&mut self, writer: MessageId, reader: MessageId) -> usize {
        let root = self.node(writer, reader);
        while let Some(pair) = self.nodes.get(self.compared).map(|node| node.pair) {
            let mut out = Out::default();
            match self.asked.encoding {
                Encoding::Binary => binary::compare(&pair, &mut out),
                Encoding::Json => json::compare(&pair, &mut out),
            }
            let edges: Vec<_> =
                out.edges.into_iter().map(|(one, other, by)| (self.node(one, other), by)).collect();
            self.settle(self.compared, out.found, edges);
            self.compared += 1;
        }
        root
    }

    fn node(&mut self, writer: MessageId, reader: MessageId) -> usize {
        let asked = self.asked;
        let nodes = &mut self.nodes;
        *self.by_pair.entry((writer, reader)).or_insert_with(|| {
            let (writer, reader) = (asked.writer.message_at(writer), asked.reader.message_at(reader));
            let pair = Pair { asked, writer, reader };
            nodes.push(Node { pair, found: Vec::new(), edges: Vec::new(), from: Vec::new(), dirty: false });
            nodes.len() - 1
        })
    }

    /// Notes what was found at a pair, and tells everybody who leads there.
    fn settle(&mut self, at: usize, found: Vec<Raw<'a>>, edges: Vec<(usize, &'a Field)>) {
        let mut dirty = !found.is_empty();
        for (to, _) in &edges {
            if let Some(node) = self.nodes.get_mut(*to) {
                node.from.push(at);
                dirty |= node.dirty;
            }
        }
        if let Some(node) = self.nodes.get_mut(at) {
            (node.found, node.edges) = (found, edges);
        }
        let mut open = if dirty { vec![at] } else { Vec::new() };
        while let Some(node) = open.pop().and_then(|at| self.nodes.get_mut(at)) {
            if !std::mem::replace(&mut node.dirty, true) {
                open.extend(&node.from);
            }
        }
    }

    /// The pairs below some roots that lead to findings, the nearest first, each once.
    pub(crate) fn visits(&self, roots: impl IntoIterator<Item = usize>) -> Vec<Visit<'a>> {
        let mut fresh: Vec<bool> = self.nodes.iter().map(|node| node.dirty).collect();
        let mut take = |at: usize| fresh.get_mut(at).is_some_and(std::mem::take);
        let mut visits: Vec<Visit<'a>> = Vec::new();
        for root in roots {
            if take(root) {
                visits.push(Visit { node: root, from: None });
            }
        }
        let mut next = 0;
        while let Some(node) = visits.get(next).and_then(|visit| self.nodes.get(visit.node)) {
            for (to, by) in &node.edges {
                if take(*to) {
                    visits.push(Visit { node: *to, from: Some((next, *by)) });
                }
            }
            next += 1;
        }
        visits
    }

    pub(crate) fn pair(&self, visit: &Visit<'a>) -> Option<&Pair<'a>> {
        self.nodes.get(visit.node).map(|node| &node.pair)
    }

    pub(crate) fn found(&self, visit: &Visit<'a>) -> &[Raw<'a>] {
        self.nodes.get(visit.node).map_or(&[], |node| &node.found)
    }
}
