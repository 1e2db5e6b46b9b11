//! Encoded options, record by record.

use crate::read::wire::{Records, Value};

/// The records of encoded options: field numbers with the bytes of length-delimited values, or the
/// number of a varint. Fixed-width values and what is malformed are left out.
pub(super) fn records(bytes: &[u8]) -> impl Iterator<Item = (u32, Result<&[u8], u64>)> {
    Records::of(bytes).map_while(Result::ok).filter_map(|(number, value)| match value {
        Value::Bytes(bytes) => Some((number, Ok(bytes))),
        Value::Varint(value) => Some((number, Err(value))),
        Value::Fixed32 | Value::Fixed64 => None,
    })
}

/// The sub-message `number`: its records merged.
pub(super) fn message(bytes: &[u8], number: u32) -> Option<Vec<u8>> {
    let parts: Vec<&[u8]> =
        records(bytes).filter(|(found, _)| *found == number).filter_map(|(_, value)| value.ok()).collect();
    if parts.is_empty() { None } else { Some(parts.concat()) }
}

/// The number `number`: the last one.
pub(super) fn varint(bytes: &[u8], number: u32) -> Option<u64> {
    records(bytes).filter(|(found, _)| *found == number).filter_map(|(_, value)| value.err()).last()
}
