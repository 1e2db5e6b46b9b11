//! Of whom a set is asked that nobody knows yet: of one instance at a time. What it brings serves everybody who waits
//! for it. When it leaves, sends something else or takes too long, the next one is asked; first whoever belongs to a
//! workload that has not failed the others.

use super::{Registry, index::Waiting};
use crate::store::InstanceKey;
use contract::Digest;
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    time::{Duration, SystemTime},
};

/// How long one instance is waited for while others could bring the set as well. It may send it later all the same.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Who is asked for what.
#[derive(Debug, Default)]
pub(super) struct Asking {
    asked: BTreeMap<Digest, Asked>,
    /// When somebody else is asked, where there is somebody else.
    overdue: BTreeSet<(SystemTime, Digest)>,
}

#[derive(Debug)]
struct Asked {
    whom: Waiting,
    until: SystemTime,
    /// How often those who wait still did not bring it.
    failed: BTreeMap<WorkloadId, BTreeMap<String, usize>>,
}

impl Asking {
    /// Whether this instance is asked for the set.
    pub(super) fn asks(&self, digest: &Digest, key: &InstanceKey) -> bool {
        self.asked.get(digest).is_some_and(|asked| asked.whom.1 == *key)
    }

    /// When somebody else is asked, if nothing happens before.
    pub(super) fn next_overdue(&self) -> Option<SystemTime> {
        self.overdue.first().map(|(until, _)| *until)
    }

    fn overdue(&self, now: SystemTime) -> impl Iterator<Item = &Digest> {
        self.overdue.iter().take_while(move |(until, _)| *until <= now).map(|(_, digest)| digest)
    }

    /// Asks one of those who are `waiting` for a set. Returns whom that is news for.
    fn choose(
        &mut self,
        digest: &Digest,
        waiting: Option<&BTreeSet<Waiting>>,
        now: SystemTime,
    ) -> [Option<InstanceKey>; 2] {
        let before = self.asked.remove(digest);
        if let Some(before) = &before {
            self.overdue.remove(&(before.until, digest.clone()));
        }
        let Some(waiting) = waiting else { return [None, None] };
        let was = before.as_ref().map(|before| before.whom.1.clone());
        let Some(mut asked) = Asked::next(before, waiting, now) else { return [None, None] };
        let news = (was.as_ref() != Some(&asked.whom.1)).then(|| asked.whom.1.clone());
        if waiting.len() > 1 {
            if asked.until <= now {
                asked.until = now.checked_add(PATIENCE).unwrap_or(now);
            }
            self.overdue.insert((asked.until, digest.clone()));
        }
        self.asked.insert(digest.clone(), asked);
        [was.filter(|_| news.is_some()), news]
    }
}

impl Asked {
    /// Whom to ask after this.
    fn next(before: Option<Self>, waiting: &BTreeSet<Waiting>, now: SystemTime) -> Option<Self> {
        let until = now.checked_add(PATIENCE).unwrap_or(now);
        let Some(mut before) = before else {
            return Some(Self { whom: waiting.first()?.clone(), until, failed: BTreeMap::new() });
        };
        if waiting.contains(&before.whom) && (now < before.until || waiting.len() == 1) {
            return Some(before);
        }
        let InstanceKey { workload, instance } = before.whom.1.clone();
        *before.failed.entry(workload).or_default().entry(instance).or_default() += 1;
        let there: BTreeSet<_> = waiting.iter().map(|(_, key)| &key.workload).collect();
        before.failed.retain(|workload, _| there.contains(workload));
        let whom = waiting.iter().min_by_key(|(_, key)| before.failures(key))?.clone();
        Some(Self { whom, until, ..before })
    }

    /// How often its workload failed, and how often it did itself.
    fn failures(&self, key: &InstanceKey) -> (usize, usize) {
        let own = self.failed.get(&key.workload);
        let all = own.into_iter().flat_map(BTreeMap::values).sum();
        (all, own.and_then(|own| own.get(&key.instance)).copied().unwrap_or(0))
    }
}

impl Registry {
    /// Asks for what is waited for, where that changed or somebody took too long.
    pub(super) fn ask(&mut self, now: SystemTime) {
        let mut digests = mem::take(&mut self.index.changes.wanted);
        digests.extend(self.asking.overdue(now).cloned());
        for digest in digests {
            let waiting = self.index.wanted.get(&digest);
            for key in self.asking.choose(&digest, waiting, now).into_iter().flatten() {
                self.index.touch(&key);
            }
        }
    }
}
