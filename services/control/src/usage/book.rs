//! Who calls what: a value. No store, no stream, no clock.
//!
//! What holds, whatever is reported and however often:
//! - Of a workload, [`MAX_SERVICES`] services are kept, those that it declared last; of their methods
//!   [`MAX_METHODS`], and of their paths [`MAX_WRITTEN`] in all.
//! - Calls of one workload refer to [`MAX_DIGESTS`] contracts at most, the latest ones: they keep these from
//!   being pruned.
//! - Within these bounds, the order of reports does not matter.
//! - Who was not seen for [`FORGOTTEN`] is forgotten.

use super::{
    page::{News, Page},
    said::Said,
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
    tell: Duration,
    keep: Duration,
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
    workloads: BTreeMap<WorkloadId, Pages>,
    /// Pages with news for somebody.
    stale: BTreeSet<UsageKey>,
    /// Pages that are gone, and still in the store.
    gone: BTreeSet<UsageKey>,
    urgent: bool,
}

/// By service.
type Pages = BTreeMap<String, Page>;

/// What is to be told.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// To the registry, in place of what it knew.
    pub(crate) tell: Vec<Use>,
    /// To the store; `None`: to be forgotten.
    pub(crate) keep: Vec<(UsageKey, Option<UsageRecord>)>,
}

impl Book {
    /// A book with what the store remembers.
    pub(crate) fn new(pace: Pace, records: Vec<(UsageKey, UsageRecord)>) -> Self {
        let stale = records.iter().map(|(key, _)| key.clone()).collect();
        let mut workloads: BTreeMap<WorkloadId, Pages> = BTreeMap::new();
        for ((workload, service), record) in records {
            workloads.entry(workload).or_default().insert(service, Page::remembered(record));
        }
        Self { pace, workloads, stale, gone: BTreeSet::new(), urgent: true }
    }

    /// A workload says that it consumes a service.
    pub(crate) fn declare(&mut self, workload: &WorkloadId, service: &str, now: SystemTime) {
        let page = page(&mut self.workloads, &mut self.gone, workload, service, now);
        page.see(now);
        let (news, key) = (page.told.news.max(page.kept.news), (workload.clone(), service.to_owned()));
        self.note(key, news);
    }

    /// A workload says what it called. Returns how much of it is beyond its bounds.
    pub(crate) fn report(&mut self, workload: &WorkloadId, said: Vec<Said>, now: SystemTime) -> usize {
        let known = self.workloads.get(workload).into_iter().flat_map(BTreeMap::values);
        let called = || known.clone().flat_map(|page| page.record.methods.values());
        let (mut methods, mut written) =
            (called().count(), called().map(|called| called.written.len()).sum::<usize>());
        let mut beyond = 0;
        for said in said {
            let key = (workload.clone(), said.service.clone());
            let page = page(&mut self.workloads, &mut self.gone, workload, &said.service, now);
            page.see(now);
            let (name, mut more) = (said.method.clone(), CalledRecord::said(said, now));
            if written + more.written.len() > MAX_WRITTEN {
                beyond += usize::from(!more.written.is_empty());
                more.written.clear();
            }
            let news = match page.record.methods.entry(name) {
                Entry::Occupied(mut known) => {
                    let before = known.get().written.len();
                    let news = known.get_mut().add(more);
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
                    place.insert(more);
                    News::Urgent
                }
            };
            page.note(news);
            let news = page.told.news.max(page.kept.news);
            self.note(key, news);
        }
        self.limit_digests(workload);
        beyond
    }

    /// Whether something is to be told at once.
    pub(crate) fn is_urgent(&self) -> bool {
        self.urgent
    }

    /// What is to be told at this moment. It counts as told.
    pub(crate) fn due(&mut self, now: SystemTime) -> Due {
        self.urgent = false;
        let mut due = Due { tell: Vec::new(), keep: gone(&mut self.gone) };
        for key in std::mem::take(&mut self.stale) {
            let pages = self.workloads.get_mut(&key.0);
            let Some(page) = pages.and_then(|pages| pages.get_mut(&key.1)) else { continue };
            if page.told.take(self.pace.tell, now) {
                due.tell.push(page.shown(&key));
            }
            if page.kept.take(self.pace.keep, now) {
                due.keep.push((key.clone(), Some(page.record.clone())));
            }
            if page.told.news.max(page.kept.news) > News::Nothing {
                self.stale.insert(key);
            }
        }
        due
    }

    /// What the store does not know, whether it is time or not. It counts as kept.
    pub(crate) fn rest(&mut self) -> Vec<(UsageKey, Option<UsageRecord>)> {
        let mut rest = gone(&mut self.gone);
        for (workload, pages) in &mut self.workloads {
            for (service, page) in pages.iter_mut().filter(|(_, page)| page.kept.news > News::Nothing) {
                page.kept.news = News::Nothing;
                rest.push(((workload.clone(), service.clone()), Some(page.record.clone())));
            }
        }
        rest
    }

    /// Forgets who was not seen for long.
    pub(crate) fn prune(&mut self, now: SystemTime) {
        let old = |page: &Page| now.duration_since(page.record.seen).is_ok_and(|away| away >= FORGOTTEN);
        for (workload, pages) in &mut self.workloads {
            pages.retain(|service, page| {
                let old = old(page);
                if old {
                    self.gone.insert((workload.clone(), service.clone()));
                }
                !old
            });
        }
        self.workloads.retain(|_, pages| !pages.is_empty());
    }

    fn note(&mut self, key: UsageKey, news: News) {
        self.urgent |= news == News::Urgent;
        if news > News::Nothing {
            self.stale.insert(key);
        }
    }

    /// Of too many contracts, those by which nothing was called for longest are named no more.
    fn limit_digests(&mut self, workload: &WorkloadId) {
        let Some(pages) = self.workloads.get_mut(workload) else { return };
        let mut latest: BTreeMap<Digest, SystemTime> = BTreeMap::new();
        for called in pages.values().flat_map(|page| page.record.methods.values()) {
            if let Some(digest) = &called.digest {
                let at = latest.entry(digest.clone()).or_insert(called.last_used);
                *at = called.last_used.max(*at);
            }
        }
        let excess = latest.len().saturating_sub(MAX_DIGESTS);
        let mut oldest: Vec<_> = latest.into_iter().map(|(digest, at)| (at, digest)).collect();
        oldest.sort();
        let dropped: BTreeSet<_> = oldest.into_iter().take(excess).map(|(_, digest)| digest).collect();
        for (service, page) in pages.iter_mut().filter(|_| !dropped.is_empty()) {
            let digests = page.record.methods.values_mut().map(|called| &mut called.digest);
            let taken = digests.filter_map(|digest| digest.take_if(|digest| dropped.contains(digest)));
            if taken.count() > 0 {
                page.note(News::More);
                self.stale.insert((workload.clone(), service.clone()));
            }
        }
    }
}

/// The page of a workload and a service. A new one takes the place of the oldest, where there are too many.
fn page<'b>(
    workloads: &'b mut BTreeMap<WorkloadId, Pages>,
    gone: &mut BTreeSet<UsageKey>,
    workload: &WorkloadId,
    service: &str,
    now: SystemTime,
) -> &'b mut Page {
    let pages = workloads.entry(workload.clone()).or_default();
    if !pages.contains_key(service) && pages.len() >= MAX_SERVICES {
        let oldest =
            pages.iter().min_by_key(|(_, page)| page.record.seen).map(|(service, _)| service.clone());
        if let Some(oldest) = oldest {
            pages.remove(&oldest);
            gone.insert((workload.clone(), oldest));
        }
    }
    gone.remove(&(workload.clone(), service.to_owned()));
    pages.entry(service.to_owned()).or_insert_with(|| Page::new(now))
}

fn gone(gone: &mut BTreeSet<UsageKey>) -> Vec<(UsageKey, Option<UsageRecord>)> {
    std::mem::take(gone).into_iter().map(|key| (key, None)).collect()
}
