//! What is known of one workload and one service, and who has been told.

use super::said::Said;
use crate::{
    peaks::Peaks,
    registry::{MethodUse, Use},
    store::{CalledRecord, UsageKey, UsageRecord},
};
use stack::client::usage::MAX_PATHS;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, SystemTime},
};

/// A workload that was not seen for so long counts as new when it declares a service again.
const RENEWED: Duration = Duration::from_secs(30 * DAY.as_secs());
/// How exactly it is known when a workload was last seen.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How new something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum News {
    #[default]
    Nothing,
    /// More of the same.
    More,
    /// Something that was not known at all.
    Urgent,
}

/// What is known of one workload and one service.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) record: UsageRecord,
    /// For the registry.
    pub(super) told: Progress,
    /// For the store.
    pub(super) kept: Progress,
}

/// What somebody does not know yet, and when they were told last.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) news: News,
    at: Option<SystemTime>,
}

impl Progress {
    /// Whether it is time to tell; then it counts as told.
    pub(super) fn take(&mut self, every: Duration, now: SystemTime) -> bool {
        // A clock that was set back waits for nobody.
        let waited = self.at.is_none_or(|at| now.duration_since(at).map_or(true, |waited| waited >= every));
        let due = self.news == News::Urgent || (self.news == News::More && waited);
        if due {
            *self = Self { news: News::Nothing, at: Some(now) };
        }
        due
    }
}

impl Page {
    /// Of somebody who is seen for the first time.
    pub(super) fn new(now: SystemTime) -> Self {
        let record =
            UsageRecord { declared: now, seen: now, methods: BTreeMap::new(), since: BTreeMap::new() };
        let urgent = || Progress { news: News::Urgent, at: None };
        Self { record, told: urgent(), kept: urgent() }
    }

    /// As the store remembers it.
    pub(super) fn remembered(record: UsageRecord) -> Self {
        Self { record, told: Progress { news: News::Urgent, at: None }, kept: Progress::default() }
    }

    /// For whoever has not been told the most.
    pub(super) fn news(&self) -> News {
        self.told.news.max(self.kept.news)
    }

    pub(super) fn note(&mut self, news: News) {
        self.told.news = self.told.news.max(news);
        self.kept.news = self.kept.news.max(news);
    }

    /// The workload declares the service, or calls it.
    pub(super) fn see(&mut self, now: SystemTime) {
        let away = now.duration_since(self.record.seen).unwrap_or_default();
        if away >= RENEWED {
            self.record.declared = now;
            self.record.since.values_mut().for_each(|since| *since = now);
            self.note(News::Urgent);
        }
        if away >= DAY {
            self.record.seen = now;
            self.note(News::More);
        }
    }

    /// The workload's views have these methods. What is new among them counts as declared from now on, and so does what
    /// comes back after all views were without it. `room`: how many more may be kept.
    pub(super) fn declare(&mut self, methods: &BTreeSet<&str>, room: usize, now: SystemTime) {
        let before = self.record.since.len();
        self.record.since.retain(|name, _| methods.contains(name.as_str()));
        if self.record.since.len() != before {
            self.note(News::More);
        }
        let room = room + before - self.record.since.len();
        let known = &self.record.since;
        let new: Vec<_> = methods.iter().filter(|name| !known.contains_key(**name)).take(room).collect();
        if !new.is_empty() {
            self.record.since.extend(new.into_iter().map(|name| ((*name).to_owned(), now)));
            self.note(News::Urgent);
        }
    }

    /// As the registry knows it.
    pub(super) fn shown(&self, (workload, service): &UsageKey) -> Use {
        let called = |(name, called): (&String, &CalledRecord)| {
            let CalledRecord { last_used, calls, digest, written, peaks, rates: _ } = called.clone();
            (name.clone(), MethodUse { last_used, calls, digest, written, peaks })
        };
        Use {
            workload: workload.clone(),
            service: service.clone(),
            declared: self.record.declared,
            methods: self.record.methods.iter().map(called).collect(),
            since: self.record.since.clone(),
        }
    }
}

impl CalledRecord {
    /// What one report says.
    pub(super) fn said(Said { digest, calls, mut written, peaks, .. }: Said, at: SystemTime) -> Self {
        cut(&mut written);
        Self { calls, digest, written, peaks: Peaks::reported(&peaks, at), ..Self::none(at) }
    }

    /// Nothing is known yet.
    pub(super) fn none(at: SystemTime) -> Self {
        let (written, peaks, rates) = Default::default();
        Self { last_used: at, calls: 0, digest: None, written, peaks, rates }
    }

    /// Calls that were made in this time, if that is known: how often that is.
    pub(super) fn count(&mut self, calls: u64, over: Option<Duration>, now: SystemTime) {
        if let Some(over) = over.filter(|_| calls > 0) {
            self.rates.count(calls, over, now, &mut self.peaks);
        }
    }

    /// What is known of the paths, as if it were said now.
    pub(super) fn again(&self, service: &str, method: &str) -> Said {
        Said {
            service: service.to_owned(),
            method: method.to_owned(),
            digest: self.digest.clone(),
            calls: 0,
            written: self.written.clone(),
            peaks: Default::default(),
            over: None,
            provider: None,
        }
    }

    /// Takes more of the same; in which order does not matter.
    pub(super) fn add(&mut self, more: Self) -> News {
        let before = (self.digest.clone(), self.written.len());
        if (more.last_used, &more.digest) > (self.last_used, &self.digest) {
            self.digest = more.digest;
        }
        self.last_used = self.last_used.max(more.last_used);
        self.calls = self.calls.saturating_add(more.calls);
        // Told with what comes anyway: a most that grows by little is no news to hurry for.
        self.peaks.add(more.peaks);
        let known = more.written.is_subset(&self.written);
        if !known {
            let old = self.written.clone();
            self.written.extend(more.written);
            cut(&mut self.written);
            if self.written != old {
                return News::Urgent;
            }
        }
        if before == (self.digest.clone(), self.written.len()) { News::More } else { News::Urgent }
    }
}

/// Of too many paths, the first ones are kept: whatever came first, the same ones.
fn cut(written: &mut BTreeSet<Vec<u32>>) {
    while written.len() > MAX_PATHS {
        written.pop_last();
    }
}
