//! Steady calls while something happens, counted.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use tokio::{sync::Notify, task::JoinSet};
use tonic::Status;

/// Calls under way in the background.
pub(crate) struct Traffic {
    stop: Arc<AtomicBool>,
    tally: Arc<Tally>,
    workers: JoinSet<()>,
}

/// What became of the calls.
#[derive(Default)]
pub(crate) struct Tally {
    ok: AtomicU64,
    failed: Mutex<BTreeMap<String, u64>>,
    progress: Notify,
}

impl Traffic {
    /// `workers` loops of `call`, each with its own clone.
    pub(crate) fn start<C, F>(workers: usize, call: C) -> Self
    where
        C: Fn() -> F + Clone + Send + 'static,
        F: Future<Output = Result<(), Status>> + Send + 'static,
    {
        let (stop, tally) = (Arc::new(AtomicBool::new(false)), Arc::new(Tally::default()));
        let mut tasks = JoinSet::new();
        for _ in 0..workers {
            let (call, stop, tally) = (call.clone(), stop.clone(), tally.clone());
            tasks.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    match call().await {
                        Ok(()) => {
                            tally.ok.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(status) => {
                            let what = format!("{:?}: {}", status.code(), status.message());
                            *tally.failed.lock().unwrap().entry(what).or_default() += 1;
                        }
                    }
                    tally.progress.notify_waiters();
                }
            });
        }
        Self { stop, tally, workers: tasks }
    }

    /// Waits until so many more calls succeeded.
    pub(crate) async fn more(&self, calls: u64) {
        let goal = self.tally.ok.load(Ordering::Relaxed) + calls;
        let reached = async {
            loop {
                let progress = self.tally.progress.notified();
                if self.tally.ok.load(Ordering::Relaxed) >= goal {
                    return;
                }
                progress.await;
            }
        };
        let in_time = tokio::time::timeout(super::support::PATIENCE, reached).await;
        assert!(in_time.is_ok(), "traffic came to a halt: {:?}", self.tally.failed.lock().unwrap());
    }

    /// Ends it: how many succeeded, and what failed how often.
    pub(crate) async fn stop(mut self) -> (u64, BTreeMap<String, u64>) {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(worker) = self.workers.join_next().await {
            worker.unwrap();
        }
        (self.tally.ok.load(Ordering::Relaxed), self.tally.failed.lock().unwrap().clone())
    }
}
