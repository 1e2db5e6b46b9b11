//! `buf.validate` rules that became tighter: requests that the consumer's view allowed, and the provider
//! refuses.
//!
//! Standard rules are compared as sets: what the old ones accept must be accepted by each new one. Where that
//! cannot be decided (CEL, patterns, predefined rules) a request that shows it is looked for; without one it
//! is a warning: the rule may refuse what was taken. Everything that is called tightened and can be shown is shown: the
//! example was accepted by the old rules and refused by the new ones.

mod candidates;
mod compare;
mod contradictions;
mod encode;
mod enforced;
mod examples;
mod family;
mod format;
mod language;
mod mask;
mod nothing;
mod octets;
mod programs;
mod read;
mod rules;
mod said;
mod sampler;
mod satisfiable;
mod set;
mod show;
mod values;
mod walk;
mod whole;
mod witness;

#[cfg(test)]
mod tests;

use crate::{
    example,
    finding::{Declaration, Example, Finding},
    judge::Both,
    level::{Direction, Level},
    party::Party,
};
use compare::Part;
use contract::{
    ValidateRequests,
    schema::{Message, MessageId, Place, Schema},
};
use programs::Programs;
use rules::Rule;
use std::cmp::Reverse;
use walk::{Local, PlaceOf, Visit, Walk};
use witness::{Shown, Witness};

pub use contradictions::{Contradiction, contradictions};
pub(crate) use walk::inner;

/// Where rules are defined; a set without it has none.
const DEFINED: &str = "buf.validate.FieldRules";
/// Examples that one judgement makes; further findings have none.
const MAX_EXAMPLES: usize = 1000;
/// More of one message are counted only.
const MAX_FINDINGS: usize = 1000;
/// So many are looked at to find the worst of them, and twice as many of those that break.
const MAX_KEPT: usize = 20_000;

/// The rules of two parties, compared type by type and remembered.
pub(crate) struct Constraints<'a> {
    requests: Direct<'a>,
    responses: Direct<'a>,
}

impl<'a> Constraints<'a> {
    pub(crate) fn new(consumer: &'a Party, provider: &'a Party) -> Self {
        Self {
            requests: Direct::new(Direction::Request, consumer, provider),
            responses: Direct::new(Direction::Response, provider, consumer),
        }
    }

    /// What requests the provider refuses that it took before, and what responses may carry that they did not.
    pub(crate) fn changes(&mut self, both: &Both<'_>) -> Vec<Finding> {
        let (from, to) = (both.from.1, both.to.1);
        let nobody = to.policy.validate.value.requests == ValidateRequests::Nobody;
        let mut found = self.requests.findings(&from.input, &to.input, nobody);
        found.extend(self.responses.findings(&to.output, &from.output, false));
        let provider = &self.requests.walk;
        found.extend(enforced::requests(from, to).into_iter().filter(|_| provider.reads_rules(&to.input)));
        found.extend(enforced::responses(from, to).into_iter().filter(|_| provider.reads_rules(&to.output)));
        found
    }
}

/// One direction: what is written by the rules of one side is held against those of the other.
struct Direct<'a> {
    direction: Direction,
    walk: Walk<'a>,
    witness: Witness<'a>,
    examples: usize,
}

impl<'a> Direct<'a> {
    fn new(direction: Direction, writer: &'a Party, reader: &'a Party) -> Self {
        let walk = Walk::new(&writer.schema, &reader.schema);
        let witness = Witness::new(Programs::new(writer, direction), Programs::new(reader, direction));
        Self { direction, walk, witness, examples: MAX_EXAMPLES }
    }

    fn findings(&mut self, written: &str, read: &str, nobody: bool) -> Vec<Finding> {
        let (writer, reader) = (self.walk.writer, self.walk.reader);
        let roots = writer.message_id(written).zip(reader.message_id(read));
        let Some(roots) = roots.filter(|_| reader.message(DEFINED).is_some()) else { return Vec::new() };
        let (mut found, mut omitted, mut worst) = (Vec::new(), 0, Level::Safe);
        for visit in self.walk.visits(roots.0, roots.1) {
            for local in self.walk.compare(visit.pair).iter() {
                let Some(finding) = self.finding(roots, &visit, local, nobody) else { continue };
                if found.len() < MAX_KEPT || finding.level == Level::Breaking && found.len() < 2 * MAX_KEPT {
                    found.push(finding);
                } else {
                    (omitted, worst) = (omitted + 1, worst.max(finding.level));
                }
            }
        }
        // The worst are shown; the sort is stable.
        found.sort_by_key(|finding| Reverse(finding.level));
        if let Some(first) = found.get(MAX_FINDINGS) {
            (omitted, worst) = (omitted + found.len() - MAX_FINDINGS, worst.max(first.level));
            found.truncate(MAX_FINDINGS);
        }
        found.extend((omitted > 0).then(|| Finding {
            direction: Some(self.direction),
            ..Finding::omitted(omitted, worst, MAX_FINDINGS)
        }));
        found
    }

    fn finding(
        &mut self,
        roots: (MessageId, MessageId),
        visit: &Visit<'a>,
        local: &Local<'a>,
        nobody: bool,
    ) -> Option<Finding> {
        let shown = self.shown(roots, visit, local);
        let sure = local.certain || shown.is_some();
        let response = self.direction == Direction::Response;
        if response && !sure {
            return None;
        }
        let (path, numbers) = way(visit, local);
        let rule = &local.rule;
        let (id, level) = match (sure, response) {
            (_, true) => ("validation-loosened", Level::Safe),
            (true, _) if nobody => ("validation-tightened", Level::Safe),
            (true, _) => ("validation-tightened", Level::Breaking),
            (false, _) if nobody => ("validation-changed", Level::Safe),
            // A provider that may refuse what it took is a warning, as for limits; the gate asks for proof.
            (false, _) => ("validation-changed", Level::Lossy),
        };
        let (message, remedy) = words(&path, local, id, nobody);
        Some(Finding {
            rule: id,
            level,
            when: local.when.clone(),
            direction: Some(self.direction),
            written: self.before(visit, local),
            read: declared(self.walk.reader, place(self.walk.reader.message_at(visit.pair.new), local), rule),
            example: shown.map(|shown| self.example(roots.0, shown)),
            path,
            numbers,
            message,
            remedy,
            ..Finding::default()
        })
    }

    fn shown(
        &mut self,
        roots: (MessageId, MessageId),
        visit: &Visit<'a>,
        local: &Local<'a>,
    ) -> Option<Shown> {
        self.examples = self.examples.checked_sub(1)?;
        self.witness.show(roots, &visit.steps, visit.pair.old, local)
    }

    fn example(&self, root: MessageId, shown: Shown) -> Example {
        let schema = self.walk.writer;
        let tree = example::read::read(schema, schema.message_at(root), &shown.bytes);
        let written = tree.map_or_else(|_| String::new(), |read| example::text::text(schema, &read.tree));
        let written = if shown.bytes.is_empty() { "(an empty message)".to_owned() } else { written };
        Example { bytes: shown.bytes, written, read: format!("refused: {}", shown.broken) }
    }

    /// The old rule; without one, the field as it was.
    fn before(&self, visit: &Visit<'_>, local: &Local<'_>) -> Declaration {
        let schema = self.walk.writer;
        let message = schema.message_at(visit.pair.old);
        match (&local.before, local.place) {
            (Some(rule), PlaceOf::Field(Some(field), _)) => declared(schema, &field.place, rule),
            (Some(rule), PlaceOf::Message) => declared(schema, &message.place, rule),
            (_, PlaceOf::Field(Some(field), _)) => Declaration {
                text: format!("{} = {}, without such a rule", field.name, field.number),
                origin: schema.origin(&field.place, &[]),
            },
            (_, PlaceOf::Field(None, _)) => Declaration::default(),
            _ => Declaration {
                text: format!("message {}, without such a rule", message.name),
                origin: schema.origin(&message.place, &[]),
            },
        }
    }
}

fn declared(schema: &Schema, place: &Place, rule: &Rule) -> Declaration {
    Declaration { text: rule.shown.clone(), origin: schema.origin(place, &rule.path) }
}

fn place<'l>(message: &'l Message, local: &Local<'l>) -> &'l Place {
    match local.place {
        PlaceOf::Field(_, field) => &field.place,
        PlaceOf::Oneof(oneof) => &oneof.place,
        PlaceOf::Message => &message.place,
    }
}

/// The path to what a rule is for, by names and by numbers.
fn way(visit: &Visit<'_>, local: &Local<'_>) -> (String, Vec<u32>) {
    let (mut path, mut numbers) = (visit.path.clone(), visit.numbers.clone());
    match local.place {
        PlaceOf::Field(written, field) => {
            path.push('.');
            // As whoever writes it calls it, like the rest of the path.
            path.push_str(&written.unwrap_or(field).name);
            numbers.push(field.number);
            match local.part {
                Part::Whole => {}
                Part::Items => path.push_str("[]"),
                Part::Keys => {
                    path.push_str("{}.key");
                    numbers.push(1);
                }
                Part::Values => {
                    path.push_str("{}.value");
                    numbers.push(2);
                }
            }
        }
        PlaceOf::Oneof(oneof) => {
            path.push('.');
            path.push_str(&oneof.name);
        }
        PlaceOf::Message => {}
    }
    (path, numbers)
}

fn words(path: &str, local: &Local<'_>, id: &str, nobody: bool) -> (String, String) {
    let rule = &local.rule.shown;
    let back =
        local.before.as_ref().map_or("take it away".to_owned(), |old| format!("go back to `{}`", old.shown));
    match id {
        "validation-loosened" => (
            format!("`{path}` may carry what `{rule}` of the consumer's view ruled out"),
            "nothing need be done unless the consumer relies on it".to_owned(),
        ),
        "validation-changed" => (
            format!(
                "`{path}` has the rule `{rule}`, which may refuse what was taken before: nobody can tell by looking at it"
            ),
            "try it on recorded requests (`treaty contract validate`) before it is enforced".to_owned(),
        ),
        _ if nobody => (
            format!("`{path}` is now bound to `{rule}`, which only the provider's own code holds"),
            format!("make sure that the provider takes what it took, or {back}"),
        ),
        _ => (
            format!("`{path}` is now refused unless `{rule}` holds: calls fail with INVALID_ARGUMENT"),
            format!("{back}, or wait until no caller sends what it refuses"),
        ),
    }
}
