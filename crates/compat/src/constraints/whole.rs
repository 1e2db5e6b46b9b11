//! The rules of messages as wholes: oneofs of both sorts, and CEL.

use super::{
    compare::{self, Part, Side},
    read,
    rules::Rule,
    walk::{Local, LocalTry, PlaceOf},
};
use contract::schema::{Field, Message, Oneof, Schema};
use std::cell::OnceCell;

/// The rules of messages as wholes.
pub(super) struct Messages<'a> {
    old: &'a Message,
    new: &'a Message,
    writer: &'a Schema,
    reader: &'a Schema,
    /// Whether the old rules were held.
    judged: bool,
    /// Groups of numbers of which the old rules demand that one is set, once somebody asks.
    demanded: OnceCell<Vec<Vec<u32>>>,
}

impl<'a> Messages<'a> {
    pub(super) fn new(
        (writer, old): (&'a Schema, &'a Message),
        (reader, new): (&'a Schema, &'a Message),
        judged: bool,
    ) -> Self {
        Self { old, new, writer, reader, judged, demanded: OnceCell::new() }
    }

    fn demands(&self) -> Vec<Vec<u32>> {
        if !self.judged {
            return Vec::new();
        }
        let required = |oneof: &&Oneof| read::oneof_required(self.writer, oneof).is_some();
        let mut groups: Vec<Vec<u32>> =
            self.old.oneofs.iter().filter(required).map(|oneof| members(self.old, oneof)).collect();
        let one_of = read::message(self.writer, self.old).one_of;
        let required = one_of.iter().filter(|(_, required, _)| *required);
        groups.extend(required.map(|(names, ..)| numbers(self.old, names)));
        for field in &self.old.fields {
            let named = one_of.iter().any(|(names, ..)| names.contains(&field.name));
            let judged = read::field(self.writer, field, named);
            if compare::demands(&Side { schema: self.writer, field, judged }) {
                groups.push(vec![field.number]);
            }
        }
        groups
    }

    /// Whether one of these is set in every message that the old rules accept, and stays so.
    pub(super) fn one_is_set(&self, wanted: &[u32]) -> bool {
        use contract::schema::Presence::Implicit;
        let seen = |number: &u32| match (self.old.field(*number), self.new.field(*number)) {
            (Some(old), Some(new)) => new.presence != Implicit || old.presence == Implicit,
            _ => false,
        };
        let within = |group: &Vec<u32>| group.iter().all(|number| wanted.contains(number) && seen(number));
        self.demanded.get_or_init(|| self.demands()).iter().any(within)
    }

    pub(super) fn oneofs(&self) -> Vec<Local<'a>> {
        let mut found = Vec::new();
        for oneof in &self.new.oneofs {
            let Some(rule) = read::oneof_required(self.reader, oneof) else { continue };
            let members = members(self.new, oneof);
            if !self.one_is_set(&members) {
                found.push(Local {
                    rule,
                    before: None,
                    place: PlaceOf::Oneof(oneof),
                    part: Part::Whole,
                    when: Some("when none of its fields is set".to_owned()),
                    certain: self.certain(),
                    tries: vec![LocalTry::Without(members)],
                });
            }
        }
        found
    }

    pub(super) fn one_of(&self, before: &read::OfMessage, now: &read::OfMessage) -> Vec<Local<'a>> {
        let mut found = Vec::new();
        for (names, required, rule) in &now.one_of {
            let wanted = numbers(self.new, names);
            let mut local = Local {
                rule: rule.clone(),
                before: before.one_of.first().map(|(.., rule)| rule.clone()),
                place: PlaceOf::Message,
                part: Part::Whole,
                when: None,
                certain: self.certain(),
                tries: Vec::new(),
            };
            if *required && !self.one_is_set(&wanted) {
                local.when = Some(format!("when none of {} is set", names.join(", ")));
                local.tries.push(LocalTry::Without(wanted.clone()));
            }
            if let Some(pair) = self.together(&wanted, before) {
                let both = format!("when several of {} are set", names.join(", "));
                local.when = Some(local.when.map_or(both.clone(), |when| format!("{when}, and {both}")));
                local.tries.push(LocalTry::With(pair));
            }
            if local.when.is_some() {
                found.push(local);
            }
        }
        found
    }

    /// Two of these fields that the old rules allow together.
    fn together(&self, wanted: &[u32], before: &read::OfMessage) -> Option<Vec<u32>> {
        let known: Vec<_> = wanted.iter().filter_map(|number| self.old.field(*number)).collect();
        let apart = |one: &Field, other: &Field| {
            let named = |names: &[String], field: &Field| names.contains(&field.name);
            (one.oneof.is_some() && one.oneof == other.oneof)
                || (self.judged
                    && before.one_of.iter().any(|(names, ..)| named(names, one) && named(names, other)))
        };
        for (position, one) in known.iter().enumerate() {
            if let Some(other) = known.iter().skip(position + 1).find(|other| !apart(one, other)) {
                return Some(vec![one.number, other.number]);
            }
        }
        None
    }

    pub(super) fn expressions(&self, before: &read::OfMessage, now: &read::OfMessage) -> Vec<Local<'a>> {
        let known = |rule: &&Rule| {
            self.judged
                && before.expressions.iter().any(|old| old.check == rule.check)
                && self.means_the_same(rule)
        };
        let changed = now.expressions.iter().filter(|rule| !known(rule));
        changed
            .map(|rule| Local {
                rule: rule.clone(),
                before: before.expressions.iter().find(|old| old.id == rule.id).cloned(),
                place: PlaceOf::Message,
                part: Part::Whole,
                when: None,
                certain: false,
                tries: vec![LocalTry::Without(Vec::new())],
            })
            .collect()
    }

    /// Whether the fields that an expression may name are what they were.
    fn means_the_same(&self, rule: &Rule) -> bool {
        let named = self.new.fields.iter().filter(|field| rule.shown.contains(field.name.as_str()));
        let same = |new: &Field| {
            self.old.field_named(&new.name).is_some_and(|old| {
                (old.number, old.kind.type_number(), old.cardinality, old.presence)
                    == (new.number, new.kind.type_number(), new.cardinality, new.presence)
            })
        };
        named.into_iter().all(same)
    }

    /// Whether nothing that cannot be compared might rule out what is tried.
    fn certain(&self) -> bool {
        !self.judged || read::message(self.writer, self.old).expressions.is_empty()
    }
}

fn members(message: &Message, oneof: &Oneof) -> Vec<u32> {
    oneof.fields.iter().filter_map(|at| message.fields.get(*at)).map(|field| field.number).collect()
}

fn numbers(message: &Message, names: &[String]) -> Vec<u32> {
    names.iter().filter_map(|name| message.field_named(name)).map(|field| field.number).collect()
}
