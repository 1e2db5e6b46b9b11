//! A descriptor set and the verdict on it. Depends on its bytes alone, so it holds for everybody.

use super::{
    Refusal,
    refusal::{MAX_SHOWN, Refusals},
};
use crate::reason::Reason;
use contract::{Contract, Digest, lint};
use std::sync::Arc;

/// A descriptor set and the verdict on it.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) digest: Digest,
    /// The contract, or why nobody can be admitted with it.
    pub(crate) verdict: Result<Arc<Contract>, Refusals>,
}

impl Judged {
    /// Reads and lints; takes as long as the set is large.
    pub(crate) fn of(bytes: Arc<[u8]>) -> Self {
        let digest = Digest::of(&bytes);
        let verdict = read(bytes, &digest).and_then(|contract| {
            let refusals = errors(&contract);
            if refusals.is_empty() { Ok(Arc::new(contract)) } else { Err(refusals) }
        });
        Self { digest, verdict }
    }

    /// A set that was admitted before a restart: what it was admitted with is not withdrawn by a newer
    /// rule of lint, until its instance registers again.
    pub(crate) fn remembered(bytes: Arc<[u8]>) -> Self {
        let digest = Digest::of(&bytes);
        Self { verdict: read(bytes, &digest).map(Arc::new), digest }
    }

    /// The bytes that are kept of it.
    pub(super) fn size(&self) -> usize {
        self.verdict.as_ref().map_or(0, |contract| contract.bytes.len())
    }
}

fn read(bytes: Arc<[u8]>, digest: &Digest) -> Result<Contract, Refusals> {
    Contract::read(bytes).map_err(|error| {
        let message = format!("the descriptor set {} cannot be used: {error}", digest.short());
        let remedy = "register the bytes that the contract was compiled to, with imports";
        Refusal::new(Reason::DESCRIPTOR_SET_UNSOUND, &message, remedy).into()
    })
}

fn errors(contract: &Contract) -> Refusals {
    let (shown, count) = lint::errors(contract, MAX_SHOWN);
    let mut refusals = Refusals::default();
    refusals.add_unseen(count - shown.len().min(count));
    for found in shown {
        let message = format!("{} ({})", found.message, found.rule);
        let refusal = Refusal::new(Reason::LINT_ERROR, &message, &found.remedy);
        refusals.add(refusal.at(&found.origin.to_string()));
    }
    refusals
}
