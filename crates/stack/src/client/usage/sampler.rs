//! Follows the messages of one request as its bytes pass.

use super::{Counter, MAX_MESSAGE, MESSAGES};
use bytes::BytesMut;
use std::sync::Arc;

/// A flag, then the length in network order (gRPC over HTTP/2, "Length-Prefixed-Message").
const PREFIX: usize = 5;

/// Looks at the messages of one request.
#[derive(Debug)]
pub(crate) struct Sampler {
    counter: Arc<Counter>,
    /// The beginning of a message, prefix included.
    held: BytesMut,
    /// Bytes to come that are not looked at.
    skipped: usize,
    /// Messages that may still be looked at.
    left: u32,
}

impl Sampler {
    pub(super) fn new(counter: Arc<Counter>) -> Self {
        Self { counter, held: BytesMut::new(), skipped: 0, left: MESSAGES }
    }

    /// Takes more bytes.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) {
        while self.left > 0 && !bytes.is_empty() {
            if self.skipped > 0 {
                let (gone, rest) = bytes.split_at(bytes.len().min(self.skipped));
                self.skipped -= gone.len();
                bytes = rest;
                continue;
            }
            // A message that comes in one piece is not copied.
            if self.held.is_empty()
                && let Some(rest) = self.whole(bytes)
            {
                bytes = rest;
                continue;
            }
            bytes = self.piece(bytes);
        }
    }

    /// What follows the first message of `bytes`, if that is there as a whole or is not looked at.
    fn whole<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let (prefix, rest) = bytes.split_first_chunk::<PREFIX>()?;
        let Some(length) = self.wanted(*prefix) else { return Some(rest) };
        let (message, rest) = rest.split_at_checked(length)?;
        self.look(message);
        Some(rest)
    }

    /// Holds what of `bytes` belongs to the current message; returns the rest.
    fn piece<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let length = self.held.first_chunk::<PREFIX>().copied().and_then(|prefix| self.wanted(prefix));
        let end = PREFIX + length.unwrap_or(0);
        let (taken, rest) = bytes.split_at(bytes.len().min(end.saturating_sub(self.held.len())));
        self.held.extend_from_slice(taken);
        match self.held.first_chunk::<PREFIX>().copied().map(|prefix| self.wanted(prefix)) {
            // It is not looked at.
            Some(None) => self.held.clear(),
            Some(Some(length)) if self.held.len() == PREFIX + length => {
                let message = std::mem::take(&mut self.held);
                self.look(message.get(PREFIX..).unwrap_or_default());
            }
            _ => {}
        }
        rest
    }

    /// The length of the message behind this prefix; `None`: it is skipped.
    fn wanted(&mut self, [flag, length @ ..]: [u8; PREFIX]) -> Option<usize> {
        let length = u32::from_be_bytes(length) as usize;
        let wanted = flag == 0 && length <= MAX_MESSAGE;
        if !wanted {
            self.skipped = length;
            self.left -= 1;
        }
        wanted.then_some(length)
    }

    fn look(&mut self, message: &[u8]) {
        self.left -= 1;
        self.counter.look(message);
    }
}
