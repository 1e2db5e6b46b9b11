//! Bytes that live as long as an evaluation: messages that an expression builds.

use std::cell::{Cell, OnceCell};

/// Grows, and keeps what it was given where it is: in blocks, each with twice as much room as the one before.
#[derive(Default)]
pub(in crate::cel) struct Arena(OnceCell<Box<Block>>);

struct Block {
    places: Box<[OnceCell<Box<[u8]>>]>,
    used: Cell<usize>,
    next: Arena,
}

/// How many the first block has room for.
const FIRST: usize = 4;

impl Arena {
    /// Keeps the bytes.
    pub(in crate::cel) fn keep(&self, bytes: Vec<u8>) -> &[u8] {
        let (mut at, mut size) = (self, FIRST);
        loop {
            let block = at.0.get_or_init(|| Box::new(Block::of(size)));
            if let Some(place) = block.places.get(block.used.get()) {
                block.used.set(block.used.get() + 1);
                return place.get_or_init(|| bytes.into());
            }
            (at, size) = (&block.next, size.saturating_mul(2));
        }
    }
}

impl Block {
    fn of(size: usize) -> Self {
        let places = std::iter::repeat_with(OnceCell::new).take(size).collect();
        Self { places, used: Cell::new(0), next: Arena::default() }
    }
}
