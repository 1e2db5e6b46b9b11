//! Messages, read field by field.

use super::{ListValue, MapValue, Parts, Source, Value, list::is_packable, scalar};
use crate::ledger;
use crate::wire::{Raw, Reader, Span};
use contract::schema::{Cardinality, Field, FieldKind, Message, MessageId, Presence};
use std::convert::Infallible;

/// How many bytes of text are looked at, at the price of a step.
const TEXT_A_STEP: usize = 32;
/// How many bytes of a group.
const GROUP_A_STEP: usize = 4;
/// How many stretches of bytes are copied.
const SPANS_A_STEP: usize = 4;
/// Among how many fields one is looked for by its number.
const FIELDS_A_STEP: usize = 8;

/// A message on encoded bytes. Each access is a scan.
#[derive(Clone, Debug)]
pub struct MessageValue<'a> {
    source: Source<'a>,
    message: &'a Message,
    parts: Parts,
}

impl<'a> MessageValue<'a> {
    /// The message of a type that these stretches of bytes make up.
    pub fn new(source: Source<'a>, message: MessageId, parts: Parts) -> Self {
        Self { source, message: source.schema.message_at(message), parts }
    }

    /// Its type.
    pub const fn descriptor(&self) -> &'a Message {
        self.message
    }

    /// The types and bytes that it is read from.
    pub const fn source(&self) -> Source<'a> {
        self.source
    }

    /// The stretches of bytes that make it up.
    pub const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Whether a field is set: present where presence counts, else different from zero or empty.
    pub fn has(&self, field: &'a Field) -> bool {
        match self.read(field) {
            Some(_) if field.presence != Presence::Implicit => true,
            Some(value) => scalar::is_set(&value),
            None => false,
        }
    }

    /// The value of a field; where it is absent, what stands for it: its default, nothing in it.
    pub fn field(&self, field: &'a Field) -> Value<'a> {
        self.read(field).unwrap_or_else(|| match (scalar::absent(field), field.kind.message()) {
            (Some(value), _) => value,
            (None, Some(id)) => Value::Message(Self::new(self.source, id, Parts::NONE)),
            (None, None) => Value::Bool(false),
        })
    }

    /// The value of the field of this name; nothing where the type has no such field.
    pub fn named(&self, name: &str) -> Option<Value<'a>> {
        self.message.field_named(name).map(|field| self.field(field))
    }

    /// Whether nothing at all is set, known or unknown.
    pub fn is_empty(&self) -> bool {
        self.is_empty_within(|| Ok::<(), Infallible>(())).unwrap_or_default()
    }

    /// The same; `pay` is asked after each record, so that it can put an end to it.
    pub(crate) fn is_empty_within<E>(&self, mut pay: impl FnMut() -> Result<(), E>) -> Result<bool, E> {
        for (number, raw) in self.records() {
            let field = self.known(number, raw);
            // A zero sets nothing where zeros are no presence; another number may be followed by one.
            if field.is_none_or(|field| !self.is_zero(field, raw) && self.has(field)) {
                return Ok(false);
            }
            pay()?;
        }
        Ok(true)
    }

    fn is_zero(&self, field: &Field, raw: Raw) -> bool {
        field.presence == Presence::Implicit
            && field.cardinality == Cardinality::Singular
            && scalar(self.source, field.kind, raw).is_some_and(|value| !scalar::is_set(&value))
    }

    /// Whether decoders make a field of a record: they keep one under an unknown number, of another wire type than
    /// its field's, or with a number that a closed enum does not have, as unknown.
    pub(crate) fn knows(&self, number: u32, raw: Raw) -> bool {
        self.known(number, raw).is_some()
    }

    fn known(&self, number: u32, raw: Raw) -> Option<&'a Field> {
        ledger::owe(self.message.fields.len() / FIELDS_A_STEP);
        let field = self.message.field(number)?;
        let known = match (raw, field.kind.message()) {
            (_, Some(entry)) if field.cardinality == Cardinality::Map => message_span(field, raw)
                .is_some_and(|span| !Self::new(self.source, entry, Parts::One(span)).is_unknown_entry()),
            (_, Some(_)) => message_span(field, raw).is_some(),
            (Raw::Bytes(_), None) if field.cardinality == Cardinality::List && is_packable(field.kind) => {
                true
            }
            (raw, None) => scalar(self.source, field.kind, raw).is_some(),
        };
        known.then_some(field)
    }

    /// The records, in order, up to the first that is malformed.
    pub(crate) fn records(&self) -> impl Iterator<Item = (u32, Raw)> {
        records(self.source, &self.parts)
    }

    fn read(&self, field: &'a Field) -> Option<Value<'a>> {
        match field.cardinality {
            Cardinality::List => return Some(Value::List(ListValue::new(self.clone(), field))),
            Cardinality::Map => return Some(Value::Map(MapValue::new(self.clone(), field))),
            Cardinality::Singular => {}
        }
        match field.kind.message() {
            Some(id) => {
                let parts = self.message_parts(field)?;
                Some(Value::Message(Self::new(self.source, id, parts)))
            }
            None => self.scalar(field),
        }
    }

    fn scalar(&self, field: &'a Field) -> Option<Value<'a>> {
        let mut value = None;
        for (number, raw) in self.records() {
            if number == field.number {
                owe_text(field.kind, raw);
                if let Some(read) = scalar(self.source, field.kind, raw) {
                    value = Some(read);
                }
            } else if self.displaces(field, number, raw) {
                value = None;
            }
        }
        value
    }

    fn message_parts(&self, field: &'a Field) -> Option<Parts> {
        let mut first = None;
        let mut more: Vec<Span> = Vec::new();
        for (number, raw) in self.records() {
            if number == field.number {
                match (message_span(field, raw), first) {
                    (Some(span), None) => first = Some(span),
                    // Nothing adds nothing to what is there.
                    (Some(span), Some(_)) if span.is_empty() => {}
                    (Some(span), Some(before)) if before.is_empty() => first = Some(span),
                    (Some(span), Some(_)) => more.push(span),
                    (None, _) => {}
                }
            } else if self.displaces(field, number, raw) {
                first = None;
                more.clear();
            }
        }
        let first = first?;
        if more.is_empty() {
            return Some(Parts::One(first));
        }
        more.insert(0, first);
        ledger::owe(more.len() / SPANS_A_STEP);
        Some(Parts::Many(more.into()))
    }

    /// Whether a record sets another member of the field's oneof.
    fn displaces(&self, field: &Field, number: u32, raw: Raw) -> bool {
        let Some(oneof) = field.oneof else { return false };
        ledger::owe(self.message.fields.len() / FIELDS_A_STEP);
        let Some(other) = self.message.field(number).filter(|other| other.oneof == Some(oneof)) else {
            return false;
        };
        match other.kind.message() {
            Some(_) => message_span(other, raw).is_some(),
            None => scalar(self.source, other.kind, raw).is_some(),
        }
    }
}

/// The records of a message, in order, up to the first that is malformed.
pub(super) fn records<'b>(source: Source<'b>, parts: &Parts) -> impl Iterator<Item = (u32, Raw)> {
    let readers = parts.spans().iter().map(move |span| {
        ledger::owe(1);
        Reader::new(source.bytes, *span, 0)
    });
    readers.flat_map(|mut reader| {
        std::iter::from_fn(move || {
            let record = reader.record().ok().flatten()?;
            owe_record(record.1);
            Some(record)
        })
    })
}

/// A record was passed. The end of a group must be looked for.
#[inline]
pub(super) fn owe_record(raw: Raw) {
    ledger::owe(match raw {
        Raw::Group(span) => 1 + span.len() as usize / GROUP_A_STEP,
        _ => 1,
    });
}

/// A text was looked at: whether it is one.
#[inline]
pub(super) fn owe_text(kind: FieldKind, raw: Raw) {
    if let (FieldKind::String, Raw::Bytes(span)) = (kind, raw) {
        ledger::owe(span.len() as usize / TEXT_A_STEP);
    }
}

/// The stretch of a record that is a message of the field's encoding.
pub(super) const fn message_span(field: &Field, raw: Raw) -> Option<Span> {
    match (field.kind, raw) {
        (FieldKind::Message(_), Raw::Bytes(span)) | (FieldKind::Group(_), Raw::Group(span)) => Some(span),
        _ => None,
    }
}
