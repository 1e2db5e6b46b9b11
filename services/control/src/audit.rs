//! Decisions worth remembering: a log line (target "audit"), a tail for the admin API, a record in the store.

use crate::store::{AuditEvent, AuditKind, Change, Store, StoreError};
use identity::WorkloadId;
use parking_lot::Mutex;
use std::{collections::VecDeque, sync::Arc, time::SystemTime};
use tokio::sync::{mpsc, watch};

/// What the admin API shows.
const TAIL: usize = 100;
/// What may wait to be written. More, and only the log has it: refusals cost a caller nothing, and must
/// not cost us memory.
const WAITING: usize = 1024;

/// The audit. Clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Audit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tail: Mutex<VecDeque<AuditEvent>>,
    changes: watch::Sender<u64>,
    to_write: mpsc::Sender<AuditEvent>,
}

/// Events on their way to the store.
pub(crate) struct Unwritten(mpsc::Receiver<AuditEvent>);

impl Audit {
    /// An audit that continues `tail`.
    pub(crate) fn new(tail: Vec<AuditEvent>) -> (Self, Unwritten) {
        let (to_write, unwritten) = mpsc::channel(WAITING);
        let inner = Inner { tail: Mutex::new(tail.into()), changes: watch::Sender::new(0), to_write };
        (Self(Arc::new(inner)), Unwritten(unwritten))
    }

    /// How many of the latest events to load.
    pub(crate) const fn tail_length() -> usize {
        TAIL
    }

    /// Notes an event, and has it written soon.
    pub(crate) fn record(&self, kind: AuditKind, workload: Option<WorkloadId>, message: String) {
        let event = AuditEvent::new(SystemTime::now(), kind, workload, message);
        if self.0.to_write.try_send(event.clone()).is_err() {
            tracing::warn!("the audit falls behind; an event is in the log only");
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
        let mut tail = self.0.tail.lock();
        tail.push_back(event);
        while tail.len() > TAIL {
            tail.pop_front();
        }
        drop(tail);
        self.0.changes.send_modify(|count| *count += 1);
    }

    /// The latest events, oldest first.
    pub(crate) fn tail(&self) -> Vec<AuditEvent> {
        self.0.tail.lock().iter().cloned().collect()
    }

    /// Counts up with every event.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }
}

/// Writes what was recorded, many events at once, until every [`Audit`] is dropped.
pub(crate) async fn write(Unwritten(mut unwritten): Unwritten, store: Store) -> Result<(), StoreError> {
    let mut events = Vec::new();
    while unwritten.recv_many(&mut events, WAITING).await > 0 {
        let changes: Vec<_> = events.drain(..).map(Change::Audit).collect();
        store.run(move |store| store.commit(&changes)).await?;
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
}
