//! All pairs of messages that are reached, each compared once.
//!
//! The verdict on two messages is the greatest fixpoint: two types that lead back to each other are as good as
//! everything on the way. So what is wrong with a pair is what is wrong with any pair that it leads to, and
//! each finding needs one path: a shortest.

use super::{
    any, binary,
    declare::Declared,
    explain::MAX_FINDINGS,
    json,
    raw::{Found, Out, Pair, Question, Raw},
    values::Diff,
};
use crate::level::{Encoding, Level};
use contract::schema::{EnumId, Field, MessageId};
use std::{collections::HashMap, rc::Rc};

/// The pairs that were reached so far.
pub(crate) struct Graph<'a> {
    pub(crate) asked: Question<'a>,
    nodes: Vec<Node<'a>>,
    by_pair: HashMap<(MessageId, MessageId), usize>,
    /// How many of `nodes` were compared.
    compared: usize,
    enums: HashMap<(EnumId, EnumId), Rc<Diff<'a>>>,
    /// How many findings will still be kept.
    left: usize,
    /// The pair of `google.protobuf.Any`, once what it may hold has been compared.
    any: Option<usize>,
}

/// More pairs of types than any contract has: two that lead back to themselves in circles of different lengths
/// could make as many as the product of the lengths.
pub(crate) const MAX_PAIRS: usize = 250_000;
/// Findings of all pairs; behind them, each pair keeps one of each level.
const MAX_KEPT: usize = 100_000;

struct Node<'a> {
    pair: Pair<'a>,
    found: Found<'a>,
    edges: Vec<(usize, &'a Field)>,
    /// Who leads here.
    from: Vec<usize>,
    /// The worst that it has or leads to; nothing: no finding at all.
    worst: Option<Level>,
}

/// A pair on the way from a root.
pub(crate) struct Visit<'a> {
    node: usize,
    /// The visit before, and the writer's field that leads here; nothing for a root.
    pub(crate) from: Option<(usize, &'a Field)>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(asked: Question<'a>) -> Self {
        Self {
            asked,
            nodes: Vec::new(),
            by_pair: HashMap::new(),
            compared: 0,
            enums: HashMap::new(),
            left: MAX_KEPT,
            any: None,
        }
    }

    /// Compares a pair and all that it leads to, as far as that has not been done.
    pub(crate) fn explore(&mut self, writer: MessageId, reader: MessageId) -> usize {
        let root = self.node(writer, reader);
        self.compare();
        if self.any.is_none()
            && let Some(at) = any::ids(&self.asked).and_then(|pair| self.by_pair.get(&pair)).copied()
        {
            self.any = Some(at);
            for raw in any::content(self) {
                self.raise(at, Some(raw.level));
                self.nodes.get_mut(at).into_iter().for_each(|node| node.found.push(raw.clone()));
            }
        }
        root
    }

    /// Compares pairs that nobody need lead to, and says how bad it is with each.
    pub(crate) fn aside(
        &mut self,
        pairs: impl IntoIterator<Item = (MessageId, MessageId)>,
    ) -> Vec<(usize, Option<Level>)> {
        let nodes: Vec<_> = pairs.into_iter().map(|(writer, reader)| self.node(writer, reader)).collect();
        self.compare();
        nodes.into_iter().map(|at| (at, self.nodes.get(at).and_then(|node| node.worst))).collect()
    }

    /// What has not been compared yet, and all that it leads to.
    fn compare(&mut self) {
        while let Some(pair) = self.nodes.get(self.compared).map(|node| node.pair) {
            let found = Found::at_most(self.left.clamp(1, MAX_FINDINGS));
            let mut out = Out { found, edges: Vec::new(), enums: std::mem::take(&mut self.enums) };
            match self.asked.encoding {
                Encoding::Binary => binary::compare(&pair, &mut out),
                Encoding::Json => json::compare(&pair, &mut out),
            }
            self.enums = out.enums;
            self.left = self.left.saturating_sub(out.found.kept.len());
            if self.nodes.len() + out.edges.len() > MAX_PAIRS {
                out.found.push(too_large(&pair));
                out.edges.clear();
            }
            let edges: Vec<_> =
                out.edges.into_iter().map(|(one, other, by)| (self.node(one, other), by)).collect();
            self.settle(self.compared, out.found, edges);
            self.compared += 1;
        }
    }

    fn node(&mut self, writer: MessageId, reader: MessageId) -> usize {
        let asked = self.asked;
        let nodes = &mut self.nodes;
        *self.by_pair.entry((writer, reader)).or_insert_with(|| {
            let (writer, reader) = (asked.writer.message_at(writer), asked.reader.message_at(reader));
            let pair = Pair { asked, writer, reader };
            nodes.push(Node {
                pair,
                found: Found::default(),
                edges: Vec::new(),
                from: Vec::new(),
                worst: None,
            });
            nodes.len() - 1
        })
    }

    /// Notes what was found at a pair, and tells everybody who leads there.
    fn settle(&mut self, at: usize, found: Found<'a>, edges: Vec<(usize, &'a Field)>) {
        let mut worst = found.worst();
        for (to, _) in &edges {
            if let Some(node) = self.nodes.get_mut(*to) {
                node.from.push(at);
                worst = worst.max(node.worst);
            }
        }
        if let Some(node) = self.nodes.get_mut(at) {
            (node.found, node.edges) = (found, edges);
        }
        self.raise(at, worst);
    }

    /// A pair is as bad as this at least, and so is whoever leads there: each is told thrice at most.
    fn raise(&mut self, at: usize, worst: Option<Level>) {
        let mut open = vec![at];
        while let Some(node) = open.pop().and_then(|at| self.nodes.get_mut(at)) {
            if node.worst < worst {
                node.worst = worst;
                open.extend(&node.from);
            }
        }
    }

    /// The pairs below some roots that lead to findings, the nearest first, each once.
    pub(crate) fn visits(&self, roots: impl IntoIterator<Item = usize>) -> Vec<Visit<'a>> {
        let mut fresh: Vec<bool> = self.nodes.iter().map(|node| node.worst.is_some()).collect();
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

    pub(crate) fn found(&self, visit: &Visit<'a>) -> Option<&Found<'a>> {
        self.nodes.get(visit.node).map(|node| &node.found)
    }
}

/// What lies behind a pair is not looked at any more.
fn too_large<'a>(pair: &Pair<'a>) -> Raw<'a> {
    let mut raw = Raw::of("comparison-too-large", Level::Breaking, None, None).says(
        format!(
            "more than {MAX_PAIRS} pairs of types are reached: what lies behind this one is not compared"
        ),
        "keep messages of the same meaning under the same names and fields, or split the contract",
    );
    (raw.written, raw.read) = (Declared::Message(pair.writer), Declared::Message(pair.reader));
    raw
}
