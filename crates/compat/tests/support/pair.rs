//! A writer, a reader, what is found between them, and what a runtime says to it.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "shared by tests, which may end here")]

use compat::{
    Direction::{self, Request, Response},
    Encoding::{self, Binary, Json},
    Finding, History, Level, Party, compare,
};
use prost_reflect::{DescriptorPool, MessageDescriptor};
use std::fmt::Write as _;
use testkit::versions::{self, Difference, Node, Place};

/// One side, to us and to prost-reflect.
pub struct Side {
    pub party: Party,
    pub message: MessageDescriptor,
}

impl Side {
    /// What the compiler says, if it refuses it.
    pub fn of(source: &str) -> Result<Self, String> {
        let compiled = contract::compile::texts(&[("t.proto", source)]).map_err(|error| error.to_string())?;
        let pool = DescriptorPool::decode(compiled.bytes.as_slice()).unwrap();
        let party = Party::read(compiled.bytes).unwrap();
        Ok(Self { party, message: pool.get_message_by_name("t.M").unwrap() })
    }
}

/// How a message goes from one side to the other.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub encoding: Encoding,
    pub lenient: bool,
    pub direction: Direction,
}

pub const WAYS: [Way; 6] = [
    Way { encoding: Binary, lenient: false, direction: Request },
    Way { encoding: Binary, lenient: false, direction: Response },
    Way { encoding: Json, lenient: false, direction: Request },
    Way { encoding: Json, lenient: false, direction: Response },
    Way { encoding: Json, lenient: true, direction: Request },
    Way { encoding: Json, lenient: true, direction: Response },
];

impl Way {
    pub fn json(self) -> bool {
        self.encoding == Json
    }
}

/// A writer, a reader, and what is found between them.
pub struct Pair<'s> {
    pub writer: &'s Side,
    pub reader: &'s Side,
    pub way: Way,
    pub findings: Vec<Finding>,
}

impl<'s> Pair<'s> {
    pub fn new(writer: &'s Side, reader: &'s Side, way: Way) -> Self {
        let id = |side: &'s Side| {
            (&side.party.schema, side.party.schema.message_id(side.message.full_name()).unwrap())
        };
        let findings =
            compare(id(writer), id(reader), way.encoding, way.lenient, way.direction, &History::new());
        Self { writer, reader, way, findings }
    }

    /// All but notes.
    pub fn bad(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.level > Level::Safe)
    }

    pub fn place(&self, finding: &Finding) -> Option<Place> {
        versions::place(&self.writer.message, &self.reader.message, &finding.numbers, self.way.json())
    }

    /// Whether something of this level at least is found at one of the places.
    pub fn finds<'p>(&self, mut places: impl Iterator<Item = &'p Place>, level: Level) -> bool {
        let found: Vec<_> = self
            .bad()
            .filter(|finding| finding.level >= level)
            .filter_map(|finding| Some((finding.rule, self.place(finding)?)))
            .collect();
        // A finding about a oneof is about all of its members.
        places.any(|place| {
            found.iter().any(|(rule, at)| {
                at == place || *rule == "oneof-joined" && (&at.0, &at.1) == (&place.0, &place.1)
            })
        })
    }

    /// What was lost or changed, and is not found.
    pub fn unfound(&self, written: &Node, read: &Node) -> Option<Difference> {
        // In a response nobody misses what its reader does not know.
        let known = |difference: &Difference| difference.unknown && self.way.direction == Response;
        self.differences(written, read).into_iter().filter(|difference| !known(difference)).find(
            |difference| {
                !self.finds(difference.places.iter(), Level::Lossy)
                    && !self.finds(difference.above.iter(), Level::Breaking)
            },
        )
    }

    pub fn differences(&self, written: &Node, read: &Node) -> Vec<Difference> {
        versions::differences((&self.writer.message, written), (&self.reader.message, read), self.way.json())
    }

    /// Whether the example of a finding, read so, does what the finding says.
    pub fn shows(&self, finding: &Finding, written: &Node, read: &Node) -> bool {
        let Some(place) = self.place(finding) else { return true };
        let found = self.differences(written, read);
        // A change further up may hide it: an entry whose key became another is not found.
        let above = (1..finding.numbers.len()).filter_map(|end| {
            let numbers = &finding.numbers[..end];
            versions::place(&self.writer.message, &self.reader.message, numbers, self.way.json())
        });
        let places: Vec<_> = above.chain([place]).collect();
        found.iter().any(|difference| difference.places.iter().any(|place| places.contains(place)))
            || finding.rule.starts_with("oneof") && !found.is_empty()
            // The number is read, and called something else.
            || finding.rule == "enum-value-renumbered"
            || matches!(finding.rule, "field-renumbered" | "field-number-reused")
                && self.names_differ(finding)
            // The value is where another's belongs.
            || finding.rule == "field-renamed"
                && finding.example.as_ref().is_some_and(|example| example.read.ends_with("another field"))
            // What is written is not what is missed, and what an Any holds is not unpacked.
            || matches!(finding.rule, "field-only-read" | "message-set" | "any-content")
    }

    /// Whether what has one number has two names: the value is read, and as something else.
    fn names_differ(&self, finding: &Finding) -> bool {
        let Some((writer, reader, number)) = self.place(finding) else { return false };
        let name = |side: &Side, message: &str| {
            let message = side.message.parent_pool().get_message_by_name(message)?;
            Some(message.get_field(number)?.name().to_owned())
        };
        name(self.writer, &writer) != name(self.reader, &reader)
    }

    /// Whether the reader misses the field if it passes over its value.
    pub fn is_required(&self, finding: &Finding) -> bool {
        let Some((_, reader, number)) = self.place(finding) else { return false };
        let message = self.reader.message.parent_pool().get_message_by_name(&reader);
        message.and_then(|message| message.get_field(number)).is_some_and(|field| field.is_required())
    }

    /// "LOSSY field-range M.a for values above 7; "
    pub fn summary(&self) -> String {
        let mut text = String::new();
        for finding in self.bad() {
            let when = finding.when.as_deref().unwrap_or("always");
            _ = write!(text, "{} {} {} {when}; ", finding.level, finding.rule, finding.path);
        }
        text
    }
}
