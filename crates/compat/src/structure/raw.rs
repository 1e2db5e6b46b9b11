//! What the comparison of one pair of messages finds, before it is explained: no paths, no bytes.

use super::{declare::Declared, values::Diff};
use crate::{
    example::value::Value,
    history::History,
    level::{Direction, Encoding, Level},
};
use contract::schema::{EnumId, Field, Message, MessageId, Schema};
use std::{collections::HashMap, rc::Rc};

/// What is asked about every pair.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) writer: &'a Schema,
    pub(crate) reader: &'a Schema,
    pub(crate) encoding: Encoding,
    /// The reader of JSON ignores what it does not know.
    pub(crate) lenient: bool,
    pub(crate) direction: Direction,
    /// The provider's.
    pub(crate) history: &'a History,
}

impl Question<'_> {
    /// "consumer" and "provider", in the order of writing and reading.
    pub(crate) const fn roles(&self) -> (&'static str, &'static str) {
        match self.direction {
            Direction::Request => ("consumer", "provider"),
            Direction::Response => ("provider", "consumer"),
        }
    }
}

/// A message type as it is written, and as it is read.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub(crate) asked: Question<'a>,
    pub(crate) writer: &'a Message,
    pub(crate) reader: &'a Message,
}

impl<'a> Pair<'a> {
    /// The fields of the writer's message, extensions included, by number.
    pub(crate) fn written(&self) -> Vec<&'a Field> {
        fields(self.asked.writer, self.writer)
    }

    /// The fields of the reader's message, extensions included, by number.
    pub(crate) fn read(&self) -> Vec<&'a Field> {
        fields(self.asked.reader, self.reader)
    }

    /// What the consumer was built with, and what its provider has in place of it.
    pub(crate) const fn old_and_new<'t>(&self, written: &'t str, read: &'t str) -> (&'t str, &'t str) {
        match self.asked.direction {
            Direction::Request => (written, read),
            Direction::Response => (read, written),
        }
    }

    /// Whether either side is an entry of a map: its fields have no names of their own.
    pub(crate) const fn of_map(&self) -> bool {
        self.writer.map_entry || self.reader.map_entry
    }

    /// The provider's message.
    pub(crate) const fn provider(&self) -> &'a Message {
        match self.asked.direction {
            Direction::Request => self.reader,
            Direction::Response => self.writer,
        }
    }
}

fn fields<'a>(schema: &'a Schema, message: &'a Message) -> Vec<&'a Field> {
    let mut fields: Vec<_> = message.fields.iter().chain(schema.extensions(&message.name)).collect();
    fields.sort_by_key(|field| field.number);
    fields.dedup_by_key(|field| field.number);
    fields
}

/// A finding of one pair.
#[derive(Clone)]
pub(crate) struct Raw<'a> {
    pub(crate) rule: &'static str,
    pub(crate) level: Level,
    pub(crate) when: Option<String>,
    /// The field, as the writer names and numbers it, else as the reader does; nothing: the message itself.
    pub(crate) field: Option<&'a Field>,
    pub(crate) written: Declared<'a>,
    pub(crate) read: Declared<'a>,
    /// What the writer's message holds in the example; nothing: there is no example.
    pub(crate) shown: Option<Vec<(&'a Field, Value<'a>)>>,
    /// Whether it holds nothing beside that, not even what most writers always write.
    pub(crate) bare: bool,
    /// What the reader makes of it; nothing: read it and see.
    pub(crate) outcome: Option<String>,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

impl<'a> Raw<'a> {
    /// About a field that the writer has, the reader has, or both have.
    pub(crate) fn of(
        rule: &'static str,
        level: Level,
        written: Option<&'a Field>,
        read: Option<&'a Field>,
    ) -> Self {
        let declared = |field: Option<&'a Field>| field.map_or(Declared::Nothing, Declared::Field);
        Self {
            rule,
            level,
            when: None,
            field: written.or(read),
            written: declared(written),
            read: declared(read),
            shown: None,
            bare: false,
            outcome: None,
            message: String::new(),
            remedy: String::new(),
        }
    }

    pub(crate) fn when(mut self, when: impl Into<String>) -> Self {
        self.when = Some(when.into());
        self
    }

    pub(crate) fn shown(mut self, shown: Vec<(&'a Field, Value<'a>)>) -> Self {
        self.shown = Some(shown);
        self
    }

    pub(crate) fn outcome(mut self, outcome: impl Into<String>) -> Self {
        self.outcome = Some(outcome.into());
        self
    }

    pub(crate) fn says(mut self, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        self.message = message.into();
        self.remedy = remedy.into();
        self
    }
}

/// What a pair of messages leads to.
pub(crate) struct Out<'a> {
    pub(crate) found: Found<'a>,
    /// Pairs to compare, and by which of the writer's fields they are reached.
    pub(crate) edges: Vec<(MessageId, MessageId, &'a Field)>,
    /// Enums that were compared, for this pair and those before.
    pub(crate) enums: HashMap<(EnumId, EnumId), Rc<Diff<'a>>>,
}

/// Findings: so many of each level, and how many more there were.
#[derive(Default)]
pub(crate) struct Found<'a> {
    pub(crate) kept: Vec<Raw<'a>>,
    /// How many were left out, and the worst of them.
    pub(crate) dropped: (usize, Level),
    of_level: [usize; 3],
    most: usize,
}

impl<'a> Found<'a> {
    pub(crate) fn at_most(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    pub(crate) fn push(&mut self, raw: Raw<'a>) {
        match self.of_level.get_mut(raw.level as usize) {
            Some(count) if *count < self.most => {
                *count += 1;
                self.kept.push(raw);
            }
            _ => self.dropped = (self.dropped.0 + 1, self.dropped.1.max(raw.level)),
        }
    }

    pub(crate) fn extend(&mut self, more: impl IntoIterator<Item = Raw<'a>>) {
        more.into_iter().for_each(|raw| self.push(raw));
    }

    /// The worst of them; nothing: there are none.
    pub(crate) fn worst(&self) -> Option<Level> {
        let dropped = (self.dropped.0 > 0).then_some(self.dropped.1);
        self.kept.iter().map(|raw| raw.level).max().max(dropped)
    }
}
