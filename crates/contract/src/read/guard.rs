//! A look at the raw bytes of a descriptor set before anything is built from them: how large, how deep,
//! and whether it uses an edition that nobody has defined. What passes here decodes in memory proportional to its size.

use super::{
    ReadError,
    wire::{Records, Value},
};

/// Messages within messages; protoc itself stops at 32.
const MAX_DEPTH: u32 = 32;

/// How much is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) bytes: usize,
    /// Files, messages, fields, places …: whatever costs memory of its own.
    pub(crate) records: u32,
}

impl Bounds {
    /// What anybody may send: larger than the contract of any service, small enough to look at.
    pub(crate) const THEIRS: Self = Self { bytes: 16 * 1024 * 1024, records: 1_000_000 };
    /// What somebody names on a machine of their own: all contracts of a company together.
    pub(crate) const OWN: Self = Self { bytes: 128 * 1024 * 1024, records: 8_000_000 };
}

/// The messages of `descriptor.proto` that hold others.
#[derive(Clone, Copy)]
enum Shape {
    Set,
    File,
    Message,
    Enum,
    Service,
    Places,
    /// Counted, not looked into.
    Leaf,
}

impl Shape {
    const fn child(self, number: u32) -> Self {
        match (self, number) {
            (Self::Set, 1) => Self::File,
            (Self::File, 4) | (Self::Message, 3) => Self::Message,
            (Self::File, 5) | (Self::Message, 4) => Self::Enum,
            (Self::File, 6) => Self::Service,
            (Self::File, 9) => Self::Places,
            (Self::Places, 1) | (Self::File | Self::Message, _) | (Self::Enum | Self::Service, 2) => {
                Self::Leaf
            }
            _ => Self::Leaf,
        }
    }
}

pub(crate) fn inspect(bytes: &[u8], bounds: Bounds) -> Result<(), ReadError> {
    if bytes.len() > bounds.bytes {
        return Err(ReadError::TooLarge { what: "bytes", limit: bounds.bytes });
    }
    Guard { records: 0, most: bounds.records, file: String::new() }.walk(bytes, Shape::Set, 0)
}

struct Guard {
    records: u32,
    most: u32,
    file: String,
}

impl Guard {
    fn walk(&mut self, bytes: &[u8], shape: Shape, depth: u32) -> Result<(), ReadError> {
        if depth > MAX_DEPTH + 3 {
            return Err(ReadError::TooLarge { what: "levels of nested messages", limit: MAX_DEPTH as usize });
        }
        if matches!(shape, Shape::File) {
            self.file = file_name(bytes);
        }
        for record in Records::of(bytes) {
            let (number, value) = record.map_err(|reason| self.malformed(reason))?;
            self.records += 1;
            if self.records > self.most {
                return Err(ReadError::TooLarge { what: "records", limit: self.most as usize });
            }
            if matches!(shape, Shape::File) && is_unknown_edition(number, value) {
                return Err(ReadError::Editions { file: self.file.clone() });
            }
            match (shape.child(number), value) {
                (Shape::Leaf, _) => {}
                (child, Value::Bytes(inner)) => self.walk(inner, child, depth + 1)?,
                _ => return Err(self.malformed("a message is encoded as a number")),
            }
        }
        Ok(())
    }

    fn malformed(&self, reason: &str) -> ReadError {
        ReadError::Malformed { file: self.file.clone(), reason: reason.to_owned() }
    }
}

/// The edition as text (13, early drafts), or a number (14) that is none: 998 and 999 stand for proto2 and
/// proto3, 1000 is 2023, 1001 is 2024.
fn is_unknown_edition(number: u32, value: Value<'_>) -> bool {
    match (number, value) {
        (13, Value::Bytes(edition)) => !edition.is_empty(),
        (14, Value::Varint(edition)) => !matches!(edition, 0 | 998..=1001),
        _ => false,
    }
}

fn file_name(bytes: &[u8]) -> String {
    let name = Records::of(bytes).find_map(|record| match record {
        Ok((1, Value::Bytes(name))) => Some(name),
        _ => None,
    });
    name.map(super::printable).unwrap_or_default()
}
