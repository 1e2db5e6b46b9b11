//! Who calls what: a value. No store, no stream, no clock.
//!
//! What holds, whatever is reported and however often:
//! - Of a workload, be it as a caller or as who is called, [`MAX_SERVICES`] services are kept, those that it declared last; of
//!   their methods, called or declared, [`MAX_METHODS`], and of their paths [`MAX_WRITTEN`] in all.
//! - Calls of one workload refer to [`MAX_DIGESTS`] contracts at most, the latest ones: they keep these from
//!   being pruned.
//! - Within these bounds, the order of reports does not matter.
//! - Who was not seen for [`FORGOTTEN`] is forgotten.

use super::{
    page::News,
    said::Said,
    shelf::{Kept, Shelf},
};
use crate::{
    registry::Use,
    store::{CalledRecord, UsageKey, UsageRecord},
};
use contract::Digest;
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    time::{Duration, SystemTime},
};

/// Services of a workload.
pub(crate) const MAX_SERVICES: usize = 512;
/// Methods of a workload, of all services together.
pub(crate) const MAX_METHODS: usize = 4096;
/// Paths of a workload's requests, of all methods together.
pub(crate) const MAX_WRITTEN: usize = 16 * 1024;
/// Contracts that a workload's calls refer to.
pub(crate) const MAX_DIGESTS: usize = 64;
/// For how long somebody is remembered who was not seen.
pub(crate) const FORGOTTEN: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// How soon more of the same is told. What was not known at all is told at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(super) tell: Duration,
    pub(super) keep: Duration,
}

impl Pace {
    /// How often it is looked whether something is due.
    pub(crate) const TICK: Duration = Duration::from_secs(1);

    /// To the registry after five seconds, to the store after a minute; sooner where methods are in use for a
    /// short time only.
    pub(crate) fn of(window: Duration) -> Self {
        let at_most = |pace: u64| Duration::from_secs(pace).min(window / 8);
        Self { tell: at_most(5), keep: at_most(60) }
    }
}

/// Who calls what.
#[derive(Debug)]
pub(crate) struct Book {
    pace: Pace,
    /// Of each caller.
    uses: Shelf,
    /// Of all callers of a provider together.
    totals: Shelf,
    urgent: bool,
}

/// What is to be told to the registry, in place of what it knew, and what to the store.
#[derive(Debug, Default)]
pub(crate) struct Due {
    pub(crate) tell: Vec<Use>,
    pub(crate) keep: Kept,
    /// Of all callers of a provider together.
    pub(crate) tell_totals: Vec<Use>,
    pub(crate) keep_totals: Kept,
}

impl Book {
    /// A book with what the store remembers, of each caller and of all of a provider together.
    pub(crate) fn new(
        pace: Pace,
        uses: Vec<(UsageKey, UsageRecord)>,
        totals: Vec<(UsageKey, UsageRecord)>,
    ) -> Self {
        Self { pace, uses: Shelf::new(uses), totals: Shelf::new(totals), urgent: true }
    }

    /// A workload says that it consumes a service, of which its views have these methods; `None`: nobody knows.
    pub(crate) fn declare(
        &mut self,
        workload: &WorkloadId,
        service: &str,
        methods: Option<&BTreeSet<&str>>,
        now: SystemTime,
    ) {
        let declared = || self.uses.of(workload).map(|page| page.record.since.len()).sum::<usize>();
        let room = methods.map_or(0, |_| MAX_METHODS.saturating_sub(declared()));
        let page = self.uses.page(workload, service, now);
        page.see(now);
        methods.into_iter().for_each(|methods| page.declare(methods, room, now));
        let news = page.news();
        self.note((workload.clone(), service.to_owned()), news);
    }

    /// A workload says what it called. Returns how much of it is beyond its bounds.
    pub(crate) fn report(&mut self, workload: &WorkloadId, said: Vec<Said>, now: SystemTime) -> usize {
        let called = || self.uses.of(workload).flat_map(|page| page.record.methods.values());
        let (mut methods, mut written) =
            (called().count(), called().map(|called| called.written.len()).sum::<usize>());
        let mut beyond = 0;
        for said in said {
            self.sum(&said, now);
            let key = (workload.clone(), said.service.clone());
            let page = self.uses.page(workload, &said.service, now);
            page.see(now);
            let (name, calls, over) = (said.method.clone(), said.calls, said.over);
            let mut more = CalledRecord::said(said, now);
            if written + more.written.len() > MAX_WRITTEN {
                beyond += usize::from(!more.written.is_empty());
                more.written.clear();
            }
            let news = match page.record.methods.entry(name) {
                Entry::Occupied(mut known) => {
                    let before = known.get().written.len();
                    let news = known.get_mut().add(more);
                    known.get_mut().count(calls, over, now);
                    written += known.get().written.len() - before;
                    news
                }
                Entry::Vacant(_) if methods >= MAX_METHODS => {
                    beyond += 1;
                    News::Nothing
                }
                Entry::Vacant(place) => {
                    methods += 1;
                    written += more.written.len();
                    place.insert(more).count(calls, over, now);
                    News::Urgent
                }
            };
            page.note(news);
            let news = page.news();
            self.note(key, news);
        }
        self.limit_digests(workload);
        beyond
    }

    /// Adds calls to those of all callers of their provider. What is beyond its bounds is not known.
    fn sum(&mut self, said: &Said, now: SystemTime) {
        let Some(provider) = &said.provider else { return };
        let page = self.totals.page(provider, &said.service, now);
        page.see(now);
        let full = page.record.methods.len() >= MAX_METHODS;
        let known = match page.record.methods.entry(said.method.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if full => return,
            Entry::Vacant(place) => place.insert(CalledRecord::none(now)),
        };
        known.last_used = known.last_used.max(now);
        known.calls = known.calls.saturating_add(said.calls);
        known.count(said.calls, said.over, now);
        page.note(News::More);
        let news = page.news();
        self.totals.note((provider.clone(), said.service.clone()), news);
    }

    /// Whether something is to be told at once.
    pub(crate) fn is_urgent(&self) -> bool {
        self.urgent
    }

    /// What is to be told at this moment. It counts as told.
    pub(crate) fn due(&mut self, now: SystemTime) -> Due {
        self.urgent = false;
        let (tell, keep) = self.uses.due(self.pace, now);
        let (tell_totals, keep_totals) = self.totals.due(self.pace, now);
        Due { tell, keep, tell_totals, keep_totals }
    }

    /// What the store does not know, whether it is time or not: of each caller, and of all together. It counts as kept.
    pub(crate) fn rest(&mut self) -> (Kept, Kept) {
        (self.uses.rest(), self.totals.rest())
    }

    /// Forgets who was not seen for long.
    pub(crate) fn prune(&mut self, now: SystemTime) {
        self.uses.prune(now);
        self.totals.prune(now);
    }

    /// The contracts by which requests to a service were made of which paths are known.
    pub(crate) fn paths_by(&mut self, service: &str) -> BTreeSet<Digest> {
        let pages = self.uses.about(service).flat_map(|(_, page)| page.record.methods.values());
        let with_paths = pages.filter(|called| !called.written.is_empty());
        with_paths.filter_map(|called| called.digest.clone()).collect()
    }

    /// Looks again at the paths that are known of requests to a service, of one caller or of all: `check` takes away what
    /// is not to be kept.
    pub(crate) fn check_paths(
        &mut self,
        service: &str,
        of: Option<&WorkloadId>,
        mut check: impl FnMut(&WorkloadId, &mut Said),
    ) {
        let mut changed = Vec::new();
        let pages = self.uses.about(service).filter(|(workload, _)| of.is_none_or(|of| of == *workload));
        for (workload, page) in pages {
            for (name, called) in
                page.record.methods.iter_mut().filter(|(_, called)| !called.written.is_empty())
            {
                let mut said = called.again(service, name);
                check(workload, &mut said);
                if said.written != called.written {
                    called.written = said.written;
                    changed.push((workload.clone(), service.to_owned()));
                }
            }
            if changed.last().is_some_and(|(last, _)| last == workload) {
                page.note(News::Urgent);
            }
        }
        changed.into_iter().for_each(|key| self.note(key, News::Urgent));
    }

    fn note(&mut self, key: UsageKey, news: News) {
        self.urgent |= news == News::Urgent;
        self.uses.note(key, news);
    }

    /// Of too many contracts, those by which nothing was called for longest are named no more.
    fn limit_digests(&mut self, workload: &WorkloadId) {
        let mut latest: BTreeMap<Digest, SystemTime> = BTreeMap::new();
        for called in self.uses.of(workload).flat_map(|page| page.record.methods.values()) {
            if let Some(digest) = &called.digest {
                let at = latest.entry(digest.clone()).or_insert(called.last_used);
                *at = called.last_used.max(*at);
            }
        }
        let excess = latest.len().saturating_sub(MAX_DIGESTS);
        let mut oldest: Vec<_> = latest.into_iter().map(|(digest, at)| (at, digest)).collect();
        oldest.sort();
        let dropped: BTreeSet<_> = oldest.into_iter().take(excess).map(|(_, digest)| digest).collect();
        let mut changed = Vec::new();
        let pages = self.uses.of_mut(workload).into_iter().flatten();
        for (service, page) in pages.filter(|_| !dropped.is_empty()) {
            let digests = page.record.methods.values_mut().map(|called| &mut called.digest);
            let taken = digests.filter_map(|digest| digest.take_if(|digest| dropped.contains(digest)));
            if taken.count() > 0 {
                page.note(News::More);
                changed.push((workload.clone(), service.clone()));
            }
        }
        changed.into_iter().for_each(|key| self.uses.note(key, News::More));
    }
}
