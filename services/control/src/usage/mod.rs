//! Who calls what: kept from the reports of data planes, so that it can be said whom a new version would
//! break, what was declared and is not used, and what is used though it is deprecated.
//!
//! Of each workload and method: the version of the contract by which it was called, how often and when last,
//! and paths of fields that sampled requests carried. No values, no callers' callers. What one workload
//! makes others keep is bounded (see [`book`]).

pub(crate) mod book;
mod page;
mod paths;
mod said;
#[cfg(test)]
mod tests;

use crate::{
    metrics::Metrics,
    publish,
    registrar::Registrar,
    registry::View,
    store::{Store, StoreError, UsageKey, UsageRecord},
};
use book::{Book, Due, Pace};
use contracts::treaty::v1::UsageReport;
use identity::WorkloadId;
use parking_lot::Mutex;
use paths::Paths;
use said::Said;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::{
    sync::{Notify, watch},
    time::sleep,
};

/// How often it is looked whether anybody has not been seen for too long.
const PRUNED_EVERY: Duration = Duration::from_secs(60 * 60);

/// By workload, the services that it consumes.
type Names = BTreeMap<WorkloadId, Arc<BTreeSet<String>>>;

/// A handle on the book. Clones are the same.
#[derive(Clone)]
pub(crate) struct Usage {
    book: Arc<Mutex<Book>>,
    news: Arc<Notify>,
    views: watch::Receiver<Arc<View>>,
    metrics: Metrics,
}

impl Usage {
    /// A book with what the store remembers. `window`: for how long a method counts as in use.
    pub(crate) fn new(
        records: Vec<(UsageKey, UsageRecord)>,
        window: Duration,
        views: watch::Receiver<Arc<View>>,
        metrics: Metrics,
    ) -> Self {
        let mut book = Book::new(Pace::of(window), records);
        book.prune(SystemTime::now());
        Self { book: Arc::new(Mutex::new(book)), news: Arc::default(), views, metrics }
    }

    /// Takes what an instance of `workload` says that it called. Returns how much of it is not kept: methods
    /// that it has nothing to do with, those with paths that no contract has, and what is beyond its bounds.
    ///
    /// # Errors
    /// What no sound client says.
    pub(crate) fn report(&self, workload: &WorkloadId, report: UsageReport) -> Result<usize, String> {
        let said = said::read(report)?;
        let view = self.views.borrow().clone();
        let all = said.len();
        let mut said = allowed(&view, workload, said);
        let mut strange = all - said.len();
        let mut paths = Paths::new(&view);
        for said in &mut said {
            self.count_deprecated(&view, workload, said);
            let force = view.provider(&said.service, workload.namespace());
            strange += usize::from(paths.keep_declared(said, force));
        }
        let mut book = self.book.lock();
        let beyond = book.report(workload, said, SystemTime::now());
        if book.is_urgent() {
            self.news.notify_one();
        }
        Ok(strange + beyond)
    }

    fn count_deprecated(&self, view: &View, workload: &WorkloadId, said: &Said) {
        let known = view.provider(&said.service, workload.namespace());
        let methods =
            known.and_then(|known| known.service(&said.service)).into_iter().flat_map(|known| &known.methods);
        let mut deprecated = methods.filter(|method| method.deprecated.value);
        if let Some(method) = deprecated.find(|method| method.path.method() == said.method) {
            self.metrics.deprecated(workload, &method.path, said.calls);
        }
    }

    /// Tells the registry all that is remembered.
    pub(crate) fn tell(&self, registrar: &Registrar) {
        registrar.used(self.book.lock().due(SystemTime::now()).tell);
    }

    /// Tells the registry and the store what is new, until the registry ends.
    pub(crate) async fn run(self, registrar: Registrar, store: Store) -> Result<(), StoreError> {
        let mut views = self.views.clone();
        let mut consumed = Arc::<Names>::default();
        let mut pruned = SystemTime::now();
        loop {
            let now = SystemTime::now();
            let consumes = views.borrow_and_update().consumes.clone();
            let due = {
                let mut book = self.book.lock();
                let stale = now.duration_since(pruned).unwrap_or(PRUNED_EVERY) >= PRUNED_EVERY;
                if stale {
                    pruned = now;
                    book.prune(now);
                }
                declare(&mut book, &consumes, (!stale).then_some(&consumed), now);
                book.due(now)
            };
            consumed = consumes;
            let Due { tell, keep } = due;
            if !tell.is_empty() {
                registrar.used(tell);
            }
            if !keep.is_empty() {
                store.run(move |store| store.keep_usage(&keep)).await?;
            }
            tokio::select! {
                () = self.news.notified() => {}
                () = sleep(Pace::TICK) => {}
                changed = views.changed() => if changed.is_err() { return Ok(()) },
            }
        }
    }

    /// Keeps what was not kept yet.
    pub(crate) async fn close(&self, store: &Store) -> Result<(), StoreError> {
        let rest = self.book.lock().rest();
        store.run(move |store| store.keep_usage(&rest)).await
    }
}

/// What the workload may have called: methods of services that it consumes; the gateway: public ones.
fn allowed(view: &View, workload: &WorkloadId, said: Vec<Said>) -> Vec<Said> {
    let services = publish::services(view, workload);
    let consumes = view.consumes.get(workload);
    let may = |said: &Said| {
        services.contains(&said.service)
            && (consumes.is_some_and(|consumes| consumes.contains(&said.service))
                || public(view, workload, said))
    };
    said.into_iter().filter(may).collect()
}

fn public(view: &View, workload: &WorkloadId, said: &Said) -> bool {
    let known = view.provider(&said.service, workload.namespace());
    let methods =
        known.and_then(|known| known.service(&said.service)).into_iter().flat_map(|known| &known.methods);
    methods.into_iter().any(|method| method.policy.public.value && method.path.method() == said.method)
}

/// Whoever consumes is seen, but for those of whom `before` says the same.
fn declare(book: &mut Book, consumes: &Arc<Names>, before: Option<&Arc<Names>>, now: SystemTime) {
    if before.is_some_and(|before| Arc::ptr_eq(before, consumes)) {
        return;
    }
    for (workload, services) in &**consumes {
        let before = before.and_then(|before| before.get(workload));
        if before.is_none_or(|before| !Arc::ptr_eq(before, services)) {
            services.iter().for_each(|service| book.declare(workload, service, now));
        }
    }
}
