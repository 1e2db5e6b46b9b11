//! What an evaluation owes for what it read, and how much room is left for what it makes.
//!
//! Values are read from bytes, made and dropped in many places, none of which could refuse. Each writes down here what
//! it did; the evaluation, which runs on one thread from beginning to end, pays for it as soon as it is back.

use std::cell::Cell;

thread_local! {
    /// Steps that are not paid for yet.
    static OWED: Cell<usize> = const { Cell::new(0) };
    /// Bytes that may still be made.
    static ROOM: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// More than anybody has.
const TOO_MUCH: usize = usize::MAX / 2;

/// An evaluation begins, with room for so many bytes.
pub(crate) fn open(room: usize) {
    OWED.set(0);
    ROOM.set(room);
}

/// So many steps of reading were done.
#[inline]
pub(crate) fn owe(steps: usize) {
    OWED.set(OWED.get().saturating_add(steps));
}

/// What is to be paid.
#[inline]
pub(crate) fn owed() -> usize {
    OWED.replace(0)
}

/// So many bytes are made. Where there is no room for them, all that follows is too dear.
pub(crate) fn take(bytes: usize) {
    match ROOM.get().checked_sub(bytes) {
        Some(left) => ROOM.set(left),
        None => {
            ROOM.set(0);
            owe(TOO_MUCH);
        }
    }
}

/// Whether there is room for so many bytes. Where there is not, all that follows is too dear.
pub(crate) fn fits(bytes: usize) -> bool {
    let fits = bytes <= ROOM.get();
    if !fits {
        owe(TOO_MUCH);
    }
    fits
}

/// How much room is left, in bytes.
pub(crate) fn room() -> usize {
    ROOM.get()
}

/// So many bytes are no more.
pub(crate) fn give_back(bytes: usize) {
    ROOM.set(ROOM.get().saturating_add(bytes));
}
