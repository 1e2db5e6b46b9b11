//! From what was found to what is said: paths, places, examples.

use super::{
    graph::{Graph, Visit},
    presence,
    raw::{Pair, Raw},
};
use crate::{
    example::{
        binary, json, missing, read, text,
        value::{self, Tree, Value},
    },
    finding::{Example, Finding},
    level::{Encoding, Level},
};
use contract::schema::{Cardinality, Field, Message, Schema};

/// More findings of one comparison are counted, not explained.
pub const MAX_FINDINGS: usize = 1000;
/// Deeper messages are read by no runtime with its defaults: they get no example.
const MAX_DEPTH: usize = 90;
/// Steps of a path that are shown at its beginning and at its end.
const SHOWN_STEPS: usize = 32;

/// What is found below some roots, at most so many, and how many more there are: the worst first, then the
/// nearest.
pub(crate) fn findings(
    graph: &Graph<'_>,
    roots: impl IntoIterator<Item = usize>,
    most: usize,
) -> Vec<Finding> {
    let visits = graph.visits(roots);
    let (mut found, mut omitted, mut worst) = (Vec::new(), 0, Level::Safe);
    for (at, of_visit) in visits.iter().enumerate().filter_map(|(at, visit)| Some((at, graph.found(visit)?)))
    {
        found.extend(of_visit.kept.iter().map(|raw| (at, raw)));
        (omitted, worst) = (omitted + of_visit.dropped.0, worst.max(of_visit.dropped.1));
    }
    found.sort_by_key(|(_, raw)| std::cmp::Reverse(raw.level));
    if let Some((_, raw)) = found.get(most) {
        (omitted, worst) = (omitted + found.len() - most, worst.max(raw.level));
    }
    let rest = (omitted > 0).then(|| Finding {
        direction: Some(graph.asked.direction),
        encoding: Some(graph.asked.encoding),
        ..Finding::omitted(omitted, worst, most)
    });
    let explained = found.iter().take(most);
    let explained =
        explained.filter_map(|(at, raw)| Chain::of(graph, &visits, *at).map(|chain| chain.explain(raw)));
    explained.chain(rest).collect()
}

/// A message of the pair's own type that shows the worst of what is found below it, and what is read.
pub(crate) fn worst<'a>(graph: &Graph<'a>, node: usize) -> Option<(Tree<'a>, String)> {
    let visits = graph.visits([node]);
    let found = visits.iter().enumerate().filter_map(|(at, visit)| Some((at, graph.found(visit)?)));
    let all = found.flat_map(|(at, found)| found.kept.iter().map(move |raw| (at, raw)));
    // The nearest of the worst.
    let (at, raw) = all.min_by_key(|(_, raw)| std::cmp::Reverse(raw.level))?;
    let chain = Chain::of(graph, &visits, at)?;
    let example = chain.example(raw)?;
    Some((chain.tree(raw.shown.clone()?, raw.bare), example.read))
}

/// As little of a message as a writer may send.
pub(crate) fn empty<'a>(schema: &'a Schema, of: &'a Message) -> Tree<'a> {
    value::complete(schema, of, Vec::new())
}

/// The way from a root to a pair.
struct Chain<'a, 'g> {
    root: &'g Pair<'a>,
    /// The fields by which it goes, and the pairs that they are in.
    steps: Vec<(&'g Pair<'a>, &'a Field)>,
    pair: &'g Pair<'a>,
}

impl<'a, 'g> Chain<'a, 'g> {
    fn of(graph: &'g Graph<'a>, visits: &[Visit<'a>], at: usize) -> Option<Self> {
        let mut visit = visits.get(at)?;
        let pair = graph.pair(visit)?;
        let mut steps = Vec::new();
        while let Some((from, by)) = visit.from {
            visit = visits.get(from)?;
            steps.push((graph.pair(visit)?, by));
        }
        steps.reverse();
        Some(Self { root: graph.pair(visit)?, steps, pair })
    }

    fn explain(&self, raw: &Raw<'a>) -> Finding {
        let asked = &self.pair.asked;
        Finding {
            rule: raw.rule,
            level: raw.level,
            when: raw.when.clone(),
            method: None,
            direction: Some(asked.direction),
            encoding: Some(asked.encoding),
            path: self.path(raw.field),
            numbers: self.numbers(raw.field),
            written: raw.written.explain(asked.writer),
            read: raw.read.explain(asked.reader),
            example: self.example(raw),
            message: raw.message.clone(),
            remedy: raw.remedy.clone(),
            bound: None,
        }
    }

    /// "PlaceOrderRequest.items[].price.units".
    fn path(&self, field: Option<&Field>) -> String {
        let mut path = vec![own_name(self.root.writer).to_owned()];
        path.extend(self.steps.iter().map(|(_, by)| step(by)));
        path.extend(field.map(name));
        if let Some(hidden) = path.len().checked_sub(2 * SHOWN_STEPS).filter(|hidden| *hidden > 0) {
            path.splice(SHOWN_STEPS..SHOWN_STEPS + hidden, [format!("({hidden} more)")]);
        }
        path.join(".")
    }

    fn numbers(&self, field: Option<&Field>) -> Vec<u32> {
        let steps = self.steps.iter().map(|(_, by)| by.number);
        steps.chain(field.map(|field| field.number)).take(MAX_DEPTH).collect()
    }

    fn example(&self, raw: &Raw<'a>) -> Option<Example> {
        let shown = raw.shown.clone().filter(|_| self.steps.len() < MAX_DEPTH)?;
        let tree = self.tree(shown, raw.bare);
        if !raw.bare && !value::is_whole(&tree, MAX_DEPTH) {
            return None;
        }
        let (writer, reader) = (self.root.asked.writer, self.root.asked.reader);
        let (bytes, written) = match self.pair.asked.encoding {
            Encoding::Binary => (binary::encode(&tree), text::text(writer, &tree)),
            Encoding::Json => {
                let text = json::encode(writer, &tree);
                (text.clone().into_bytes(), text)
            }
        };
        // Another field may be what is required.
        let missed = raw.rule == "field-required";
        let read = match self.pair.asked.encoding {
            Encoding::Binary => match (read::read(reader, self.root.reader, &bytes), &raw.outcome) {
                (Err(reason), _) => format!("refused: {reason}"),
                (Ok(_), Some(_)) if missed => return None,
                (Ok(_), Some(outcome)) => outcome.clone(),
                (Ok(read), None) if read.mismatch => {
                    format!("refused, or passed over: {}", or_nothing(text::text(reader, &read.tree)))
                }
                (Ok(read), None) => or_nothing(text::text(reader, &read.tree)),
            },
            Encoding::Json => {
                let outcome = raw.outcome.clone().unwrap_or_else(|| raw.message.clone());
                match missing::in_json((writer, &tree), (reader, self.root.reader)) {
                    Some(field) if missed || !outcome.starts_with("refused") => presence::missing(field),
                    None if missed => return None,
                    _ => outcome,
                }
            }
        };
        Some(Example { bytes, written: or_nothing(written), read })
    }

    /// The whole message, from the root down to what is shown.
    fn tree(&self, shown: Vec<(&'a Field, Value<'a>)>, bare: bool) -> Tree<'a> {
        let writer = self.root.asked.writer;
        let leaf = match bare {
            true => Tree { of: self.pair.writer, fields: shown },
            false => value::complete(writer, self.pair.writer, shown),
        };
        self.steps.iter().rev().fold(leaf, |inner, (pair, by)| {
            let value = value::within(by, Value::Message(inner));
            value::complete(writer, pair.writer, vec![(by, value)])
        })
    }
}

fn or_nothing(text: String) -> String {
    if text.is_empty() { "(an empty message)".to_owned() } else { text }
}

/// "items[]", "prices{}", "price", "[shop.v1.extra]".
fn step(by: &Field) -> String {
    let suffix = match by.cardinality {
        Cardinality::Singular => "",
        Cardinality::List => "[]",
        Cardinality::Map => "{}",
    };
    format!("{}{suffix}", name(by))
}

fn name(field: &Field) -> String {
    if field.extension { format!("[{}]", field.name) } else { field.name.clone() }
}

/// Without its package, and without what it is nested in.
fn own_name(message: &Message) -> &str {
    message.name.rsplit('.').next().unwrap_or(&message.name)
}
