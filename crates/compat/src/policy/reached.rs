//! From a method's message to the fields that both sides have, and of which the provider's says something.

use crate::{constraints::inner, judge::Both, level::Direction};
use contract::{
    Field as Policy,
    schema::{Cardinality, Field, MessageId, Schema},
};
use std::collections::{HashMap, HashSet};

/// Pairs of types that one message reaches; more are left out.
const MAX_PAIRS: usize = 50_000;
/// Messages within messages: no decoder goes deeper.
const MAX_DEPTH: usize = 100;

/// A field of both sides.
pub(super) struct Reached<'a> {
    /// What the consumer's says, if that is of the kind that is looked for.
    pub(super) before: Option<&'a Policy>,
    /// What the provider's says.
    pub(super) now: &'a Policy,
    pub(super) consumer: &'a Field,
    pub(super) provider: &'a Field,
    /// From the message, by the consumer's names and by numbers.
    pub(super) path: String,
    pub(super) numbers: Vec<u32>,
}

/// Those of which the provider says something that `looks` is for, the nearest first; none where both sides say
/// the same everywhere.
pub(super) fn fields<'a>(
    both: &Both<'a>,
    direction: Direction,
    looks: impl Fn(&Policy) -> bool,
) -> Vec<Reached<'a>> {
    let (from, to) = (both.from.1, both.to.1);
    let (before, now) = (by_name(&from.fields, &looks), by_name(&to.fields, &looks));
    let same = |(name, said): (&&str, &&Policy)| {
        let before = before.get(name);
        before.is_some_and(|before| before.claim == said.claim && before.visible_to == said.visible_to)
    };
    if now.iter().all(same) {
        return Vec::new();
    }
    let (old, new) = match direction {
        Direction::Request => (&from.input, &to.input),
        Direction::Response => (&from.output, &to.output),
    };
    let (consumer, provider) = (&both.consumer.schema, &both.provider.schema);
    let (Some(old), Some(new)) = (consumer.message_id(old), provider.message_id(new)) else {
        return Vec::new();
    };
    let mut walk = Walk { consumer, provider, steps: Vec::new(), seen: HashSet::new() };
    walk.add(Step { pair: (old, new), depth: 0, from: None });
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(step) = walk.steps.get(at).copied() {
        for (old, new) in walk.matched(step.pair) {
            if let Some(now) = now.get(named(provider, step.pair.1, new).as_str()) {
                let (path, numbers) = walk.way(step, old);
                let before = before.get(named(consumer, step.pair.0, old).as_str()).copied();
                found.push(Reached { before, now, consumer: old, provider: new, path, numbers });
            }
            if let (Some(one), Some(other)) = (inner(consumer, old), inner(provider, new)) {
                walk.add(Step { pair: (one, other), depth: step.depth + 1, from: Some((at, old)) });
            }
        }
        at += 1;
    }
    found
}

fn by_name(fields: &[Policy], looks: impl Fn(&Policy) -> bool) -> HashMap<&str, &Policy> {
    fields.iter().filter(|said| looks(said)).map(|said| (said.name.as_str(), said)).collect()
}

/// As [`Policy::name`].
fn named(schema: &Schema, of: MessageId, field: &Field) -> String {
    format!("{}.{}", schema.message_at(of).name, field.name)
}

/// A pair of types, and by which field of which step it is reached.
#[derive(Clone, Copy)]
struct Step<'a> {
    pair: (MessageId, MessageId),
    depth: usize,
    from: Option<(usize, &'a Field)>,
}

/// Pairs of the consumer's and the provider's types, each once.
struct Walk<'a> {
    consumer: &'a Schema,
    provider: &'a Schema,
    steps: Vec<Step<'a>>,
    seen: HashSet<(MessageId, MessageId)>,
}

impl<'a> Walk<'a> {
    fn add(&mut self, step: Step<'a>) {
        if step.depth < MAX_DEPTH && self.steps.len() < MAX_PAIRS && self.seen.insert(step.pair) {
            self.steps.push(step);
        }
    }

    /// The fields of one number.
    fn matched(&self, (old, new): (MessageId, MessageId)) -> Vec<(&'a Field, &'a Field)> {
        let old = &self.consumer.message_at(old).fields;
        let by_number: HashMap<u32, &Field> = old.iter().map(|field| (field.number, field)).collect();
        let new = self.provider.message_at(new).fields.iter();
        new.filter_map(|field| Some((*by_number.get(&field.number)?, field))).collect()
    }

    /// "PlaceOrderRequest.items[].price", and the same by numbers.
    fn way(&self, step: Step<'a>, last: &'a Field) -> (String, Vec<u32>) {
        let (mut fields, mut step) = (vec![last], step);
        while let Some((before, field)) = step.from.and_then(|(at, by)| Some((*self.steps.get(at)?, by))) {
            fields.push(field);
            step = before;
        }
        let root = &self.consumer.message_at(step.pair.0).name;
        let mut path = root.rsplit('.').next().unwrap_or_default().to_owned();
        let mut numbers = Vec::new();
        for field in fields.into_iter().rev() {
            let list = if field.cardinality == Cardinality::Singular { "" } else { "[]" };
            path.push_str(&format!(".{}{list}", field.name));
            numbers.push(field.number);
            numbers.extend((field.cardinality == Cardinality::Map).then_some(2));
        }
        (path, numbers)
    }
}
