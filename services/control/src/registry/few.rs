//! A few of many: the first causes, each with its first places, something of every service, and how many more there are.

use std::collections::{BTreeMap, BTreeSet};

/// How many causes are kept and told, but for one of each service; of the others, how many there are.
pub(crate) const MAX_SHOWN: usize = 20;
/// In how many places each of them is.
pub(super) const MAX_PLACES: usize = 8;
/// Of how many causes that are not shown it is known which they are. Of more, each place counts as one.
const MAX_OMITTED: usize = 1000;

/// Some of what was found, in the order in which it was.
#[derive(Clone, Debug)]
pub(super) struct Few<T> {
    shown: Vec<T>,
    counts: Box<Counts>,
}

#[derive(Clone, Debug, Default)]
struct Counts {
    /// Causes that are shown, and those of them that may show in several places: in how many they do.
    causes: usize,
    places: BTreeMap<u64, Places>,
    services: BTreeSet<String>,
    /// Causes that are not shown, and how many more there are that stand for themselves.
    omitted: BTreeSet<u64>,
    more: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Places {
    all: usize,
    shown: usize,
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self { shown: Vec::new(), counts: Box::default() }
    }
}

impl<T> Few<T> {
    /// Adds one; it is made only if it is shown. The same cause in several places has one number; `None`: it stands
    /// for itself. Of every service something is shown.
    pub(super) fn add(&mut self, cause: Option<u64>, service: Option<&str>, make: impl FnOnce() -> T) {
        let counts = &mut *self.counts;
        let unheard = service.is_some_and(|service| !counts.services.contains(service));
        match (cause.and_then(|cause| counts.places.get_mut(&cause)), cause) {
            (Some(places), _) => {
                places.all += 1;
                if places.all > MAX_PLACES && !unheard {
                    return;
                }
                places.shown += 1;
            }
            (None, cause) if counts.causes < MAX_SHOWN || unheard => {
                counts.causes += 1;
                counts.places.extend(cause.map(|cause| (cause, Places { all: 1, shown: 1 })));
            }
            (None, cause) => return counts.omit(cause),
        }
        if unheard {
            counts.services.extend(service.map(str::to_owned));
        }
        self.shown.push(make());
    }

    /// Adds some that are not looked at.
    pub(super) fn add_unseen(&mut self, count: usize) {
        self.counts.more += count;
    }

    /// Counts what others do not show. What they show was added before.
    pub(super) fn add_hidden_of<U>(&mut self, others: &Few<U>) {
        for (cause, places) in &others.counts.places {
            if let Some(own) = self.counts.places.get_mut(cause) {
                own.all += places.all - places.shown;
            }
        }
        for cause in &others.counts.omitted {
            match self.counts.places.get_mut(cause) {
                Some(own) => own.all += 1,
                None => self.counts.omit(Some(*cause)),
            }
        }
        self.counts.more += others.counts.more;
    }

    pub(super) fn shown(&self) -> &[T] {
        &self.shown
    }

    pub(super) fn into_shown(self) -> Vec<T> {
        self.shown
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shown.is_empty() && self.counts.more == 0
    }

    /// How many causes are not shown, and how many places of those that are.
    pub(super) fn hidden(&self) -> (usize, usize) {
        let places = self.counts.places.values();
        (self.counts.more + self.counts.omitted.len(), places.map(|places| places.all - places.shown).sum())
    }
}

impl Counts {
    fn omit(&mut self, cause: Option<u64>) {
        match cause {
            Some(cause) if self.omitted.contains(&cause) => {}
            Some(cause) if self.omitted.len() < MAX_OMITTED => drop(self.omitted.insert(cause)),
            _ => self.more += 1,
        }
    }
}
