//! What the rules of a whole message may cost, as far as they bound it.
//!
//! Each expression is estimated by itself (`cel::cost`); a message of a hundred items evaluates those of an item a
//! hundred times. Where `max_items` and `max_pairs` say how often, the steps are given to every check of that type, so
//! that a message within its bounds is always judged to the end; and rules that would need more than anybody may have are
//! refused. What nothing bounds is counted once, and lives on what a message of its size has.

use super::{Compiler, options::Place};
use crate::{
    cel::{at_most, longest},
    compiled::{Expression, FieldProgram, MessageProgram, Shape, ValueRules},
    failure::CompileError,
    pattern::SEARCH,
    rules::{Blob, Checks, Text},
};
use contract::schema::{Field, MessageId, Schema};
use std::collections::{
    HashSet,
    hash_map::{Entry, HashMap},
};

/// The most that a program may ask for: two thirds of a second.
const MOST: u64 = 1 << 26;
/// What building the states of a pattern is taken to cost at most. It costs so once, not once for each message.
const STATES: u64 = 1 << 17;
/// What a message in a list has to pay with, at least: its tag and its length, at eight steps each.
const PAID_BY_BYTES: u64 = 16;
/// How many levels of a message in itself are counted.
const LEVELS: usize = 2;
/// How many bytes an automaton reads at the price of a step.
const BYTES_A_STEP: u64 = 16;

/// What the rules of one message type cost, without those of the messages in it.
#[derive(Default)]
pub(super) struct Own {
    steps: u64,
    /// What looking at its fields costs beyond what its bytes pay for.
    toll: u64,
    /// The messages in it, and how many there may be of each.
    within: Vec<(MessageId, u64)>,
    /// The patterns, as they were written.
    patterns: Vec<Box<str>>,
}

impl Own {
    /// `types` are those of the programs that fields name.
    pub(super) fn of(schema: &Schema, program: &MessageProgram, types: &[MessageId]) -> Self {
        let toll = (program.toll as u64).saturating_sub(PAID_BY_BYTES);
        let mut own = Self { steps: most(&program.expressions), toll, ..Self::default() };
        let declared = &schema.message_at(program.message).fields;
        for field in &program.fields {
            if let Some(declared) = declared.get(field.position) {
                own.add(schema, field, declared, types);
            }
        }
        own
    }

    fn add(&mut self, schema: &Schema, field: &FieldProgram, declared: &Field, types: &[MessageId]) {
        let many = match field.shape {
            Shape::One => 1,
            Shape::List | Shape::Map => at_most(declared).map_or(1, |most| most as u64),
        };
        let length = longest(schema, declared) as u64;
        let rules = &field.rules;
        let mut steps = self.value(rules, length);
        for each in rules.list.iter().map(|list| &list.items) {
            steps = steps.saturating_add(self.value(each, length).saturating_mul(many));
        }
        for each in rules.map.iter().flat_map(|map| [&map.keys, &map.values]) {
            steps = steps.saturating_add(self.value(each, length).saturating_mul(many));
        }
        self.steps = self.steps.saturating_add(steps);
        if let Some(child) = types.get(field.child as usize) {
            self.within.push((*child, many));
        }
    }

    const fn alone(&self) -> Whole {
        Whole { steps: self.steps, toll: self.toll }
    }

    /// The rules of one value, a text of which may be so long.
    fn value(&mut self, rules: &ValueRules, length: u64) -> u64 {
        let mut found = Vec::new();
        match &rules.checks {
            Checks::Text(checks) | Checks::Any(checks) => {
                found.extend(checks.iter().filter_map(|(check, _)| match check {
                    Text::Pattern(pattern) => Some(pattern),
                    _ => None,
                }));
            }
            Checks::Blob(checks) => found.extend(checks.iter().filter_map(|(check, _)| match check {
                Blob::Pattern(pattern) => Some(pattern),
                _ => None,
            })),
            _ => {}
        }
        let matched = (found.len() as u64).saturating_mul(SEARCH as u64 + 2 + length / BYTES_A_STEP);
        self.patterns.extend(found.into_iter().map(|pattern| pattern.translated().into()));
        let said = most(&rules.expressions).saturating_add(most(&rules.predefined));
        said.saturating_add(matched)
    }
}

fn most(expressions: &[Expression]) -> u64 {
    expressions.iter().fold(0, |sum, expression| sum.saturating_add(expression.rule.most_steps() as u64))
}

/// What the rules of one message type cost, with those of the messages in it.
#[derive(Clone, Copy, Default)]
struct Whole {
    steps: u64,
    toll: u64,
}

impl Whole {
    const fn and(self, many: u64, other: Self) -> Self {
        Self {
            steps: self.steps.saturating_add(many.saturating_mul(other.steps)),
            toll: self.toll.saturating_add(many.saturating_mul(other.toll)),
        }
    }
}

/// What the rules of several message types cost.
#[derive(Default)]
pub(super) struct Budget {
    own: HashMap<MessageId, Own>,
    whole: HashMap<MessageId, Whole>,
}

impl Budget {
    pub(super) fn add(&mut self, id: MessageId, own: Own) {
        self.own.insert(id, own);
    }

    /// The steps that every check of the type gets, whatever the size of the message.
    ///
    /// # Errors
    /// When that is more than anybody may have.
    pub(super) fn of(&mut self, schema: &Schema, root: MessageId) -> Result<u64, CompileError> {
        let Whole { steps, toll } = self.whole(root);
        if steps > MOST {
            let message = schema.message_at(root);
            let place =
                Place { schema, of: message.name.clone(), declared: &message.place, path: Vec::new() };
            return Err(place.error(format!(
                "a message within its bounds may need {steps} steps to be judged, of {MOST} at most: lower `max_items`, \
                 `max_pairs` or `max_len` of what its rules in CEL go through, or make them simpler"
            )));
        }
        let states = STATES.saturating_mul(self.patterns(root).len() as u64);
        // The outermost message has no tag, and nobody spends the last step.
        let toll = toll.saturating_add(PAID_BY_BYTES + 1);
        Ok(steps.saturating_add(states).saturating_add(toll).min(MOST))
    }

    /// Without recursion: types may hold each other deeper than a stack is.
    fn whole(&mut self, root: MessageId) -> Whole {
        let mut pending = vec![(root, false)];
        while let Some((id, is_within_known)) = pending.pop() {
            let Some(own) = self.own.get(&id) else { continue };
            if is_within_known {
                let holds_itself = own.within.iter().any(|(child, _)| *child == id);
                for _ in 0..if holds_itself { LEVELS } else { 1 } {
                    let known = |id: &MessageId| self.whole.get(id).copied().unwrap_or_default();
                    let within = own.within.iter();
                    let whole = within.fold(own.alone(), |sum, (child, many)| sum.and(*many, known(child)));
                    self.whole.insert(id, whole);
                }
            } else if let Entry::Vacant(place) = self.whole.entry(id) {
                // A message within itself is bounded by nothing. It counts with its own rules, once for each way to it.
                place.insert(own.alone());
                pending.push((id, true));
                pending.extend(own.within.iter().map(|(child, _)| (*child, false)));
            }
        }
        self.whole.get(&root).copied().unwrap_or_default()
    }

    fn patterns(&self, root: MessageId) -> HashSet<&str> {
        let (mut found, mut seen, mut pending) = (HashSet::new(), HashSet::from([root]), vec![root]);
        while let Some(own) = pending.pop().and_then(|id| self.own.get(&id)) {
            found.extend(own.patterns.iter().map(AsRef::as_ref));
            pending.extend(own.within.iter().map(|(id, _)| *id).filter(|id| seen.insert(*id)));
        }
        found
    }
}

impl Compiler<'_> {
    /// What the rules of a message that was compiled cost.
    pub(super) fn own(&self, program: &MessageProgram) -> Own {
        Own::of(self.schema, program, &self.pending)
    }
}
