//! Whether what one message type writes means the same to the type that reads it.
//!
//! Messages are compared as pairs, field by field: by number in the binary encoding, by key in JSON. Types'
//! names do not matter.

mod alone;
mod any;
mod binary;
mod declare;
mod default;
mod enums;
mod explain;
mod field;
mod form;
mod graph;
mod json;
mod json_key;
mod json_scalar;
mod keys;
mod nested;
mod notes;
mod oneof;
mod presence;
mod raw;
mod scalar;
mod values;
mod well_known;

pub(crate) use any::ANY_CONTENT;
pub use explain::MAX_FINDINGS;
pub(crate) use keys::reader_of;

use crate::{
    finding::{Declaration, Finding},
    history::History,
    level::{Direction, Encoding, Level},
    party::Party,
    settings::Settings,
};
use contract::schema::{MessageId, Schema};
use graph::Graph;
use raw::Question;
use std::collections::HashMap;

/// One message type written with `writer`, read with `reader`; `lenient` readers of JSON ignore what they do not
/// know. The provider is whoever reads a request and writes a response: `history` is its.
pub fn compare(
    writer: (&Schema, MessageId),
    reader: (&Schema, MessageId),
    encoding: Encoding,
    lenient: bool,
    direction: Direction,
    history: &History,
) -> Vec<Finding> {
    let asked = Question { writer: writer.0, reader: reader.0, encoding, lenient, direction, history };
    let mut graph = Graph::new(asked);
    let root = graph.explore(writer.1, reader.1);
    explain::findings(&graph, [root], MAX_FINDINGS)
}

/// Every message of `old` against the one of the same name in `new`, as request and as response. What is in
/// `google.protobuf` is left out.
pub fn all_types(old: &Party, new: &Party, settings: &Settings<'_>) -> Vec<Finding> {
    let ours = |name: &str| !name.starts_with("google.protobuf.");
    let messages = || old.schema.messages().filter(|message| !message.map_entry && ours(&message.name));
    let gone = messages().filter(|message| new.schema.message_id(&message.name).is_none());
    let mut findings: Vec<_> = gone
        .map(|message| Finding {
            rule: "message-deleted",
            level: Level::Breaking,
            path: message.name.clone(),
            written: Declaration {
                text: format!("message {}", message.name),
                origin: old.schema.origin(&message.place, &[]),
            },
            message: format!("{} is gone: what was written as it has no reader", message.name),
            remedy: format!("keep {} until nothing that was written as it is left", message.name),
            ..Finding::default()
        })
        .collect();
    let names: Vec<_> = messages().map(|message| (message.name.as_str(), message.name.as_str())).collect();
    let mut comparison = Comparison::new(old, new, settings);
    for direction in [Direction::Request, Direction::Response] {
        findings.extend(comparison.findings(direction, &names));
    }
    findings
}

/// Comparisons of messages of two parties, remembered.
pub(crate) struct Comparison<'a> {
    graphs: Vec<Graph<'a>>,
    /// How many findings will still be explained.
    left: usize,
}

/// Of all methods together. Where they are used up, each message still gets its worst.
const MAX_ALL: usize = 50_000;

impl<'a> Comparison<'a> {
    pub(crate) fn new(consumer: &'a Party, provider: &'a Party, settings: &'a Settings<'a>) -> Self {
        let graph = |direction: Direction, encoding: Encoding| {
            let (writer, reader) = match direction {
                Direction::Request => (consumer, provider),
                Direction::Response => (provider, consumer),
            };
            Graph::new(Question {
                writer: &writer.schema,
                reader: &reader.schema,
                encoding,
                lenient: settings.readers.lenient(direction),
                direction,
                history: settings.history,
            })
        };
        let directions = [Direction::Request, Direction::Response];
        let each = directions.iter().flat_map(|direction| settings.encodings.each().map(|e| (*direction, e)));
        let graphs = each.map(|(direction, encoding)| graph(direction, encoding)).collect();
        Self { graphs, left: MAX_ALL }
    }

    /// What is found below pairs of messages, in all encodings asked for: the full name of what is written, and
    /// of what is read.
    pub(crate) fn findings(&mut self, direction: Direction, names: &[(&str, &str)]) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for graph in self.graphs.iter_mut().filter(|graph| graph.asked.direction == direction) {
            let (writer, reader) = (graph.asked.writer, graph.asked.reader);
            let id = |(one, other): &(&str, &str)| Some((writer.message_id(one)?, reader.message_id(other)?));
            let roots: Vec<_> =
                names.iter().filter_map(id).map(|(one, other)| graph.explore(one, other)).collect();
            let found = explain::findings(graph, roots, self.left.clamp(1, MAX_FINDINGS));
            self.left = self.left.saturating_sub(found.len());
            join(&mut findings, found);
        }
        findings
    }
}

/// What is found in both encodings is said once.
fn join(findings: &mut Vec<Finding>, more: Vec<Finding>) {
    let key = |finding: &Finding| {
        (finding.rule, finding.level, finding.path.clone(), finding.when.clone(), finding.numbers.clone())
    };
    let mut known: HashMap<_, _> =
        findings.iter().enumerate().map(|(at, finding)| (key(finding), at)).collect();
    let before = findings.len();
    for finding in more {
        match known.remove(&key(&finding)).filter(|at| *at < before).and_then(|at| findings.get_mut(at)) {
            Some(same) => same.encoding = None,
            None => findings.push(finding),
        }
    }
}
