//! What was decided about meetings, as long as what it hangs on is the same: the two sets, who they are, what the gate
//! is, what is known of use, and the time until which it holds. An event that changes one meeting of many costs that one.

use super::{
    compare::{Comparison, Outcome},
    decided::Decided,
    slices::{FINDINGS, Shared},
    whom::{Meeting, Newcomer},
};
use contract::Digest;
use identity::WorkloadId;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Bytes of all that is kept.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Decisions about meetings.
#[derive(Debug)]
pub(super) struct Memo {
    known: BTreeMap<Key, Known>,
    /// The oldest first.
    ages: BTreeMap<u64, Key>,
    next: u64,
    bytes: usize,
    /// How many bytes there is room for.
    room: usize,
    pub(super) shared: Shared,
    /// What was done, on the scale of [`slices`](super::slices).
    pub(super) spent: usize,
    /// How many findings were looked at.
    #[cfg(test)]
    pub(super) findings: usize,
    /// How often all meetings of somebody were put together.
    #[cfg(test)]
    pub(super) judged: usize,
}

/// Whoever meets again, meets by this.
type Key = (Comparison, WorkloadId, Newcomer, bool);

#[derive(Debug)]
struct Known {
    meeting: Meeting,
    decided: Arc<Decided>,
    bytes: usize,
    age: u64,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            ages: BTreeMap::new(),
            next: 0,
            bytes: 0,
            room: MAX_BYTES,
            shared: Shared::default(),
            spent: 0,
            #[cfg(test)]
            findings: 0,
            #[cfg(test)]
            judged: 0,
        }
    }
}

impl Memo {
    /// What a meeting means: as it was decided, if that holds still, or else by this outcome. `None`: there is none.
    pub(super) fn of(
        &mut self,
        meeting: &Meeting,
        outcome: Option<&Outcome>,
        window: Duration,
        now: SystemTime,
    ) -> Option<Arc<Decided>> {
        let comparison = meeting.comparison.clone();
        let key = (comparison, meeting.provider.clone(), meeting.newcomer, meeting.met);
        if let Some(known) = self.known.get(&key)
            && known.meeting == *meeting
            && [known.decided.lapses, known.decided.turns].into_iter().flatten().all(|end| end > now)
        {
            return Some(known.decided.clone());
        }
        let decided = Arc::new(Decided::of(meeting, outcome?, window, now));
        self.spent += decided.effort / FINDINGS;
        #[cfg(test)]
        {
            self.findings += decided.effort;
        }
        self.put(key, meeting.clone(), decided.clone());
        Some(decided)
    }

    fn put(&mut self, key: Key, meeting: Meeting, decided: Arc<Decided>) {
        self.remove(&key);
        let bytes = 2 * size_of::<(Key, Known)>() + decided.bytes() + meeting.bytes();
        self.next += 1;
        self.bytes += bytes;
        self.ages.insert(self.next, key.clone());
        self.known.insert(key, Known { meeting, decided, bytes, age: self.next });
        while self.bytes > self.room {
            let Some((_, oldest)) = self.ages.first_key_value() else { return };
            self.remove(&oldest.clone());
        }
    }

    /// One of the sets is not known any more.
    pub(super) fn forget(&mut self, digest: &Digest) {
        let gone = |(of, ..): &&Key| of.consumer == *digest || of.provider == *digest;
        let gone: Vec<_> = self.known.keys().filter(gone).cloned().collect();
        gone.iter().for_each(|key| self.remove(key));
    }

    fn remove(&mut self, key: &Key) {
        if let Some(known) = self.known.remove(key) {
            self.ages.remove(&known.age);
            self.bytes -= known.bytes;
        }
    }

    #[cfg(test)]
    pub(super) fn with_room(self, room: usize) -> Self {
        Self { room, ..self }
    }
}
