//! The sets that one stream was asked for: what it owes, and what may still come of it.

use contract::Digest;
use std::collections::{BTreeSet, VecDeque};

/// Sets that a stream was asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Those that have not come.
    owed: BTreeSet<Digest>,
    /// Of these, those that it was asked for since it registered last.
    told: BTreeSet<Digest>,
    /// Those that came, the latest last.
    came: VecDeque<Digest>,
}

/// What a set is that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It is waited for.
    Owed,
    /// It was asked for, and is here already.
    Again,
    /// Nobody asked this stream for it.
    Unasked,
}

impl Asked {
    /// The stream registers, for the first time or again: what it has may be another thing now, and what it was
    /// asked for before may be asked for again.
    pub(super) fn registered(&mut self) {
        self.told.clear();
    }

    /// These are wanted. Returns those that the stream is to be asked for: whatever is on its way already is not
    /// asked for twice.
    pub(super) fn wanted(&mut self, digests: &[Digest]) -> Vec<Digest> {
        self.owed.extend(digests.iter().cloned());
        digests.iter().filter(|digest| self.told.insert((*digest).clone())).cloned().collect()
    }

    /// How many have not come.
    pub(super) fn owed(&self) -> usize {
        self.owed.len()
    }

    /// This one comes. Of those that came, the last `kept` are known.
    pub(super) fn comes(&mut self, digest: &Digest, kept: usize) -> Arrival {
        self.told.remove(digest);
        if self.owed.remove(digest) {
            self.came.retain(|known| known != digest);
            self.came.push_back(digest.clone());
            if self.came.len() > kept {
                self.came.pop_front();
            }
            Arrival::Owed
        } else if self.came.contains(digest) {
            Arrival::Again
        } else {
            Arrival::Unasked
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests<const N: usize>(names: [&str; N]) -> [Digest; N] {
        names.map(|name| Digest::of(name.as_bytes()))
    }

    #[test]
    fn what_is_on_its_way_is_not_asked_for_twice() {
        let [a, b] = digests(["a", "b"]);
        let mut asked = Asked::default();
        assert_eq!(asked.wanted(&[a.clone(), b.clone()]), [a.clone(), b.clone()]);
        assert_eq!(asked.comes(&a, 9), Arrival::Owed);
        assert_eq!(asked.wanted(std::slice::from_ref(&b)), [], "the one that is left");
        assert_eq!((asked.comes(&b, 9), asked.owed()), (Arrival::Owed, 0));
        assert_eq!(asked.wanted(std::slice::from_ref(&b)), [b], "it was forgotten meanwhile");
    }

    #[test]
    fn what_was_asked_for_may_come_again_and_nothing_else_may() {
        let [a, b, c] = digests(["a", "b", "c"]);
        let mut asked = Asked::default();
        asked.wanted(&[a.clone(), b.clone()]);
        assert_eq!(
            [&a, &a, &b].map(|digest| asked.comes(digest, 1)),
            [Arrival::Owed, Arrival::Again, Arrival::Owed]
        );
        assert_eq!(asked.comes(&a, 1), Arrival::Unasked, "that is too long ago");
        assert_eq!(asked.comes(&c, 1), Arrival::Unasked);
    }

    #[test]
    fn whoever_registers_again_is_asked_again_for_what_has_not_come() {
        let [a] = digests(["a"]);
        let mut asked = Asked::default();
        asked.wanted(std::slice::from_ref(&a));
        asked.registered();
        assert_eq!(asked.wanted(std::slice::from_ref(&a)), std::slice::from_ref(&a));
        assert_eq!([&a, &a].map(|digest| asked.comes(digest, 9)), [Arrival::Owed, Arrival::Again]);
    }
}
