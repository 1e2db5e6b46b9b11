//! Messages that are the same, field by field, as protobuf has them: a duration within a message is two numbers, and
//! need not be one that CEL can count with.

use super::Machine;
use super::read::unpacked;
use crate::cel::fault::Fault;
use crate::ledger;
use crate::value::{ListValue, MapValue, MessageValue, Value};
use crate::wire::{Raw, Reader};
use std::cmp::Ordering;

/// What an entry of a map, and a field that nobody knows, take while they are compared, in bytes.
const ENTRY: usize = 320;
const UNKNOWN: usize = 48;
/// What putting an entry in order costs, in steps.
const ORDER: usize = 16;

impl<'v> Machine<'v, '_> {
    /// What the schema does not know is compared byte by byte.
    pub(super) fn same_messages(
        &mut self,
        left: &MessageValue<'v>,
        right: &MessageValue<'v>,
    ) -> Result<bool, Fault> {
        if left.descriptor().id != right.descriptor().id {
            return Ok(false);
        }
        if left.descriptor().name == "google.protobuf.Any" {
            return self.same_anys(left, right);
        }
        for field in &left.descriptor().fields {
            let (set, other) = (left.has(field), right.has(field));
            self.pay()?;
            if set != other || (set && !self.same_values(&left.field(field), &right.field(field))?) {
                return Ok(false);
            }
        }
        let (room, other) = (count_unknown(left), count_unknown(right));
        self.expect(room.saturating_add(other).saturating_mul(UNKNOWN))?;
        let same = room == other && (room == 0 || unknown(left) == unknown(right));
        self.pay().map(|()| same)
    }

    /// What is in them, as far as it can be read.
    fn same_anys(&mut self, left: &MessageValue<'v>, right: &MessageValue<'v>) -> Result<bool, Fault> {
        for number in [1, 2] {
            let Some(field) = left.descriptor().field(number) else { return Ok(false) };
            if number == 2
                && let (Ok(left), Ok(right)) = (unpacked(left), unpacked(right))
            {
                self.pay()?;
                return self.same_messages(&left, &right);
            }
            if !self.same_values(&left.field(field), &right.field(field))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn same_values(&mut self, left: &Value<'v>, right: &Value<'v>) -> Result<bool, Fault> {
        self.pay()?;
        Ok(match (left, right) {
            (Value::Bool(one), Value::Bool(other)) => one == other,
            (Value::Int(one), Value::Int(other)) => one == other,
            (Value::Uint(one), Value::Uint(other)) => one == other,
            (Value::Double(one), Value::Double(other)) => one == other,
            (Value::Enum(_, one), Value::Enum(_, other)) => one == other,
            (Value::String(one), Value::String(other)) => {
                self.spend_compared(one.len(), other.len())?;
                one == other
            }
            (Value::Bytes(one), Value::Bytes(other)) => {
                self.spend_compared(one.len(), other.len())?;
                one == other
            }
            (Value::Message(one), Value::Message(other)) => self.same_messages(one, other)?,
            (Value::List(one), Value::List(other)) => self.same_lists(one, other)?,
            (Value::Map(one), Value::Map(other)) => self.same_maps(one, other)?,
            _ => false,
        })
    }

    fn same_lists(&mut self, left: &ListValue<'v>, right: &ListValue<'v>) -> Result<bool, Fault> {
        let (mut left, mut right) = (left.iter(), right.iter());
        loop {
            self.spend(1)?;
            let (left, right) = (left.next(), right.next());
            self.pay()?;
            match (left, right) {
                (None, None) => return Ok(true),
                (Some(left), Some(right)) if self.same_values(&left, &right)? => {}
                _ => return Ok(false),
            }
        }
    }

    fn same_maps(&mut self, left: &MapValue<'v>, right: &MapValue<'v>) -> Result<bool, Fault> {
        self.expect(left.written().saturating_add(right.written()).saturating_mul(ENTRY))?;
        let (mut left, mut right) = (left.entries(), right.entries());
        self.pay()?;
        if left.len() != right.len() {
            return Ok(false);
        }
        left.sort_by(|one, other| by_key(&one.0, &other.0));
        right.sort_by(|one, other| by_key(&one.0, &other.0));
        for ((key, value), (other_key, other)) in left.iter().zip(&right) {
            self.spend(ORDER)?;
            if by_key(key, other_key).is_ne() || !self.same_values(value, other)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn by_key(one: &Value<'_>, other: &Value<'_>) -> Ordering {
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Int(one), Value::Int(other)) => one.cmp(other),
        (Value::Uint(one), Value::Uint(other)) => one.cmp(other),
        (Value::String(one), Value::String(other)) => one.cmp(other),
        _ => Ordering::Equal,
    }
}

/// A record that the schema does not know.
#[derive(PartialEq)]
enum Unknown<'v> {
    Number(Raw),
    Bytes(&'v [u8]),
}

fn count_unknown(message: &MessageValue<'_>) -> usize {
    message.records().filter(|(number, raw)| !message.knows(*number, *raw)).count()
}

fn unknown<'v>(message: &MessageValue<'v>) -> Vec<(u32, Unknown<'v>)> {
    let bytes = message.source().bytes;
    let mut found = Vec::new();
    for span in message.parts().spans() {
        let mut reader = Reader::new(bytes, *span, 0);
        while let Ok(Some((number, raw))) = reader.record() {
            ledger::owe(2);
            if !message.knows(number, raw) {
                found.push((
                    number,
                    match raw {
                        Raw::Bytes(span) | Raw::Group(span) => Unknown::Bytes(span.of(bytes)),
                        number => Unknown::Number(number),
                    },
                ));
            }
        }
    }
    found.sort_by_key(|(number, _)| *number);
    found
}
