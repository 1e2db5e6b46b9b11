//! The paths of the fields that an encoded message carries.

use super::{MAX_DEPTH, MAX_FIELDS};
use contract::schema::{Field, MessageId, Schema};

/// How deep groups may stand in each other that the schema does not know.
const MAX_GROUPS: usize = 64;

/// A type of messages.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    schema: Schema,
    message: MessageId,
}

impl Shape {
    /// The message of this full name.
    pub(super) fn new(schema: &Schema, name: &str) -> Option<Self> {
        Some(Self { schema: schema.clone(), message: schema.message_id(name)? })
    }

    /// Tells `found` the path of each field that `message` carries and the schema knows, inner ones after
    /// their outer ones, again and again where there are several. Bytes that are no such message end it.
    pub(super) fn walk(&self, message: &[u8], found: &mut dyn FnMut(&[u32])) {
        let mut walk = Walk { shape: self, path: Vec::new(), left: MAX_FIELDS, groups: 0, found };
        walk.fields(&mut Wire(message), Some(self.message), None);
    }

    fn field(&self, of: MessageId, number: u32) -> Option<&Field> {
        let message = self.schema.message_at(of);
        message.field(number).or_else(|| self.schema.extension(&message.name, number))
    }
}

struct Walk<'a> {
    shape: &'a Shape,
    path: Vec<u32>,
    /// Fields that may still be looked at.
    left: usize,
    groups: usize,
    found: &'a mut dyn FnMut(&[u32]),
}

impl Walk<'_> {
    /// The fields of one message; `of`: its type, if it is to be looked at. A group ends with its tag.
    /// `None`: the bytes are no message, or enough was seen.
    fn fields(&mut self, wire: &mut Wire<'_>, of: Option<MessageId>, group: Option<u32>) -> Option<()> {
        while !wire.0.is_empty() {
            self.left = self.left.checked_sub(1)?;
            let tag = wire.varint()?;
            let (number, kind) = (u32::try_from(tag >> 3).ok()?, tag & 7);
            if kind == END_GROUP {
                return (group == Some(number)).then_some(());
            }
            let shape = self.shape;
            let field = of.and_then(|of| shape.field(of, number)).filter(|field| !field.masked);
            let depth = self.path.len();
            if field.is_some() {
                self.path.push(number);
                (self.found)(&self.path);
            }
            let inner = field.and_then(|field| field.kind.message()).filter(|_| depth + 1 < MAX_DEPTH);
            let sound = self.value(wire, kind, number, inner);
            self.path.truncate(depth);
            sound?;
        }
        group.is_none().then_some(())
    }

    fn value(&mut self, wire: &mut Wire<'_>, kind: u64, number: u32, of: Option<MessageId>) -> Option<()> {
        match kind {
            VARINT => wire.varint().map(drop),
            FIXED64 => wire.take(8).map(drop),
            FIXED32 => wire.take(4).map(drop),
            LENGTH => {
                let length = usize::try_from(wire.varint()?).ok()?;
                let bytes = wire.take(length)?;
                // What is wrong inside ends the inside.
                of.map(|of| self.fields(&mut Wire(bytes), Some(of), None));
                Some(())
            }
            START_GROUP => {
                self.groups += 1;
                let sound = (self.groups <= MAX_GROUPS).then(|| self.fields(wire, of, Some(number)));
                self.groups -= 1;
                sound?
            }
            _ => None,
        }
    }
}

// The wire types (protobuf.dev, "Encoding").
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const LENGTH: u64 = 2;
const START_GROUP: u64 = 3;
const END_GROUP: u64 = 4;
const FIXED32: u64 = 5;

/// Encoded bytes, as far as they are not read.
struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}
