//! What reading messages costs at most, as far as the rules of the schema bound them.
//!
//! A message is taken to be as its writer encodes it: each field once, each item once, and nothing that the schema does
//! not know.

use crate::cel::extent::{ASSUMED_BYTES, Extent, at_most};
use crate::wire::MAX_DEPTH;
use contract::schema::{Cardinality, Field, FieldKind, MessageId, Schema};
use std::collections::HashMap;

/// How many records a list or a map is taken to have that no rule bounds, for those who read what is beside it.
const ASSUMED_RECORDS: usize = 16;
/// And how many entries, for those who read it.
const ASSUMED_ENTRIES: usize = 64;
/// How many bytes of text are looked at at the price of a step; how many of a group; among how many fields one is
/// looked for.
const TEXT_A_STEP: usize = 32;
const GROUP_A_STEP: usize = 4;
const FIELDS_A_STEP: usize = 8;
/// What reading a time costs, or what a wrapper wraps; and what is in an `Any` or is JSON.
const SMALL: usize = 8;
const UNKNOWN: usize = 128;
/// What reading an entry of a map costs, and what comparing one costs.
const ENTRY: usize = 24;
const COMPARED_ENTRY: usize = 112;
/// What comparing messages is taken to cost that nothing bounds, or that hold themselves.
const ASSUMED_MESSAGE: usize = 64;

/// How many records a message has.
pub(crate) fn records(schema: &Schema, id: MessageId) -> usize {
    Reading::new(schema).records(id)
}

/// Remembers what it found of messages.
pub(super) struct Reading<'s> {
    schema: &'s Schema,
    compared: HashMap<MessageId, usize>,
    bytes: HashMap<MessageId, usize>,
    depth: u32,
}

impl<'s> Reading<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        Self { schema, compared: HashMap::new(), bytes: HashMap::new(), depth: 0 }
    }

    /// Reading the field at a position, and what it is.
    pub(super) fn field(&mut self, of: &Extent, index: usize) -> (usize, Extent) {
        let Extent::Message(id) = of else { return (UNKNOWN, Extent::Unknown) };
        let Some(field) = self.schema.message_at(*id).fields.get(index) else { return (1, Extent::Unknown) };
        (self.reading(*id, field), self.extent(*id, field))
    }

    /// The field of a name.
    pub(super) fn named(&mut self, of: &Extent, name: &str) -> (usize, Extent) {
        let Extent::Message(id) = of else { return (UNKNOWN, of.found()) };
        let message = self.schema.message_at(*id);
        let found = message.fields.len();
        match message.fields.iter().find(|field| field.name == name) {
            Some(field) => (self.reading(*id, field).saturating_add(found), self.extent(*id, field)),
            None => (found, Extent::Unknown),
        }
    }

    /// Whether there is a field at a position: of lists and maps, one item is looked at.
    pub(super) fn asking(&mut self, of: &Extent, index: usize) -> usize {
        let Extent::Message(id) = of else { return UNKNOWN };
        let field = self.schema.message_at(*id).fields.get(index);
        field.map_or(1, |field| self.asking_field(*id, field))
    }

    /// Whether there is a field of a name, or a key.
    pub(super) fn asking_named(&mut self, of: &Extent, name: &str) -> usize {
        let Extent::Message(id) = of else { return UNKNOWN };
        let message = self.schema.message_at(*id);
        let field = message.fields.iter().find(|field| field.name == name);
        field.map_or(0, |field| self.asking_field(*id, field)).saturating_add(message.fields.len())
    }

    fn asking_field(&mut self, id: MessageId, field: &Field) -> usize {
        let scan = self.scan(id, field).saturating_add(1);
        match Extent::of_field(self.schema, field) {
            Extent::List(list) => scan.saturating_add(list.item.bytes() / TEXT_A_STEP),
            Extent::Map(_, entry) => {
                scan.saturating_add(ENTRY).saturating_add(entry.0.bytes().max(entry.1.bytes()) / TEXT_A_STEP)
            }
            other => scan.saturating_add(other.bytes() / TEXT_A_STEP),
        }
    }

    fn extent(&mut self, id: MessageId, field: &Field) -> Extent {
        Extent::of_field(self.schema, field).within(self.records(id))
    }

    fn records(&mut self, id: MessageId) -> usize {
        let fields = &self.schema.message_at(id).fields;
        fields.iter().fold(1, |sum, field| {
            let many = match field.cardinality {
                Cardinality::Singular => 1,
                Cardinality::List if field.packed => 1,
                _ => at_most(field).unwrap_or(ASSUMED_RECORDS),
            };
            let one = match field.kind {
                FieldKind::Group(id) => 1 + self.bytes_of(id) / GROUP_A_STEP,
                _ => 1,
            };
            sum.saturating_add(many.saturating_mul(one))
        })
    }

    fn scan(&mut self, id: MessageId, field: &Field) -> usize {
        let each = match field.oneof {
            Some(_) => 1 + self.schema.message_at(id).fields.len() / FIELDS_A_STEP,
            None => 1,
        };
        self.records(id).saturating_add(1).saturating_mul(each)
    }

    fn reading(&mut self, id: MessageId, field: &Field) -> usize {
        let scan = self.scan(id, field);
        match field.cardinality {
            // It is read by whoever goes through it.
            Cardinality::List => scan,
            Cardinality::Map => {
                let entries = at_most(field).unwrap_or(ASSUMED_ENTRIES);
                let Extent::Map(_, of) = Extent::of_field(self.schema, field) else { return scan };
                let entry = ENTRY.saturating_add(of.0.weight()).saturating_add(of.1.weight());
                entries.saturating_mul(entry).saturating_add(scan.saturating_mul(2))
            }
            Cardinality::Singular => {
                let text = Extent::of_field(self.schema, field).bytes() / TEXT_A_STEP;
                let within = field.kind.message().map_or(0, |id| self.within(id));
                scan.saturating_mul(1 + usize::from(within > 0)).saturating_add(text).saturating_add(within)
            }
        }
    }

    /// What a message that means a value costs besides.
    fn within(&self, id: MessageId) -> usize {
        match self.schema.message_at(id).name.strip_prefix("google.protobuf.") {
            Some("Any" | "Value" | "Struct" | "ListValue") => UNKNOWN,
            Some(_) => SMALL,
            None => 0,
        }
    }

    /// Comparing two messages of a type. Of what nothing bounds, it is not known.
    pub(super) fn comparing(&mut self, id: MessageId) -> usize {
        if let Some(known) = self.compared.get(&id) {
            return *known;
        }
        self.compared.insert(id, ASSUMED_MESSAGE);
        // No message is deeper.
        self.depth += 1;
        let is_known = self.depth <= MAX_DEPTH && self.is_bounded(id);
        let cost = if is_known { self.compared_fields(id) } else { ASSUMED_MESSAGE };
        self.depth -= 1;
        self.compared.insert(id, cost);
        cost
    }

    /// Whether rules bound every list and map of a message.
    fn is_bounded(&self, id: MessageId) -> bool {
        let fields = &self.schema.message_at(id).fields;
        fields.iter().all(|field| field.cardinality == Cardinality::Singular || at_most(field).is_some())
    }

    fn compared_fields(&mut self, id: MessageId) -> usize {
        let schema = self.schema;
        let fields = &schema.message_at(id).fields;
        let unknown = self.records(id).saturating_mul(2 + fields.len() / FIELDS_A_STEP).saturating_mul(4);
        fields.iter().fold(unknown, |sum, field| {
            // Whether it is there, and what it is, of both.
            let scans = self.scan(id, field).saturating_mul(4);
            let extent = Extent::of_field(schema, field);
            let one = match field.kind.message() {
                Some(message) if field.cardinality != Cardinality::Map => {
                    self.comparing(message).saturating_add(self.within(message))
                }
                Some(_) => COMPARED_ENTRY.saturating_add(extent.found().weight()),
                None => 3,
            };
            let values = extent.items().saturating_mul(one).saturating_add(extent.weight());
            sum.saturating_add(scans).saturating_add(values)
        })
    }

    /// How many bytes a value has, encoded.
    pub(super) fn bytes(&mut self, of: &Extent) -> usize {
        const HEADER: usize = 12;
        let bytes = match of {
            Extent::One => 24,
            Extent::Text(bytes) => *bytes,
            Extent::Message(id) => self.bytes_of(*id),
            Extent::List(list) => list.items.saturating_mul(self.bytes(&list.item)),
            Extent::Map(entries, of) => {
                let entry = self.bytes(&of.0).saturating_add(self.bytes(&of.1));
                entries.saturating_mul(entry.saturating_add(HEADER))
            }
            Extent::Unknown => ASSUMED_BYTES,
        };
        bytes.saturating_add(HEADER)
    }

    fn bytes_of(&mut self, id: MessageId) -> usize {
        if let Some(known) = self.bytes.get(&id) {
            return *known;
        }
        self.bytes.insert(id, ASSUMED_BYTES);
        if self.depth >= MAX_DEPTH || !self.is_bounded(id) {
            return ASSUMED_BYTES;
        }
        self.depth += 1;
        let schema = self.schema;
        let fields = schema.message_at(id).fields.iter();
        let bytes = fields
            .fold(0_usize, |sum, field| sum.saturating_add(self.bytes(&Extent::of_field(schema, field))));
        self.depth -= 1;
        self.bytes.insert(id, bytes);
        bytes
    }
}
