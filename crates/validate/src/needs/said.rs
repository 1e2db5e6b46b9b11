//! What options demand in any case, record by record.

use super::held;
use crate::wire::{Raw, Reader, Span};
use contract::schema::{Cardinality, Field, FieldKind, Message, MessageId, Oneof, Presence, Schema};

/// The extension of `google.protobuf.{Message,Oneof,Field}Options` that carries rules.
const RULES: u32 = 1159;
/// Where options stand in the descriptors of a field and of a oneof.
const FIELD_OPTIONS: i32 = 8;
const ONEOF_OPTIONS: i32 = 2;
const MESSAGE_OPTIONS: i32 = 7;

/// Something that must be there.
#[derive(Clone, Debug, Default)]
pub(super) struct Demand {
    /// In [`Message::fields`].
    pub(super) position: usize,
    /// The type of message that it holds.
    pub(super) holds: Option<MessageId>,
    /// How many of them.
    pub(super) count: u64,
    /// Whether there may be several: then each counts.
    pub(super) several: bool,
    /// Of text or bytes, in each.
    pub(super) bytes: u64,
    /// "required = true".
    pub(super) rule: String,
    /// Where that stands, on from the field; or from the oneof of this position.
    pub(super) path: Vec<i32>,
    pub(super) of_oneof: Option<usize>,
}

/// What a message demands of its fields, and lists of fields of which one must be set.
pub(super) fn of_message(schema: &Schema, message: &Message) -> (Vec<Demand>, Vec<Vec<Demand>>) {
    let fields = message.fields.iter().enumerate();
    let demands = fields.filter_map(|(position, field)| {
        Some(Demand { position, ..of_field(schema, field)? }).filter(|demand| demand.count > 0)
    });
    let oneofs = message.oneofs.iter().enumerate().filter(|(_, oneof)| is_required(oneof));
    let oneofs = oneofs.filter_map(|(at, oneof)| {
        let rule = "oneof.required = true".to_owned();
        let demand = Demand { of_oneof: Some(at), ..chosen(rule, vec![ONEOF_OPTIONS, 1159, 1]) };
        one_of(schema, message, &oneof.fields, &demand)
    });
    let groups = groups(message).filter_map(|(at, names)| {
        let named = |name: &String| message.fields.iter().position(|field| field.name == *name);
        let positions: Vec<usize> = names.iter().filter_map(named).collect();
        let demand = chosen("message.oneof.required = true".to_owned(), vec![MESSAGE_OPTIONS, 1159, 4, at]);
        one_of(schema, message, &positions, &demand)
    });
    (demands.collect(), oneofs.chain(groups).collect())
}

/// What a field takes that is set, whether it must be or not.
pub(super) fn if_set(schema: &Schema, field: &Field) -> Demand {
    let mut demand = of_field(schema, field).unwrap_or_default();
    demand.holds = held(schema, field);
    demand.several = field.cardinality != Cardinality::Singular;
    demand.count = demand.count.max(1);
    demand
}

/// What is demanded of a field; `None` where nothing is.
fn of_field(schema: &Schema, field: &Field) -> Option<Demand> {
    let rules = Said::of(&field.options);
    let mut demand = Demand { holds: held(schema, field), ..Demand::default() };
    if field.presence == Presence::Required {
        (demand.count, demand.rule) = (1, "required".to_owned());
    }
    let Some(rules) = rules.filter(|rules| rules.number(27).is_none_or(|ignore| ignore == 0)) else {
        return Some(demand).filter(|demand| demand.count > 0);
    };
    let base = [FIELD_OPTIONS, 1159];
    if rules.number(25) == Some(1) {
        (demand.count, demand.rule) = (1, "required = true".to_owned());
        demand.path = [&base[..], &[25]].concat();
    }
    let (family, least, name) = match field.cardinality {
        Cardinality::List => (18, 1, "repeated.min_items"),
        Cardinality::Map => (19, 1, "map.min_pairs"),
        Cardinality::Singular => return Some(length(field.kind, field, &rules, demand)),
    };
    demand.several = true;
    let count = rules.message(family).and_then(|rules| rules.number(least)).unwrap_or(0);
    if count > demand.count {
        (demand.count, demand.rule) = (count, format!("{name} = {count}"));
        demand.path = [&base[..], &[family.cast_signed(), least.cast_signed()]].concat();
    }
    let items = rules.message(family).and_then(|rules| rules.message(4));
    let items = items.filter(|items| items.number(27).is_none_or(|ignore| ignore == 0));
    if let (Cardinality::List, Some(items)) = (field.cardinality, items) {
        demand.bytes = lengths(field.kind, &items).0;
    }
    Some(demand)
}

/// A text that must be there in any case has a least length.
fn length(kind: FieldKind, field: &Field, rules: &Said, mut demand: Demand) -> Demand {
    let (bytes, name, path) = lengths(kind, rules);
    demand.bytes = bytes;
    if bytes > 0 && (field.presence == Presence::Implicit || demand.count > 0) {
        demand.count = 1;
        demand.rule = format!("{name} = {bytes}");
        demand.path = [&[FIELD_OPTIONS, 1159][..], &path].concat();
    }
    demand
}

/// The least bytes of a text: a character is one at least.
fn lengths(kind: FieldKind, rules: &Said) -> (u64, &'static str, Vec<i32>) {
    let (family, rows): (u32, &[(u32, &str)]) = match kind {
        FieldKind::String => (
            14,
            &[(2, "string.min_len"), (19, "string.len"), (4, "string.min_bytes"), (20, "string.len_bytes")],
        ),
        FieldKind::Bytes => (15, &[(2, "bytes.min_len"), (13, "bytes.len")]),
        _ => return (0, "", Vec::new()),
    };
    let of = rules.message(family).unwrap_or_default();
    let said = rows.iter().filter_map(|(number, name)| Some((of.number(*number)?, *name, *number)));
    let most = said.max_by_key(|(count, _, _)| *count);
    most.map_or((0, "", Vec::new()), |(count, name, number)| {
        (count, name, vec![family.cast_signed(), number.cast_signed()])
    })
}

fn is_required(oneof: &Oneof) -> bool {
    Said::of(&oneof.options).and_then(|rules| rules.number(1)) == Some(1)
}

/// The names of `(buf.validate.message).oneof` where one must be set, with their positions.
fn groups(message: &Message) -> impl Iterator<Item = (i32, Vec<String>)> {
    let rules = Said::of(&message.options).map(|rules| rules.messages(4)).unwrap_or_default();
    let required = |(at, rule): (i32, Said)| (rule.number(2) == Some(1)).then(|| (at, rule.texts(1)));
    (0..).zip(rules).filter_map(required)
}

fn chosen(rule: String, path: Vec<i32>) -> Demand {
    Demand { count: 1, rule, path, ..Demand::default() }
}

/// The members of which one must be set; nothing where one of them holds no message.
fn one_of(schema: &Schema, message: &Message, positions: &[usize], by: &Demand) -> Option<Vec<Demand>> {
    let member = |position: &usize| {
        let holds = held(schema, message.fields.get(*position)?)?;
        Some(Demand { position: *position, holds: Some(holds), ..by.clone() })
    };
    positions.iter().map(member).collect::<Option<Vec<_>>>().filter(|among| !among.is_empty())
}

/// A message among options; what is malformed says nothing.
#[derive(Default)]
struct Said(Vec<u8>);

impl Said {
    fn of(options: &[u8]) -> Option<Self> {
        if options.is_empty() {
            return None;
        }
        Self(options.to_vec()).message(RULES)
    }

    fn records(&self) -> impl Iterator<Item = (u32, Raw)> {
        let mut reader = Reader::new(&self.0, Span::whole(&self.0).unwrap_or_default(), 0);
        std::iter::from_fn(move || reader.record().ok().flatten())
    }

    fn stretches(&self, number: u32) -> impl Iterator<Item = &[u8]> {
        let found = self.records().filter(move |(found, _)| *found == number);
        found.filter_map(|(_, raw)| if let Raw::Bytes(span) = raw { Some(span.of(&self.0)) } else { None })
    }

    fn number(&self, number: u32) -> Option<u64> {
        let found = self.records().filter(|(found, _)| *found == number);
        found.filter_map(|(_, raw)| if let Raw::Varint(value) = raw { Some(value) } else { None }).last()
    }

    fn message(&self, number: u32) -> Option<Self> {
        let parts: Vec<&[u8]> = self.stretches(number).collect();
        (!parts.is_empty()).then(|| Self(parts.concat()))
    }

    fn messages(&self, number: u32) -> Vec<Self> {
        self.stretches(number).map(|part| Self(part.to_vec())).collect()
    }

    fn texts(&self, number: u32) -> Vec<String> {
        self.stretches(number).filter_map(|part| String::from_utf8(part.to_vec()).ok()).collect()
    }
}
