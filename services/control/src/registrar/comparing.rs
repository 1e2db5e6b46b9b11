//! Comparisons under way: a few at a time, away from the registry.

use super::histories::Histories;
use crate::{
    registry::{Comparison, Event, Outcome, Question, Registry},
    store::Store,
};
use std::{collections::BTreeSet, sync::Arc};
use tokio::task::{JoinSet, spawn_blocking};

/// How many at a time. They cost nothing but time, and others need the processors too.
const AT_ONCE: usize = 2;

/// Comparisons under way.
#[derive(Debug, Default)]
pub(super) struct Comparing {
    tasks: JoinSet<(Comparison, Outcome)>,
    histories: Histories,
    asked: BTreeSet<Comparison>,
}

impl Comparing {
    /// Begins what is waited for and can be begun.
    pub(super) fn ask(&mut self, registry: &Registry, store: &Store) {
        let room = AT_ONCE - self.asked.len().min(AT_ONCE);
        let next = registry.next_comparisons(&self.asked, room).into_iter();
        let next: Vec<_> = next.filter_map(|comparison| registry.question(&comparison)).collect();
        for question in next {
            self.asked.insert(question.comparison.clone());
            let (comparison, store) = (question.comparison.clone(), store.clone());
            let histories = self.histories.clone();
            self.tasks.spawn(async move {
                let asked = spawn_blocking(move || answer(&question, &store, &histories)).await;
                let outcome = asked.unwrap_or_else(|error| {
                    tracing::error!(%error, ?comparison, "contracts could not be compared");
                    Outcome::Failed
                });
                (comparison, outcome)
            });
        }
    }

    /// The next one that is done; for ever, where none is under way.
    pub(super) async fn done(&mut self) -> Event {
        loop {
            match self.tasks.join_next().await {
                Some(Ok((comparison, outcome))) => {
                    self.asked.remove(&comparison);
                    return Event::Compared { comparison, outcome };
                }
                // Only with the runtime.
                Some(Err(error)) => tracing::error!(%error, "a comparison was cut off"),
                None => std::future::pending().await,
            }
        }
    }
}

/// What is asked, answered. Takes as long as the sets are large. A provider's older versions say which numbers were used
/// before.
pub(crate) fn answer(question: &Question, store: &Store, histories: &Histories) -> Outcome {
    let history = histories.of(question, store).unwrap_or_else(|error| {
        tracing::error!(%error, "the history of a contract cannot be read; it is compared without");
        Arc::default()
    });
    question.ask(&history)
}
