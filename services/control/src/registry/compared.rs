//! What comparisons came to: kept as long as both sets are known and there is room. What had to make room is compared
//! again where it is needed.

use super::{
    compare::{Comparison, Outcome},
    kept::bytes_of_all,
};
use contract::Digest;
use std::collections::BTreeMap;

/// Bytes of all outcomes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Comparisons of sets that are known.
#[derive(Debug)]
pub(super) struct Compared {
    outcomes: BTreeMap<Comparison, Known>,
    /// The oldest first.
    ages: BTreeMap<u64, Comparison>,
    next: u64,
    bytes: usize,
    /// How many bytes there is room for.
    room: usize,
}

#[derive(Debug)]
struct Known {
    outcome: Outcome,
    bytes: usize,
    age: u64,
}

impl Default for Compared {
    fn default() -> Self {
        Self { outcomes: BTreeMap::new(), ages: BTreeMap::new(), next: 0, bytes: 0, room: MAX_BYTES }
    }
}

impl Compared {
    pub(super) fn get(&self, comparison: &Comparison) -> Option<&Outcome> {
        self.outcomes.get(comparison).map(|known| &known.outcome)
    }

    /// The oldest make room, but for those that somebody waits with.
    pub(super) fn insert(
        &mut self,
        comparison: Comparison,
        outcome: Outcome,
        waits: impl Fn(&Comparison) -> bool,
    ) {
        self.remove(&comparison);
        let bytes =
            size_of::<Known>() + if let Outcome::Judged(all) = &outcome { bytes_of_all(all) } else { 0 };
        self.next += 1;
        self.bytes += bytes;
        self.ages.insert(self.next, comparison.clone());
        self.outcomes.insert(comparison, Known { outcome, bytes, age: self.next });
        while self.bytes > self.room {
            let oldest = self.ages.values().find(|comparison| !waits(comparison)).cloned();
            let Some(oldest) = oldest else { return };
            self.remove(&oldest);
        }
    }

    /// One of the sets is not known any more.
    pub(super) fn forget(&mut self, digest: &Digest) {
        let gone = |of: &&Comparison| of.consumer == *digest || of.provider == *digest;
        let gone: Vec<_> = self.outcomes.keys().filter(gone).cloned().collect();
        gone.iter().for_each(|comparison| self.remove(comparison));
    }

    fn remove(&mut self, comparison: &Comparison) {
        if let Some(known) = self.outcomes.remove(comparison) {
            self.ages.remove(&known.age);
            self.bytes -= known.bytes;
        }
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    #[cfg(test)]
    pub(super) fn with_room(self, room: usize) -> Self {
        Self { room, ..self }
    }
}
