//! Answers that fit their requests.

use crate::{
    sampler::{Sample, Wish},
    tree::{self, Message, Slot, Value},
};
use contract::schema::{Field, MessageId, Schema};
use validate::Program;

/// The sample with as much of the request as still obeys the rules.
pub(crate) fn alike(schema: &Schema, program: &Program, sample: Sample, wish: &Wish<'_>) -> Sample {
    let Some(request) = wish.like else { return sample };
    let of = sample.message.of;
    let mut best = Best { schema, program, wish, sample };
    for (number, slot) in common(schema, request, of) {
        best.with(number, Some(slot));
    }
    for (number, slot) in page(schema, request, &best.sample.message) {
        best.with(number, Some(slot));
    }
    let token = schema.message_at(of).field_named("next_page_token");
    if let Some(token) = token.filter(|_| is_last_page(schema, request)) {
        best.with(token.number, None);
    }
    best.sample
}

/// The best of what was seen.
struct Best<'a> {
    schema: &'a Schema,
    program: &'a Program,
    wish: &'a Wish<'a>,
    sample: Sample,
}

impl Best<'_> {
    /// Takes this over if the message still obeys then.
    fn with(&mut self, number: u32, slot: Option<Slot>) {
        let mut message = self.sample.message.clone();
        let field = self.schema.message_at(message.of).field(number);
        match (slot, field) {
            (Some(slot), Some(field)) => message.set(self.schema, field, slot),
            _ => _ = message.fields.remove(&number),
        }
        let bytes = tree::encode(self.schema, &message);
        if self.program.examine(&bytes, self.wish.now).is_ok() {
            self.sample = Sample { message, bytes };
        }
    }
}

/// What the request says about fields of the answer: those of a message of its type within the request, then
/// those of the same name and type.
fn common(schema: &Schema, request: &Message, answer: MessageId) -> Vec<(u32, Slot)> {
    let mut found = Vec::new();
    let within = request.fields.values().find_map(|slot| match slot {
        Slot::One(Value::Message(inner)) if inner.of == answer => Some(inner),
        _ => None,
    });
    found
        .extend(within.into_iter().flat_map(|inner| inner.fields.iter().map(|(n, slot)| (*n, slot.clone()))));
    let asked = schema.message_at(request.of);
    for field in &schema.message_at(answer).fields {
        let same = |other: &&Field| {
            other.name == field.name && other.cardinality == field.cardinality && other.kind == field.kind
        };
        let slot = asked.fields.iter().find(same).and_then(|other| request.fields.get(&other.number));
        // Lists of names that were asked for are answered by what they name; a map is taken as it is.
        found.extend(slot.map(|slot| (field.number, slot.clone())));
    }
    found
}

/// Lists that are longer than what was asked for, cut.
fn page(schema: &Schema, request: &Message, answer: &Message) -> Vec<(u32, Slot)> {
    let asked = request.one(schema, "page_size").and_then(Value::as_integer);
    let Some(size) = asked.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0) else {
        return Vec::new();
    };
    let cut = |(number, slot): (&u32, &Slot)| match slot {
        Slot::List(values) if values.len() > size => {
            Some((*number, Slot::List(values.iter().take(size).cloned().collect())))
        }
        _ => None,
    };
    answer.fields.iter().filter_map(cut).collect()
}

/// Whoever turns pages comes to an end.
fn is_last_page(schema: &Schema, request: &Message) -> bool {
    request.one(schema, "page_token").and_then(Value::as_str).is_some_and(|token| !token.is_empty())
}
