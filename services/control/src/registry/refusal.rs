//! Why an instance is not admitted, for people: a few reasons, each of a few lines at most.

use super::Breakage;
use crate::{reason::Reason, text::line};
use std::sync::Arc;

/// How many reasons are kept and told; of the others, how many there are.
pub(crate) const MAX_SHOWN: usize = 20;
/// Bytes of a refusal's message. Parts of it come from elsewhere.
const MAX_MESSAGE: usize = 1000;
/// Bytes of its origin, and of its remedy.
const MAX_REST: usize = 500;

/// One reason why an instance is not admitted; as treaty.v1.Refusal. Fit for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    pub(crate) message: String,
    /// Where it is written; empty where nowhere.
    pub(crate) origin: String,
    pub(crate) remedy: String,
    /// For CONTRACT_BREAKS.
    pub(crate) breakage: Option<Arc<Breakage>>,
}

impl Refusal {
    pub(crate) fn new(reason: Reason, message: &str, remedy: &str) -> Self {
        let (message, remedy) = (line(message, MAX_MESSAGE), line(remedy, MAX_REST));
        Self { reason, message, origin: String::new(), remedy, breakage: None }
    }

    pub(super) fn at(self, origin: &str) -> Self {
        Self { origin: line(origin, MAX_REST), ..self }
    }

    pub(super) fn over(self, breakage: Breakage) -> Self {
        Self { breakage: Some(breakage.into()), ..self }
    }
}

/// Reasons in the order in which they were found: the first ones, and how many there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals {
    shown: Vec<Refusal>,
    count: usize,
}

impl Refusals {
    pub(super) fn add(&mut self, refusal: Refusal) {
        if self.shown.len() < MAX_SHOWN {
            self.shown.push(refusal);
        }
        self.count += 1;
    }

    /// Adds reasons that are not looked at.
    pub(super) fn add_unseen(&mut self, count: usize) {
        self.count += count;
    }

    pub(super) fn extend(&mut self, others: &Self) {
        let room = MAX_SHOWN - self.shown.len().min(MAX_SHOWN);
        self.shown.extend(others.shown.iter().take(room).cloned());
        self.count += others.count;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// What is told: where there are more than are shown, a last one says so.
    pub(crate) fn told(mut self) -> Arc<[Refusal]> {
        let more = self.count - self.shown.len().min(self.count);
        if more > 0 {
            let message = format!("and {more} more");
            let remedy = "mend those shown; `treaty contract check` lists what is wrong with a contract";
            self.shown.push(Refusal::new(Reason::REFUSALS_OMITTED, &message, remedy));
        }
        self.shown.into()
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self { shown: vec![refusal], count: 1 }
    }
}
