//! Violations as `buf.validate.Violations`, encoded: what clients of any language read.

use crate::violation::{FieldPath, PathElement, Subscript, Violation, Violations};

impl Violations {
    /// An encoded `buf.validate.Violations`.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for violation in &self.0 {
            bytes(&mut out, 1, &violation.encode());
        }
        out
    }
}

impl Violation {
    /// An encoded `buf.validate.Violation`.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        bytes(&mut out, 2, self.rule_id.as_bytes());
        if !self.message.is_empty() {
            bytes(&mut out, 3, self.message.as_bytes());
        }
        if self.for_key {
            number(&mut out, 4, 1);
        }
        if !self.field.0.is_empty() {
            bytes(&mut out, 5, &self.field.encode());
        }
        if !self.rule.0.is_empty() {
            bytes(&mut out, 6, &self.rule.encode());
        }
        out
    }
}

impl FieldPath {
    /// An encoded `buf.validate.FieldPath`.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for element in &self.0 {
            bytes(&mut out, 1, &element.encode());
        }
        out
    }
}

impl PathElement {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        signed(&mut out, 1, self.field_number);
        bytes(&mut out, 2, self.field_name.as_bytes());
        signed(&mut out, 3, self.field_type);
        signed(&mut out, 4, self.key_type);
        signed(&mut out, 5, self.value_type);
        match &self.subscript {
            None => {}
            Some(Subscript::Index(index)) => number(&mut out, 6, *index),
            Some(Subscript::BoolKey(key)) => number(&mut out, 7, u64::from(*key)),
            Some(Subscript::IntKey(key)) => number(&mut out, 8, key.cast_unsigned()),
            Some(Subscript::UintKey(key)) => number(&mut out, 9, *key),
            Some(Subscript::StringKey(key)) => bytes(&mut out, 10, key.as_bytes()),
        }
        out
    }
}

fn signed(out: &mut Vec<u8>, field: u8, value: Option<i32>) {
    if let Some(value) = value {
        number(out, field, i64::from(value).cast_unsigned());
    }
}

fn number(out: &mut Vec<u8>, field: u8, value: u64) {
    out.push(field << 3);
    varint(out, value);
}

fn bytes(out: &mut Vec<u8>, field: u8, value: &[u8]) {
    out.push(field << 3 | 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}
