//! Repeated fields, read item by item.

use super::{
    MessageValue, Parts, Value,
    message::{message_span, owe_record, owe_text},
    scalar,
};
use crate::ledger;
use crate::wire::{Raw, Reader, Span};
use contract::schema::{Field, FieldKind};

/// A repeated field. Each access is a scan.
#[derive(Clone, Debug)]
pub struct ListValue<'a> {
    of: MessageValue<'a>,
    field: &'a Field,
}

impl<'a> ListValue<'a> {
    pub(super) const fn new(of: MessageValue<'a>, field: &'a Field) -> Self {
        Self { of, field }
    }

    /// The field.
    pub const fn field(&self) -> &'a Field {
        self.field
    }

    /// How many items.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The item at a position.
    pub fn at(&self, index: usize) -> Option<Value<'a>> {
        self.iter().nth(index)
    }

    /// Whether this is the same list: of the same field of the same bytes.
    pub(crate) fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self.field, other.field)
            && std::ptr::eq(self.of.source().bytes, other.of.source().bytes)
            && self.of.parts().are(other.of.parts())
    }

    /// In order.
    pub fn iter(&self) -> Items<'a> {
        Items { of: self.of.clone(), field: self.field, part: 0, reader: None, packed: None }
    }
}

/// The items of a repeated field.
#[derive(Clone)]
pub struct Items<'a> {
    of: MessageValue<'a>,
    field: &'a Field,
    part: usize,
    reader: Option<Reader<'a>>,
    packed: Option<Reader<'a>>,
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        loop {
            if let Some(value) = self.next_packed() {
                return Some(value);
            }
            let Some(raw) = self.next_record() else {
                let span = *self.of.parts().spans().get(self.part)?;
                self.part += 1;
                ledger::owe(1);
                self.reader = Some(Reader::new(self.of.source().bytes, span, 0));
                continue;
            };
            match (raw, self.field.kind.message()) {
                (_, Some(id)) => {
                    if let Some(span) = message_span(self.field, raw) {
                        let value = MessageValue::new(self.of.source(), id, Parts::One(span));
                        return Some(Value::Message(value));
                    }
                }
                (Raw::Bytes(span), None) if is_packable(self.field.kind) => self.unpack(span),
                (raw, None) => {
                    owe_text(self.field.kind, raw);
                    if let Some(value) = scalar(self.of.source(), self.field.kind, raw) {
                        return Some(value);
                    }
                }
            }
        }
    }
}

impl<'a> Items<'a> {
    fn next_record(&mut self) -> Option<Raw> {
        let reader = self.reader.as_mut()?;
        loop {
            let (number, raw) = reader.record().ok().flatten()?;
            owe_record(raw);
            if number == self.field.number {
                return Some(raw);
            }
        }
    }

    fn unpack(&mut self, span: Span) {
        self.packed = Some(Reader::new(self.of.source().bytes, span, 0));
    }

    fn next_packed(&mut self) -> Option<Value<'a>> {
        let reader = self.packed.as_mut()?;
        while let Some(raw) = packed_item(reader, self.field.kind) {
            if let Some(value) = scalar(self.of.source(), self.field.kind, raw) {
                return Some(value);
            }
            ledger::owe(1);
        }
        self.packed = None;
        None
    }
}

/// The next value of a packed run; nothing at its end, and where it is malformed.
pub(crate) fn packed_item(reader: &mut Reader<'_>, kind: FieldKind) -> Option<Raw> {
    if reader.is_at_end() {
        return None;
    }
    match kind {
        FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => {
            reader.fixed64().ok().map(Raw::Fixed64)
        }
        FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => {
            reader.fixed32().ok().map(Raw::Fixed32)
        }
        _ => reader.varint().ok().map(Raw::Varint),
    }
}

/// Whether values of the kind may stand in one run after their length.
pub(crate) const fn is_packable(kind: FieldKind) -> bool {
    !matches!(kind, FieldKind::String | FieldKind::Bytes | FieldKind::Message(_) | FieldKind::Group(_))
}
