//! Runs the registry: one task takes what happens, keeps what follows, tells everybody.
//!
//! The order is the promise: kept first, then published, then answered. When the store fails, this task
//! ends, and the control plane with it: data planes go on with what they have. What takes long, comparing
//! contracts, is done beside it, and its results come back as events.

pub(crate) mod comparing;
pub(crate) mod histories;

use crate::{
    audit::Audit,
    metrics::Metrics,
    registry::{Answer, Effect, Event, Judged, LeaseId, MAX_STREAMS, Registry, Use, View},
    store::{Change, Store, StoreError},
};
use comparing::Comparing;
use contract::Digest;
use identity::WorkloadId;
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::{mpsc, oneshot, watch};

/// How many events make one transaction at most.
const BATCH: usize = 256;

enum Command {
    Open {
        lease: LeaseId,
        answers: watch::Sender<Option<Answer>>,
    },
    Event {
        event: Event,
        taken: Option<oneshot::Sender<()>>,
    },
    /// Somebody looks.
    Read(Box<dyn FnOnce(&Registry) + Send>),
}

/// A handle on the running registry.
#[derive(Clone, Debug)]
pub(crate) struct Registrar {
    commands: mpsc::UnboundedSender<Command>,
    leases: Arc<AtomicU64>,
    streams: Arc<Streams>,
    view: watch::Receiver<Arc<View>>,
}

/// How many streams of each workload are open.
#[derive(Debug, Default)]
struct Streams(Mutex<BTreeMap<WorkloadId, usize>>);

/// One open stream of registration. Dropping it ends the lease.
pub(crate) struct Lease {
    pub(crate) id: LeaseId,
    /// Whether it ends without a farewell of the instance.
    pub(crate) lost: bool,
    workload: WorkloadId,
    streams: Arc<Streams>,
    commands: mpsc::UnboundedSender<Command>,
}

impl Registrar {
    /// Opens a lease of `workload`; `None` where it has too many. Its answers: the last one counts.
    pub(crate) fn open(&self, workload: &WorkloadId) -> Option<(Lease, watch::Receiver<Option<Answer>>)> {
        if !self.streams.open(workload) {
            return None;
        }
        let id = LeaseId(self.leases.fetch_add(1, Ordering::Relaxed));
        let (answers, answer) = watch::channel(None);
        // After the end nobody answers, which the closed channel says.
        let _ = self.commands.send(Command::Open { lease: id, answers });
        let (workload, streams) = (workload.clone(), self.streams.clone());
        Some((Lease { id, lost: false, workload, streams, commands: self.commands.clone() }, answer))
    }

    /// From now on, streams that end say nothing about their instances.
    pub(crate) fn shut_down(&self) {
        let _ = self.commands.send(Command::Event { event: Event::ShutDown, taken: None });
    }

    /// What is known of who calls what, and how often a provider is called by all together, in place of what was known
    /// before.
    pub(crate) fn used(&self, uses: Vec<Use>, totals: Vec<Use>) {
        for event in [Event::Totals(totals), Event::Used(uses)] {
            let _ = self.commands.send(Command::Event { event, taken: None });
        }
    }

    /// Looks at the registry between two events. `None`: the control plane has ended.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Registry) -> T + Send + 'static,
    ) -> Option<T> {
        let (seen, sight) = oneshot::channel();
        let look = move |registry: &Registry| drop(seen.send(look(registry)));
        self.commands.send(Command::Read(Box::new(look))).ok()?;
        sight.await.ok()
    }

    /// The registry, now and at every change.
    pub(crate) fn view(&self) -> watch::Receiver<Arc<View>> {
        self.view.clone()
    }
}

impl Streams {
    fn open(&self, workload: &WorkloadId) -> bool {
        let mut open = self.0.lock();
        let count = open.get(workload).copied().unwrap_or(0);
        if count < MAX_STREAMS {
            open.insert(workload.clone(), count + 1);
        }
        count < MAX_STREAMS
    }

    fn close(&self, workload: &WorkloadId) {
        let mut open = self.0.lock();
        match open.get_mut(workload) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(workload)),
        }
    }
}

impl Lease {
    /// Says what happened, and waits until it is taken: so a stream has at most one event under way.
    /// Returns false when the control plane has ended.
    pub(crate) async fn tell(&self, event: Event) -> bool {
        let (taken, done) = oneshot::channel();
        let sent = self.commands.send(Command::Event { event, taken: Some(taken) }).is_ok();
        sent && done.await.is_ok()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let event = Event::Closed { lease: self.id, lost: self.lost };
        let _ = self.commands.send(Command::Event { event, taken: None });
        self.streams.close(&self.workload);
    }
}

/// The registry at work.
pub(crate) struct Work {
    registry: Registry,
    store: Store,
    audit: Audit,
    metrics: Metrics,
    comparing: Comparing,
    commands: mpsc::UnboundedReceiver<Command>,
    view: watch::Sender<Arc<View>>,
    /// Of the view that was sent.
    revision: u64,
    answers: BTreeMap<LeaseId, watch::Sender<Option<Answer>>>,
    /// Wanted sets that the store does not have.
    absent: BTreeSet<Digest>,
}

/// A registrar, and the work to be run.
pub(crate) fn registrar(
    registry: Registry,
    store: Store,
    audit: Audit,
    metrics: Metrics,
) -> (Registrar, Work) {
    let (sender, commands) = mpsc::unbounded_channel();
    let (view, views) = watch::channel(Arc::new(registry.view()));
    let registrar =
        Registrar { commands: sender, leases: Arc::default(), streams: Arc::default(), view: views };
    let (answers, absent, revision) = (BTreeMap::new(), BTreeSet::new(), registry.revision());
    let comparing = Comparing::default();
    let work = Work { registry, store, audit, metrics, comparing, commands, view, revision, answers, absent };
    (registrar, work)
}

impl Work {
    /// Works until every handle is dropped.
    pub(crate) async fn run(mut self) -> Result<(), StoreError> {
        let mut batch = Vec::new();
        loop {
            let expiry = self.registry.relearning().into_iter().chain(lapse(&self.registry)).min();
            let unsettled = !self.registry.is_settled();
            let event = tokio::select! {
                count = self.commands.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return Ok(());
                    }
                    None
                }
                event = self.comparing.done() => Some(event),
                now = until(expiry) => Some(Event::Tick(now)),
                // Others first, whoever they are.
                () = tokio::task::yield_now(), if unsettled => None,
            };
            batch.extend(event.map(|event| Command::Event { event, taken: None }));
            self.take(&mut batch).await?;
            self.comparing.ask(&self.registry, &self.store);
        }
    }

    async fn take(&mut self, batch: &mut Vec<Command>) -> Result<(), StoreError> {
        let now = SystemTime::now();
        let mut waiting = Vec::new();
        self.registry.begin_slice();
        let mut effects = if self.registry.is_settled() { Vec::new() } else { self.registry.go_on(now) };
        for command in batch.drain(..) {
            match command {
                Command::Open { lease, answers } => {
                    self.answers.insert(lease, answers);
                }
                Command::Read(look) => look(&self.registry),
                Command::Event { event, taken } => {
                    let closed = if let Event::Closed { lease, .. } = event { Some(lease) } else { None };
                    effects.extend(self.registry.handle(event, now));
                    closed.map(|lease| self.answers.remove(&lease));
                    waiting.extend(taken);
                }
            }
        }
        self.recall(now, &mut effects).await?;
        self.carry_out(effects).await?;
        for taken in waiting {
            let _ = taken.send(());
        }
        Ok(())
    }

    /// A set that the store knows need not be sent.
    async fn recall(&mut self, now: SystemTime, effects: &mut Vec<Effect>) -> Result<(), StoreError> {
        self.absent.retain(|digest| self.registry.seeks(digest));
        let sought: Vec<_> =
            self.registry.sought().filter(|digest| !self.absent.contains(digest)).cloned().collect();
        if sought.is_empty() {
            return Ok(());
        }
        self.absent.extend(sought.iter().cloned());
        let read = move |store: &Store| -> Result<Vec<Judged>, StoreError> {
            let found = sought.iter().filter_map(|digest| store.contract(digest).transpose());
            found.map(|bytes| bytes.map(Judged::of)).collect()
        };
        for judged in self.store.run(read).await? {
            effects.extend(self.registry.handle(Event::Learn { judged, stored: true }, now));
        }
        Ok(())
    }

    async fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), StoreError> {
        let mut changes = Vec::new();
        // Of several answers on one stream, the last is true.
        let mut answers = BTreeMap::new();
        for effect in effects {
            match effect {
                Effect::Save(change) => changes.push(change),
                Effect::Refused(reasons) => {
                    reasons.iter().for_each(|reason| self.metrics.refused(reason.as_str()));
                }
                Effect::Answer { lease, answer } => {
                    answers.insert(lease, answer);
                }
            }
        }
        // What is used is known here only: a set that was just found in the store must not leave it.
        if changes.iter().any(|change| matches!(change, Change::PutContract { .. })) {
            changes.push(Change::Prune { used: self.registry.used() });
        }
        let events: Vec<_> = changes.iter().filter_map(event).collect();
        if !changes.is_empty() {
            self.store.run(move |store| store.commit(&changes)).await?;
        }
        events.into_iter().for_each(|event| self.audit.note(event));
        if self.revision != self.registry.revision() {
            self.revision = self.registry.revision();
            self.view.send_replace(Arc::new(self.registry.view()));
        }
        for (lease, answer) in answers {
            if let Some(answers) = self.answers.get(&lease) {
                answers.send_replace(Some(answer));
            }
        }
        Ok(())
    }
}

fn event(change: &Change) -> Option<crate::store::AuditEvent> {
    if let Change::Audit(event) = change { Some(event.clone()) } else { None }
}

/// When a verdict may be another one; an hour ahead at most, since the wall clock may be set.
fn lapse(registry: &Registry) -> Option<Instant> {
    const MARGIN: Duration = Duration::from_millis(5);
    let left = registry.next_lapse()?.duration_since(SystemTime::now()).unwrap_or_default();
    Some(Instant::now() + left.min(Duration::from_secs(3600)) + MARGIN)
}

/// Waits for a moment of the steady clock; for ever, if there is none to wait for. Returns the moment it is.
async fn until(moment: Option<Instant>) -> Instant {
    let Some(moment) = moment else { return std::future::pending().await };
    tokio::time::sleep_until(moment.into()).await;
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
mod tests;
