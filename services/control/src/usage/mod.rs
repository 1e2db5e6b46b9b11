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
mod shelf;
#[cfg(test)]
mod tests;

use crate::{
    metrics::Metrics,
    publish,
    registrar::Registrar,
    registry::{Known, View},
    store::{Store, StoreError, UsageRecords},
};
use book::{Book, Due, Pace};
use compat::Party;
use contract::{Digest, Method};
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

/// By service.
type Contracts = BTreeMap<String, Vec<Known>>;
/// A handle on the book. Clones are the same.
#[derive(Clone)]
pub(crate) struct Usage {
    book: Arc<Mutex<Book>>,
    news: Arc<Notify>,
    views: watch::Receiver<Arc<View>>,
    metrics: Metrics,
}

impl Usage {
    /// A book with what the store remembers, of each caller and of all callers of a provider together. `window`: for
    /// how long a method counts as in use.
    pub(crate) fn new(
        (uses, totals): (UsageRecords, UsageRecords),
        window: Duration,
        views: watch::Receiver<Arc<View>>,
        metrics: Metrics,
    ) -> Self {
        let mut book = Book::new(Pace::of(window), uses, totals);
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
            let force = view.provider(&said.service, workload.namespace());
            if let Some((known, method)) = force.and_then(|known| Some((known, declared(known, said)?))) {
                said.provider = Some(known.workload.clone());
                if method.deprecated.value {
                    self.metrics.deprecated(workload, &method.path, said.calls);
                }
            }
            strange += usize::from(paths.keep_declared(said, force));
        }
        let services: BTreeSet<_> = said.iter().map(|said| said.service.clone()).collect();
        let mut book = self.book.lock();
        let beyond = book.report(workload, said, SystemTime::now());
        if book.is_urgent() {
            // By another contract than before, perhaps.
            for service in services {
                check_paths(&mut book, &view, &service, Some(workload), false);
            }
            self.news.notify_one();
        }
        Ok(strange + beyond)
    }

    /// Tells the registry all that is remembered.
    pub(crate) fn tell(&self, registrar: &Registrar) {
        let Due { tell, tell_totals, .. } = self.book.lock().due(SystemTime::now());
        registrar.used(tell, tell_totals);
    }

    /// Tells the registry and the store what is new, until the registry ends.
    pub(crate) async fn run(self, registrar: Registrar, store: Store) -> Result<(), StoreError> {
        let mut views = self.views.clone();
        let mut declared = Arc::<View>::default();
        let mut checked = Arc::<Contracts>::default();
        let mut pruned = SystemTime::now();
        loop {
            let now = SystemTime::now();
            let view = views.borrow_and_update().clone();
            self.check_paths(&view, &checked, &store).await?;
            checked = view.contracts.clone();
            let due = {
                let mut book = self.book.lock();
                let stale = now.duration_since(pruned).unwrap_or(PRUNED_EVERY) >= PRUNED_EVERY;
                if stale {
                    pruned = now;
                    book.prune(now);
                }
                declare(&mut book, &view, (!stale).then_some(&declared), now);
                book.due(now)
            };
            declared = view;
            let Due { tell, keep, tell_totals, keep_totals } = due;
            if !tell.is_empty() || !tell_totals.is_empty() {
                registrar.used(tell, tell_totals);
            }
            if !keep.is_empty() || !keep_totals.is_empty() {
                store.run(move |store| store.keep_usage(&keep, &keep_totals)).await?;
            }
            tokio::select! {
                () = self.news.notified() => {}
                () = sleep(Pace::TICK) => {}
                changed = views.changed() => if changed.is_err() { return Ok(()) },
            }
        }
    }

    /// What was kept of requests is held against what is in force now, where that is another version than before.
    async fn check_paths(&self, view: &View, before: &Contracts, store: &Store) -> Result<(), StoreError> {
        let changed = view.contracts.iter().filter(|(service, known)| {
            let before = before.get(*service).into_iter().flatten();
            !before.map(Known::version).eq(known.iter().map(Known::version))
        });
        let changed: Vec<_> = changed.map(|(service, _)| service.clone()).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let mut view = view.clone();
        let by: BTreeSet<_> = {
            let mut book = self.book.lock();
            changed.iter().flat_map(|service| book.paths_by(service)).collect()
        };
        let missing: Vec<_> = by.into_iter().filter(|digest| !view.sets.contains_key(digest)).collect();
        if !missing.is_empty() {
            let recalled = store.run(move |store| recall(store, missing)).await?;
            Arc::make_mut(&mut view.sets).extend(recalled);
        }
        let mut book = self.book.lock();
        for service in changed {
            check_paths(&mut book, &view, &service, None, true);
        }
        Ok(())
    }

    /// Keeps what was not kept yet.
    pub(crate) async fn close(&self, store: &Store) -> Result<(), StoreError> {
        let (uses, totals) = self.book.lock().rest();
        store.run(move |store| store.keep_usage(&uses, &totals)).await
    }
}

/// What the workload may have called: methods of services that it consumes; the gateway: public ones. Of names that
/// no contract has, there would be no end.
fn allowed(view: &View, workload: &WorkloadId, said: Vec<Said>) -> Vec<Said> {
    let services = publish::services(view, workload);
    let consumes = view.consumes.get(workload);
    let may = |said: &Said| {
        services.contains(&said.service)
            && (consumes.is_some_and(|consumes| consumes.contains(&said.service))
                || public(view, workload, said))
    };
    let mut methods: BTreeMap<(String, Option<Digest>), BTreeSet<&str>> = BTreeMap::new();
    let mut is_declared = |said: &Said| {
        let of = (said.service.clone(), said.digest.clone());
        methods.entry(of).or_insert_with(|| names(view, said)).contains(said.method.as_str())
    };
    said.into_iter().filter(|said| may(said) && is_declared(said)).collect()
}

/// The methods of the service, by any contract of it in force, and by the caller's own.
fn names<'v>(view: &'v View, said: &Said) -> BTreeSet<&'v str> {
    let force = view.contracts.get(&said.service).into_iter().flatten().map(|known| &known.contract);
    let own = said.digest.as_ref().and_then(|digest| view.sets.get(digest)).map(|party| &party.contract);
    let services = force.chain(own).filter_map(|contract| contract.service(&said.service));
    services.flat_map(|service| &service.methods).map(|method| method.path.method()).collect()
}

fn public(view: &View, workload: &WorkloadId, said: &Said) -> bool {
    let known = view.provider(&said.service, workload.namespace());
    known.and_then(|known| declared(known, said)).is_some_and(|method| method.policy.public.value)
}

/// The method, as the version in force declares it.
fn declared<'a>(known: &'a Known, said: &Said) -> Option<&'a Method> {
    known.service(&said.service)?.methods.iter().find(|method| method.path.method() == said.method)
}

/// Contracts that are kept although nobody who is there has them.
fn recall(store: &Store, digests: Vec<Digest>) -> Result<Vec<(Digest, Party)>, StoreError> {
    let mut recalled = Vec::new();
    for digest in digests {
        let party = store.contract(&digest)?.and_then(|bytes| Party::read(bytes).ok());
        recalled.extend(party.map(|party| (digest, party)));
    }
    Ok(recalled)
}

/// `lost`: a contract that the view does not have is nowhere.
fn check_paths(book: &mut Book, view: &View, service: &str, of: Option<&WorkloadId>, lost: bool) {
    let mut paths = Paths::new(view);
    book.check_paths(service, of, |workload, said| {
        if let Some(force) = view.provider(service, workload.namespace()) {
            paths.keep_still(said, force, lost);
        }
    });
}

/// Whoever consumes is seen, but for those of whom `before` says the same.
fn declare(book: &mut Book, view: &View, before: Option<&View>, now: SystemTime) {
    let same = |before: &View| {
        Arc::ptr_eq(&before.consumes, &view.consumes) && Arc::ptr_eq(&before.viewed, &view.viewed)
    };
    if before.is_some_and(same) {
        return;
    }
    for (workload, services) in &*view.consumes {
        let viewed = view.viewed.get(workload);
        let same = |before: &View| {
            let consumes = before.consumes.get(workload).is_some_and(|before| Arc::ptr_eq(before, services));
            consumes && before.viewed.get(workload).map(Arc::as_ptr) == viewed.map(Arc::as_ptr)
        };
        if before.is_some_and(same) {
            continue;
        }
        for service in &**services {
            let methods = viewed.and_then(|viewed| methods(view, service, viewed.get(service)?));
            book.declare(workload, service, methods.as_ref(), now);
        }
    }
}

/// The methods of all these versions of a service; `None`: one of them is not known.
fn methods<'v>(view: &'v View, service: &str, versions: &BTreeSet<Digest>) -> Option<BTreeSet<&'v str>> {
    let mut methods = BTreeSet::new();
    for version in versions {
        let declared = view.sets.get(version)?.contract.service(service)?;
        methods.extend(declared.methods.iter().map(|method| method.path.method()));
    }
    Some(methods)
}
