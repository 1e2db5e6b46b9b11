//! Verdicts in slices: what an event changes for many is not all done before somebody else is heard. Whoever has not
//! been judged again goes on with what it had, and nobody who came later is judged before.

use super::{
    Refusal, Registry,
    admission::Verdict,
    refusal::in_short,
    warned::{Alike, Said},
};
use crate::store::{Claim, Consumed};
use contract::Digest;
use identity::WorkloadId;
use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::Arc,
};

/// How much is done before others are heard.
pub(super) const SLICE: usize = 256;
/// What a verdict costs that was not made for another instance just before.
pub(super) const VERDICT: usize = 16;
/// So many findings cost as much as an instance that is told what another one was told.
pub(super) const FINDINGS: usize = 64;
/// Of how many versions verdicts are shared.
const MAX_SHARED: usize = 32;

/// Verdicts of this moment. Instances of one version, judged one after the other, are judged once.
#[derive(Debug, Default)]
pub(super) struct Shared {
    epoch: u64,
    verdicts: Vec<(Question, Verdict)>,
    warned: BTreeMap<Alike, Said>,
    short: Option<(Arc<[Refusal]>, String)>,
}

/// Who is judged: whose it is, what it serves and consumes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    workload: WorkloadId,
    serves: BTreeMap<String, Digest>,
    consumes: BTreeSet<String>,
    views: BTreeMap<String, Consumed>,
}

impl Question {
    pub(super) fn of(workload: &WorkloadId, claim: &Claim) -> Self {
        let Claim { serves, consumes, views, .. } = claim.clone();
        Self { workload: workload.clone(), serves, consumes, views }
    }
}

impl Shared {
    /// Nothing that was said holds after a change.
    pub(super) fn at(&mut self, epoch: u64) -> &mut Self {
        if mem::replace(&mut self.epoch, epoch) != epoch {
            self.verdicts.clear();
            self.warned.clear();
        }
        self
    }

    pub(super) fn verdict(&self, question: &Question) -> Option<Verdict> {
        let known = self.verdicts.iter().find(|(known, _)| known == question);
        known.map(|(_, verdict)| verdict.clone())
    }

    pub(super) fn share(&mut self, question: Question, verdict: Verdict) {
        if self.verdicts.len() < MAX_SHARED {
            self.verdicts.push((question, verdict));
        }
    }

    /// What instances that are alike are warned of.
    pub(super) const fn warned(&mut self) -> &mut BTreeMap<Alike, Said> {
        &mut self.warned
    }

    /// Three causes of these refusals, as a sentence.
    pub(super) fn in_short(&mut self, refusals: &Arc<[Refusal]>) -> String {
        if let Some((of, short)) = &self.short
            && Arc::ptr_eq(of, refusals)
        {
            return short.clone();
        }
        let short = in_short(refusals, 3);
        self.short = Some((refusals.clone(), short.clone()));
        short
    }
}

impl Registry {
    /// From now on, as much may be done again.
    pub(crate) fn begin_slice(&mut self) {
        self.spent = 0;
    }

    /// Whether everybody has been judged who is to be.
    pub(crate) fn is_settled(&self) -> bool {
        let changes = &self.index.changes;
        let judged = changes.unsettled.is_empty() && changes.unwarned.is_empty();
        self.shutting_down || judged && changes.rerouted.is_empty() && changes.shifted.is_empty()
    }
}
