//! The rules that options carry, as records.

use crate::{
    failure::CompileError,
    value::{Source, Value, is_packable, scalar},
    wire::{Raw, Reader, Span},
};
use contract::{
    Origin,
    schema::{self, FieldKind, Schema},
};
use std::sync::Arc;

/// Where rules stand.
#[derive(Clone)]
pub(super) struct Place<'s> {
    pub(super) schema: &'s Schema,
    /// Full name of the field, oneof or message that they are for.
    pub(super) of: String,
    pub(super) declared: &'s schema::Place,
    /// On from there.
    pub(super) path: Vec<i32>,
}

impl Place<'_> {
    pub(super) fn origin(&self) -> Origin {
        self.schema.origin(self.declared, &self.path)
    }

    pub(super) fn within(&self, number: u32) -> Self {
        let mut inner = self.clone();
        inner.path.push(i32::try_from(number).unwrap_or(i32::MAX));
        inner
    }

    pub(super) fn error(&self, reason: impl Into<String>) -> CompileError {
        CompileError { of: self.of.clone(), origin: self.origin(), reason: reason.into() }
    }
}

/// One message of rules.
pub(super) struct Rules<'s> {
    pub(super) bytes: Arc<[u8]>,
    pub(super) place: Place<'s>,
    records: Vec<(u32, Raw)>,
}

impl<'s> Rules<'s> {
    /// The rules that the options of a declaration carry.
    pub(super) fn of(
        options: &[u8],
        extension: u32,
        place: &Place<'s>,
    ) -> Result<Option<Self>, CompileError> {
        let all = Rules::read(options.to_vec(), place.clone())?;
        all.message(extension)
    }

    fn read(bytes: Vec<u8>, place: Place<'s>) -> Result<Self, CompileError> {
        let malformed = |error| place.error(format!("the rules cannot be read: {error}"));
        let mut reader = Reader::new(&bytes, Span::whole(&bytes).map_err(malformed)?, 0);
        let mut records = Vec::new();
        while let Some(record) = reader.record().map_err(malformed)? {
            records.push(record);
        }
        Ok(Self { bytes: bytes.into(), place, records })
    }

    /// The numbers of what is said, in order of first appearance.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let mut numbers = Vec::new();
        for (number, _) in &self.records {
            if !numbers.contains(number) {
                numbers.push(*number);
            }
        }
        numbers
    }

    /// The members of a oneof that are mentioned, the last first: that one is set, if it has a value.
    pub(super) fn chosen(&self, among: &[u32]) -> impl Iterator<Item = u32> {
        self.records.iter().rev().map(|(number, _)| *number).filter(|number| among.contains(number))
    }

    /// Which member of a oneof of messages is set.
    pub(super) fn chosen_message(&self, among: &[u32]) -> Option<u32> {
        let set = self.records.iter().rev().filter(|(_, raw)| matches!(raw, Raw::Bytes(_)));
        set.map(|(number, _)| *number).find(|number| among.contains(number))
    }

    /// The sub-message `number`, merged.
    pub(super) fn message(&self, number: u32) -> Result<Option<Self>, CompileError> {
        self.message_among(number, &[])
    }

    /// The sub-message `number` of a oneof that has these other members: merged, from where it was last
    /// chosen.
    pub(super) fn message_among(&self, number: u32, oneof: &[u32]) -> Result<Option<Self>, CompileError> {
        let mut bytes: Option<Vec<u8>> = None;
        for (found, raw) in &self.records {
            match raw {
                Raw::Bytes(span) if *found == number => {
                    bytes.get_or_insert_default().extend(span.of(&self.bytes));
                }
                Raw::Bytes(_) if *found != number && oneof.contains(found) => bytes = None,
                _ => {}
            }
        }
        bytes.map(|bytes| Self::read(bytes, self.place.within(number))).transpose()
    }

    /// The repeated sub-messages `number`.
    pub(super) fn messages(&self, number: u32) -> Result<Vec<Self>, CompileError> {
        let spans = self.records.iter().filter(|(found, _)| *found == number);
        let spans = spans.filter_map(|(_, raw)| if let Raw::Bytes(span) = raw { Some(*span) } else { None });
        let place = self.place.within(number);
        let read =
            |(position, span): (u32, Span)| Self::read(span.of(&self.bytes).to_vec(), place.within(position));
        (0..).zip(spans).map(read).collect()
    }

    /// All values of the scalar `number`, packed or not.
    pub(super) fn values(&self, number: u32, kind: FieldKind) -> Vec<Value<'_>> {
        let source = Source { schema: self.place.schema, bytes: &self.bytes };
        let mut values = Vec::new();
        for (_, raw) in self.records.iter().filter(|(found, _)| *found == number) {
            match raw {
                Raw::Bytes(span) if is_packable(kind) => {
                    let mut run = Reader::new(&self.bytes, *span, 0);
                    while let Some(raw) = crate::value::packed_item(&mut run, kind) {
                        values.extend(scalar(source, kind, raw));
                    }
                }
                raw => values.extend(scalar(source, kind, *raw)),
            }
        }
        values
    }

    pub(super) fn text(&self, number: u32) -> Option<String> {
        self.texts(number).pop()
    }

    pub(super) fn texts(&self, number: u32) -> Vec<String> {
        let texts = self.values(number, FieldKind::String).into_iter();
        texts
            .filter_map(|value| if let Value::String(text) = value { Some(text.into_owned()) } else { None })
            .collect()
    }

    pub(super) fn blobs(&self, number: u32) -> Vec<Vec<u8>> {
        let blobs = self.values(number, FieldKind::Bytes).into_iter();
        blobs
            .filter_map(|value| if let Value::Bytes(bytes) = value { Some(bytes.to_vec()) } else { None })
            .collect()
    }

    pub(super) fn flag(&self, number: u32) -> Option<bool> {
        match self.values(number, FieldKind::Bool).pop() {
            Some(Value::Bool(flag)) => Some(flag),
            _ => None,
        }
    }

    pub(super) fn count(&self, number: u32) -> Option<u64> {
        match self.values(number, FieldKind::Uint64).pop() {
            Some(Value::Uint(count)) => Some(count),
            _ => None,
        }
    }

    pub(super) fn signed(&self, number: u32) -> Option<i64> {
        match self.values(number, FieldKind::Int64).pop() {
            Some(Value::Int(value)) => Some(value),
            _ => None,
        }
    }
}
