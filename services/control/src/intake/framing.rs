//! The length that stands before each message of a gRPC stream (gRPC over HTTP/2, "Length-Prefixed-Message").

use super::SMALL;
use bytes::Bytes;

/// One byte of flags and four of length.
const PREFIX: usize = 5;

/// Where a stream is between its messages.
#[derive(Debug, Default)]
pub(super) struct Framing {
    prefix: [u8; PREFIX],
    known: usize,
    /// Bytes of the message that have not come.
    left: usize,
}

/// What a piece of a stream has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// What can be handed on.
    pub(super) ready: Bytes,
    /// How many small messages begin in it.
    pub(super) small: usize,
    /// A large message of so many bytes begins after it, with the rest: the last byte of its prefix comes first.
    pub(super) large: Option<(usize, Bytes)>,
}

impl Framing {
    /// Takes what came.
    pub(super) fn take(&mut self, mut bytes: Bytes) -> Piece {
        let (mut at, mut small) = (0, 0);
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.left > 0 {
                let taken = self.left.min(rest.len());
                self.left -= taken;
                at += taken;
                continue;
            }
            if let (Some(slot), Some(byte)) = (self.prefix.get_mut(self.known), rest.first()) {
                *slot = *byte;
            }
            self.known += 1;
            at += 1;
            if self.known < PREFIX {
                continue;
            }
            self.known = 0;
            let [_, length @ ..] = self.prefix;
            let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
            self.left = length;
            if length <= SMALL {
                small += 1;
                continue;
            }
            // A reader that sees the whole prefix makes room for the message.
            let rest = bytes.split_off(at - 1);
            self.left = length.saturating_add(1);
            return Piece { ready: bytes, small, large: Some((length, rest)) };
        }
        Piece { ready: bytes, small, large: None }
    }

    /// Whether a message has begun and is not whole.
    pub(super) fn within(&self) -> bool {
        self.left > 0
    }
}
