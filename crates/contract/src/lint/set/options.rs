//! Encoded options, record by record.

use crate::read::wire::{Records, Value};

/// The numbers of all records.
pub(in crate::lint) fn numbers(bytes: &[u8]) -> impl Iterator<Item = (u32, Option<&[u8]>)> {
    Records::of(bytes).map_while(Result::ok).map(|(number, value)| match value {
        Value::Bytes(bytes) => (number, Some(bytes)),
        _ => (number, None),
    })
}

/// The number `number`: the last one.
pub(in crate::lint) fn varint(options: &[Vec<u8>], number: u32) -> Option<u64> {
    options.iter().filter_map(|bytes| varint_in(bytes, number)).next_back()
}

pub(in crate::lint) fn varint_in(bytes: &[u8], number: u32) -> Option<u64> {
    let records = Records::of(bytes).map_while(Result::ok);
    records
        .filter_map(|(found, value)| match value {
            Value::Varint(value) if found == number => Some(value),
            _ => None,
        })
        .last()
}

/// The text `number`: the last one.
pub(in crate::lint) fn text(options: &[Vec<u8>], number: u32) -> Option<&str> {
    let texts = options.iter().flat_map(|bytes| lists(bytes, number));
    texts.filter_map(|bytes| std::str::from_utf8(bytes).ok()).last()
}

/// Every length-delimited value `number`.
pub(in crate::lint) fn lists(bytes: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    numbers(bytes).filter(move |(found, _)| *found == number).filter_map(|(_, value)| value)
}

/// The message `number`, its records merged; `None` where nobody wrote it.
pub(in crate::lint) fn message(options: &[Vec<u8>], number: u32) -> Option<Vec<u8>> {
    let parts: Vec<&[u8]> = options.iter().flat_map(|bytes| lists(bytes, number)).collect();
    if parts.is_empty() { None } else { Some(parts.concat()) }
}
