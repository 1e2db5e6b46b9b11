//! Decisions worth remembering: a log line (target "audit"), a tail for the admin API, a record in the store.

use crate::store::{AuditEvent, AuditKind, Change, Store, StoreError};
use identity::WorkloadId;
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::SystemTime,
};
use tokio::sync::{mpsc, oneshot, watch};

/// What the admin API shows.
const TAIL: usize = 100;
/// What may wait to be written. Of the rest, those who do not wait for it have the log only.
const WAITING: usize = 1024;

/// The audit. Clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Audit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tail: Mutex<Tail>,
    changes: watch::Sender<u64>,
    to_write: mpsc::Sender<ToWrite>,
}

/// The latest events, oldest first. Whoever makes many of them displaces their own.
#[derive(Debug, Default)]
struct Tail(VecDeque<AuditEvent>);

#[derive(Debug)]
struct ToWrite {
    event: AuditEvent,
    /// Fires when it is written.
    written: Option<oneshot::Sender<()>>,
}

/// Events on their way to the store.
pub(crate) struct Unwritten(mpsc::Receiver<ToWrite>);

impl Audit {
    /// An audit that continues `tail`.
    pub(crate) fn new(tail: Vec<AuditEvent>) -> (Self, Unwritten) {
        let (to_write, unwritten) = mpsc::channel(WAITING);
        let mut kept = Tail::default();
        tail.into_iter().for_each(|event| kept.push(event));
        let inner = Inner { tail: Mutex::new(kept), changes: watch::Sender::new(0), to_write };
        (Self(Arc::new(inner)), Unwritten(unwritten))
    }

    /// How many of the latest events to load.
    pub(crate) const fn tail_length() -> usize {
        TAIL
    }

    /// Notes an event, and has it written soon.
    pub(crate) fn record(&self, kind: AuditKind, workload: Option<WorkloadId>, message: String) {
        let event = AuditEvent::new(SystemTime::now(), kind, workload, message);
        if self.0.to_write.try_send(ToWrite { event: event.clone(), written: None }).is_err() {
            tracing::warn!("the audit falls behind; an event is in the log only");
        }
        self.note(event);
    }

    /// Notes an event, and returns when it is written: for what must be known before it is answered. Where
    /// many wait, one write serves them all.
    pub(crate) async fn keep(&self, kind: AuditKind, workload: Option<WorkloadId>, message: String) {
        let event = AuditEvent::new(SystemTime::now(), kind, workload, message);
        let (written, done) = oneshot::channel();
        let to_write = ToWrite { event: event.clone(), written: Some(written) };
        let kept = self.0.to_write.send(to_write).await.is_ok() && done.await.is_ok();
        if !kept {
            tracing::error!("the audit cannot be written; an event is in the log only");
        }
        self.note(event);
    }

    /// Notes an event that its author has written.
    pub(crate) fn note(&self, event: AuditEvent) {
        let AuditEvent { kind, workload, message, .. } = &event;
        let workload = workload.as_ref().map(ToString::to_string).unwrap_or_default();
        match kind {
            AuditKind::TokenRefused
            | AuditKind::RegistrationRefused
            | AuditKind::XdsNack
            | AuditKind::InstanceLost => {
                tracing::warn!(target: "audit", kind = kind.as_str(), workload, "{message}");
            }
            _ => tracing::info!(target: "audit", kind = kind.as_str(), workload, "{message}"),
        }
        self.0.tail.lock().push(event);
        self.0.changes.send_modify(|count| *count += 1);
    }

    /// The latest events, oldest first.
    pub(crate) fn tail(&self) -> Vec<AuditEvent> {
        self.0.tail.lock().0.iter().cloned().collect()
    }

    /// Counts up with every event.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }
}

impl Tail {
    /// When it is full, the oldest event of whoever has the most makes room.
    fn push(&mut self, event: AuditEvent) {
        self.0.push_back(event);
        if self.0.len() <= TAIL {
            return;
        }
        let mut counts = BTreeMap::new();
        for event in &self.0 {
            *counts.entry(whose(event)).or_insert(0_usize) += 1;
        }
        let most = counts.values().max().copied().unwrap_or(0);
        let oldest = self.0.iter().position(|event| counts.get(&whose(event)) == Some(&most));
        oldest.map(|at| self.0.remove(at));
    }
}

/// Who made it happen, as far as that is known.
fn whose(event: &AuditEvent) -> (Option<&WorkloadId>, bool) {
    (event.workload.as_ref(), event.is_anonymous())
}

/// Writes what was recorded, many events at once, until every [`Audit`] is dropped.
pub(crate) async fn write(Unwritten(mut unwritten): Unwritten, store: Store) -> Result<(), StoreError> {
    let mut waiting = Vec::new();
    while unwritten.recv_many(&mut waiting, WAITING).await > 0 {
        let (mut changes, mut told) = (Vec::new(), Vec::new());
        for ToWrite { event, written } in waiting.drain(..) {
            changes.push(Change::Audit(event));
            told.extend(written);
        }
        store.run(move |store| store.commit(&changes)).await?;
        for written in told {
            let _ = written.send(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_tail_is_bounded_and_everything_recorded_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let store = crate::ca::tests::store(directory.path());
        let (audit, unwritten) = Audit::new(Vec::new());
        let changes = audit.changes();
        for n in 0..TAIL + 3 {
            audit.record(AuditKind::XdsNack, None, n.to_string());
        }
        assert_eq!((audit.tail().len(), audit.tail()[0].message.as_str()), (TAIL, "3"));
        assert_eq!(*changes.borrow(), TAIL as u64 + 3);
        drop(audit);
        write(unwritten, store.clone()).await.unwrap();
        assert_eq!(store.audit(usize::MAX).unwrap().len(), TAIL + 3);
    }

    #[tokio::test]
    async fn whoever_floods_the_audit_displaces_their_own() {
        let directory = tempfile::tempdir().unwrap();
        let store = crate::ca::tests::store(directory.path());
        let (audit, unwritten) = Audit::new(Vec::new());
        let writer = tokio::spawn(write(unwritten, store.clone()));
        let orders: WorkloadId = "shop/orders".parse().unwrap();
        audit.keep(AuditKind::SvidIssued, Some(orders.clone()), "first".to_owned()).await;
        for n in 0..1200 {
            audit.record(AuditKind::TokenRefused, None, n.to_string());
            if n % 100 == 0 {
                audit.keep(AuditKind::ControlPlaneStarted, None, "started".to_owned()).await;
            }
        }
        drop(audit);
        writer.await.unwrap().unwrap();
        let written = store.audit(TAIL).unwrap();
        let (again, _) = Audit::new(written);
        let tail = again.tail();
        assert_eq!(tail.len(), TAIL);
        assert_eq!((tail[0].workload.as_ref(), tail[0].message.as_str()), (Some(&orders), "first"));
        assert_eq!(tail.iter().filter(|event| event.kind == AuditKind::ControlPlaneStarted).count(), 12);
        assert_eq!(tail.last().unwrap().message, "1199");
    }

    #[tokio::test]
    async fn what_is_kept_is_in_the_store_when_that_is_said() {
        let directory = tempfile::tempdir().unwrap();
        let store = crate::ca::tests::store(directory.path());
        let (audit, unwritten) = Audit::new(Vec::new());
        let writer = tokio::spawn(write(unwritten, store.clone()));
        audit.keep(AuditKind::TokenRefused, None, "no such token".to_owned()).await;
        assert_eq!(store.audit(10).unwrap().len(), 1);
        drop(audit);
        writer.await.unwrap().unwrap();
        // Nobody writes any more: it is noted all the same.
        let (audit, unwritten) = Audit::new(Vec::new());
        drop(unwritten);
        audit.keep(AuditKind::TokenRefused, None, "no such token".to_owned()).await;
        assert_eq!(audit.tail().len(), 1);
    }
}
