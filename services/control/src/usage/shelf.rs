//! Pages by workload and service, and who has not been told of them.

use super::{
    book::{FORGOTTEN, MAX_SERVICES, Pace},
    page::{News, Page},
};
use crate::{
    registry::Use,
    store::{UsageKey, UsageRecord},
};
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

/// Pages to be kept; `None`: to be forgotten.
pub(crate) type Kept = Vec<(UsageKey, Option<UsageRecord>)>;

/// By service.
pub(super) type Pages = BTreeMap<String, Page>;

/// Pages of one kind.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    workloads: BTreeMap<WorkloadId, Pages>,
    /// Pages with news for somebody.
    stale: BTreeSet<UsageKey>,
    /// Pages that are gone, and still in the store.
    gone: BTreeSet<UsageKey>,
}

impl Shelf {
    /// With what the store remembers.
    pub(super) fn new(records: Vec<(UsageKey, UsageRecord)>) -> Self {
        let stale = records.iter().map(|(key, _)| key.clone()).collect();
        let mut workloads: BTreeMap<WorkloadId, Pages> = BTreeMap::new();
        for ((workload, service), record) in records {
            workloads.entry(workload).or_default().insert(service, Page::remembered(record));
        }
        Self { workloads, stale, gone: BTreeSet::new() }
    }

    /// The pages of a workload.
    pub(super) fn of(&self, workload: &WorkloadId) -> impl Iterator<Item = &Page> + Clone {
        self.workloads.get(workload).into_iter().flat_map(BTreeMap::values)
    }

    /// The same, to be written on; whoever does, notes it.
    pub(super) fn of_mut(&mut self, workload: &WorkloadId) -> Option<&mut Pages> {
        self.workloads.get_mut(workload)
    }

    /// The pages of a service.
    pub(super) fn about(&mut self, service: &str) -> impl Iterator<Item = (&WorkloadId, &mut Page)> {
        let pages = self.workloads.iter_mut();
        pages.filter_map(move |(workload, pages)| Some((workload, pages.get_mut(service)?)))
    }

    /// The page of a workload and a service. A new one takes the place of the oldest, where there are too many.
    pub(super) fn page(&mut self, workload: &WorkloadId, service: &str, now: SystemTime) -> &mut Page {
        let pages = self.workloads.entry(workload.clone()).or_default();
        if !pages.contains_key(service) && pages.len() >= MAX_SERVICES {
            let oldest =
                pages.iter().min_by_key(|(_, page)| page.record.seen).map(|(service, _)| service.clone());
            if let Some(oldest) = oldest {
                pages.remove(&oldest);
                self.gone.insert((workload.clone(), oldest));
            }
        }
        self.gone.remove(&(workload.clone(), service.to_owned()));
        pages.entry(service.to_owned()).or_insert_with(|| Page::new(now))
    }

    /// A page has news, as far as it has.
    pub(super) fn note(&mut self, key: UsageKey, news: News) {
        if news > News::Nothing {
            self.stale.insert(key);
        }
    }

    /// What is to be told and kept at this moment. It counts as told.
    pub(super) fn due(&mut self, pace: Pace, now: SystemTime) -> (Vec<Use>, Kept) {
        let (mut tell, mut keep) = (Vec::new(), self.gone());
        for key in std::mem::take(&mut self.stale) {
            let pages = self.workloads.get_mut(&key.0);
            let Some(page) = pages.and_then(|pages| pages.get_mut(&key.1)) else { continue };
            if page.told.take(pace.tell, now) {
                tell.push(page.shown(&key));
            }
            if page.kept.take(pace.keep, now) {
                keep.push((key.clone(), Some(page.record.clone())));
            }
            if page.told.news.max(page.kept.news) > News::Nothing {
                self.stale.insert(key);
            }
        }
        (tell, keep)
    }

    /// What the store does not know, whether it is time or not. It counts as kept.
    pub(super) fn rest(&mut self) -> Kept {
        let mut rest = self.gone();
        for (workload, pages) in &mut self.workloads {
            for (service, page) in pages.iter_mut().filter(|(_, page)| page.kept.news > News::Nothing) {
                page.kept.news = News::Nothing;
                rest.push(((workload.clone(), service.clone()), Some(page.record.clone())));
            }
        }
        rest
    }

    /// Forgets who was not seen for long.
    pub(super) fn prune(&mut self, now: SystemTime) {
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

    fn gone(&mut self) -> Kept {
        std::mem::take(&mut self.gone).into_iter().map(|key| (key, None)).collect()
    }
}
