//! What a check may spend on a message.
//!
//! Whoever sends a message decides how much work its rules make: how many items loops go through, how long texts are.
//! All that is not plainly one pass over the bytes is paid for in steps, from one purse for the whole message. A step
//! is some ten nanoseconds of work: a node of an expression, an item of a loop, a record or a part of a message that is
//! read again, sixteen bytes that are compared, a field or a standard rule that is looked at. Once none is left, no
//! rule has a verdict, and only the soundness of the bytes is looked at; but a message that breaks a standard rule is
//! refused for that, so these are judged once more, by themselves and with as many steps as any message of that size has.
//! What an expression makes (texts, lists, maps, messages) has so much room
//! at any time: 16 MiB, and four bytes for each byte of the message; without room, as without steps, there is no verdict.
//! What holds it may take up to twice as much for a moment, while it grows.

/// Steps that every message has.
const BASE: u64 = 1 << 22;
/// Steps for each byte: more bytes hold more to judge.
const PER_BYTE: u64 = 8;
/// Bytes that an expression may have made at any time, whatever the message.
pub(crate) const ROOM: usize = 16 << 20;
/// And for each byte of the message.
const ROOM_PER_BYTE: usize = 4;

/// A purse of steps.
#[derive(Clone, Debug)]
pub struct Steps {
    given: u64,
    left: u64,
    /// How many bytes an expression may have made at any time.
    room: usize,
}

/// The steps were not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted;

impl Steps {
    /// What the check of a message of so many bytes may spend: four million, and eight for each byte.
    pub fn for_message(bytes: usize) -> Self {
        Self::within(BASE, bytes)
    }

    /// The same, of a program whose rules need more than others for a message within its bounds.
    pub(crate) fn within(base: u64, bytes: usize) -> Self {
        let room = ROOM.saturating_add(ROOM_PER_BYTE.saturating_mul(bytes));
        Self { room, ..Self::of(base.max(BASE).saturating_add(PER_BYTE.saturating_mul(bytes as u64))) }
    }

    pub(crate) const fn of(given: u64) -> Self {
        Self { given, left: given, room: ROOM }
    }

    /// How many bytes an expression may have made at any time.
    pub(crate) const fn room(&self) -> usize {
        self.room
    }

    pub(crate) const fn endless() -> Self {
        Self::of(u64::MAX)
    }

    /// Those that an expression may be estimated to need: no message has fewer.
    pub(crate) const fn of_any_message() -> u64 {
        BASE
    }

    /// How many were spent.
    pub const fn spent(&self) -> u64 {
        self.given - self.left
    }

    /// How many are left.
    pub const fn left(&self) -> u64 {
        self.left
    }

    /// Whether none is left, and what is not decided so far stays so.
    pub const fn are_spent(&self) -> bool {
        self.left == 0
    }

    /// Spends all that is left.
    pub(crate) const fn exhaust(&mut self) {
        self.left = 0;
    }

    /// Pays for so many.
    #[inline]
    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        self.left = self.left.saturating_sub(steps as u64);
        if self.left == 0 { Err(Exhausted) } else { Ok(()) }
    }
}
