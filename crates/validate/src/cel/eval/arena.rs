//! Bytes that live as long as an evaluation: messages that an expression builds.

use std::cell::OnceCell;

/// Grows, and keeps what it was given where it is.
#[derive(Default)]
pub(in crate::cel) struct Arena(OnceCell<Box<Link>>);

struct Link {
    bytes: Box<[u8]>,
    next: Arena,
}

impl Arena {
    /// Keeps the bytes.
    pub(in crate::cel) fn keep(&self, bytes: Vec<u8>) -> &[u8] {
        let mut end = self;
        while let Some(link) = end.0.get() {
            end = &link.next;
        }
        let link = end.0.get_or_init(|| Box::new(Link { bytes: bytes.into(), next: Self::default() }));
        &link.bytes
    }
}

impl Drop for Arena {
    // One after the other: a long chain must not recurse.
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(mut link) = next {
            next = link.next.0.take();
        }
    }
}
