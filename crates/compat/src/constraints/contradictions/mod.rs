//! Rules of one contract that nobody can keep, or that say nothing.

mod endless;
mod values;
mod words;

#[cfg(test)]
mod tests;

use super::{
    read,
    rules::{Judged, Rule},
    said::Said,
};
use contract::{
    Origin,
    schema::{Cardinality, Field, Message, Place, Schema},
};

/// Where options stand in the descriptors of a message and of a field.
const MESSAGE_OPTIONS: i32 = 7;
const FIELD_OPTIONS: i32 = 8;
/// `buf.validate.MessageRules.cel`.
const CEL_OF_MESSAGE: u32 = 3;

/// Rules of `buf.validate` that contradict each other, or of which one has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Where the rule is written, or the first of them.
    pub origin: Origin,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What would be right.
    pub remedy: &'static str,
    /// Whether no value at all keeps the rules; else a rule, an id or an example is wrong beside others that
    /// can be kept.
    pub unkeepable: bool,
}

/// Everything of that sort in a schema, imports included, message by message. Linear in the schema's size.
/// Expressions, patterns and predefined rules are taken to allow something.
pub fn contradictions(schema: &Schema) -> Vec<Contradiction> {
    let mut finder = Finder { schema, found: Vec::new() };
    for message in schema.messages().filter(|message| !message.map_entry) {
        finder.message(message);
    }
    finder.endless();
    finder.found
}

struct Finder<'s> {
    schema: &'s Schema,
    found: Vec<Contradiction>,
}

/// What rules are about, and where its declaration is.
#[derive(Clone, Copy)]
struct Spot<'a> {
    /// "`a`", "an item of `tags`".
    name: &'a str,
    place: &'a Place,
}

impl Finder<'_> {
    fn add(&mut self, place: &Place, path: &[i32], unkeepable: bool, message: String, remedy: &'static str) {
        let origin = self.schema.origin(place, path);
        self.found.push(Contradiction { origin, message, remedy, unkeepable });
    }

    fn message(&mut self, message: &Message) {
        if let Some(said) = Said::of(self.schema, &message.options, MESSAGE_OPTIONS) {
            let name = message.name.rsplit('.').next().unwrap_or_default();
            let name = format!("`{name}`");
            self.ids(Spot { name: &name, place: &message.place }, &said, CEL_OF_MESSAGE);
        }
        for field in message.fields.iter().chain(self.schema.extensions(&message.name)) {
            self.field(message, field);
        }
    }

    fn field(&mut self, message: &Message, field: &Field) {
        let Some(said) = Said::of(self.schema, &field.options, FIELD_OPTIONS) else { return };
        let name = format!("`{}`", field.name);
        let spot = Spot { name: &name, place: &field.place };
        self.said(spot, &said, 0);
        let judged = read::field(self.schema, field, false);
        if judged.required.is_some() {
            self.required_member(spot, message, field, &said);
        }
        self.values(spot, field, &judged);
    }

    /// What can be told without knowing what the values are.
    fn said(&mut self, spot: Spot<'_>, said: &Said<'_>, depth: u32) {
        const ALWAYS: u64 = 3;
        // Lists of lists of rules are as deep as somebody writes them.
        const MAX_DEPTH: u32 = 8;
        self.ids(spot, said, read::CEL);
        if said.count(read::IGNORE) == Some(ALWAYS)
            && let Some(other) = said.numbers().into_iter().find(|number| *number != read::IGNORE)
        {
            let message =
                format!("{} is always ignored, so what its other rules say is said in vain", spot.name);
            let remedy = "take `IGNORE_ALWAYS` away, or the other rules";
            self.add(spot.place, &said.at(other), false, message, remedy);
        }
        for (family, part, what) in [(18, 4, "an item"), (19, 4, "a key"), (19, 5, "a value")] {
            let inner = said.message(family).and_then(|rules| rules.message(part));
            if let Some(inner) = inner.filter(|_| depth < MAX_DEPTH) {
                let name = format!("{what} of {}", spot.name);
                self.said(Spot { name: &name, ..spot }, &inner, depth + 1);
            }
        }
    }

    /// The ids of expressions, which violations are told apart by.
    fn ids(&mut self, spot: Spot<'_>, said: &Said<'_>, number: u32) {
        let rules = said.messages(number);
        let ids: Vec<(String, Vec<i32>)> =
            rules.iter().filter_map(|rule| Some((rule.text(1)?, rule.at(1)))).collect();
        for (id, path) in ids.iter().filter(|(id, _)| !id.is_empty()) {
            let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            let times = ids.iter().filter(|(other, _)| other == id).count();
            if times > 1 {
                let message = format!("`{id}` is the id of {times} expressions of {}", spot.name);
                self.add(spot.place, path, false, message, "give each an id of its own: violations name it");
            }
            if !id.chars().all(fits) {
                let message = format!("`{id}`, of {}, is no id of an expression", spot.name);
                let remedy = "write letters, digits, `.`, `_` and `-` only";
                self.add(spot.place, path, false, message, remedy);
            }
        }
    }

    /// A member of a oneof that must be set forbids all others.
    fn required_member(&mut self, spot: Spot<'_>, message: &Message, field: &Field, said: &Said<'_>) {
        let Some(oneof) = field.oneof.and_then(|at| message.oneofs.get(at)) else { return };
        let text = format!("{} is required, so no other member of `{}` can be set", spot.name, oneof.name);
        let remedy = "take it out of the oneof, or write `(buf.validate.oneof).required`";
        self.add(spot.place, &said.at(read::REQUIRED), false, text, remedy);
    }

    fn values(&mut self, spot: Spot<'_>, field: &Field, judged: &Judged) {
        match field.cardinality {
            Cardinality::Singular => self.single(spot, field, judged),
            Cardinality::List | Cardinality::Map => self.several(spot, field, judged),
        }
    }

    /// Rules that leave nothing together.
    fn unkeepable(&mut self, spot: Spot<'_>, rules: &[&Rule], of: &str) {
        let shown: Vec<_> = rules.iter().map(|rule| format!("`{}`", rule.shown)).collect();
        let (together, remedy) = match shown.len() {
            1 => ("", "mend it"),
            2 => ("both ", "mend one of them"),
            _ => ("all of ", "mend one of them"),
        };
        let message = format!("no {of} keeps {together}{}", words::and(&shown));
        let path = rules.first().map(|rule| rule.path.clone()).unwrap_or_default();
        self.add(spot.place, &path, true, message, remedy);
    }
}
