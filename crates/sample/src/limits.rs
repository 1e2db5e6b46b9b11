//! How large a message is made, and how long one is looked for.

use crate::error::SampleError;
use contract::schema::{MessageId, Schema};
use std::cell::Cell;
use validate::needs::{Least, Needs};

/// Attempts at one message.
pub(crate) const ATTEMPTS: u32 = 400;
/// Messages, items and other values in one message: no more are made, however many are asked for.
pub(crate) const VALUES: u64 = 50_000;
/// Bytes of all texts in one message, and so of each.
pub(crate) const BYTES: u64 = 1024 * 1024;
/// Messages within messages: decoders take no more than a hundred.
pub(crate) const DEPTH: usize = 60;
/// What all attempts at one message may make together.
const ALL_VALUES: u64 = 400_000;
const ALL_BYTES: u64 = 16 * BYTES;

/// What an attempt has made so far.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) messages: Cell<u64>,
    values: Cell<u64>,
    bytes: Cell<u64>,
}

impl Made {
    pub(crate) fn message(&self) {
        self.messages.set(self.messages.get() + 1);
        self.value(0);
    }

    pub(crate) fn value(&self, bytes: usize) {
        self.values.set(self.values.get() + 1);
        self.bytes.set(self.bytes.get() + bytes as u64);
    }

    /// Whether there is enough of it.
    pub(crate) fn is_full(&self) -> bool {
        self.values.get() > VALUES || self.bytes.get() > BYTES
    }
}

/// What all attempts have made.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    values: u64,
    bytes: u64,
}

impl Spent {
    pub(crate) fn add(&mut self, made: &Made) {
        self.values += made.values.get();
        self.bytes += made.bytes.get();
    }

    pub(crate) const fn is_enough(&self) -> bool {
        self.values > ALL_VALUES || self.bytes > ALL_BYTES
    }
}

/// Whether something of this size can be made at all.
pub(crate) fn fits(least: Least) -> bool {
    least.values <= VALUES && least.bytes <= BYTES && least.depth as usize <= DEPTH
}

/// Why no message of a type can be made, where that is known before trying.
pub(crate) fn refusal(schema: &Schema, needs: &Needs, id: MessageId) -> Option<SampleError> {
    let type_name = || schema.message_at(id).name.clone();
    let Some(least) = needs.least(id) else {
        return Some(SampleError::Endless { type_name: type_name(), circle: needs.circle(id) });
    };
    if fits(least) {
        return None;
    }
    let (what, most) = match least {
        Least { values, .. } if values > VALUES => (format!("{values} values"), format!("{VALUES}")),
        Least { bytes, .. } if bytes > BYTES => (format!("{bytes} bytes of text"), format!("{BYTES}")),
        Least { depth, .. } => (format!("{depth} messages within each other"), format!("{DEPTH}")),
    };
    let largest = needs.largest(id).map(|(step, _)| Box::new(step));
    Some(SampleError::TooLarge { type_name: type_name(), what, most, largest })
}
