//! A descriptor set and the verdict on it. Depends on its bytes alone, so it holds for everybody.

use super::{Refusal, few::MAX_SHOWN, refusal::Refusals};
use crate::reason::Reason;
use compat::Party;
use contract::{Contract, Digest, lint};
use stack::validate::{Rulebook, RulebookError};
use std::sync::Arc;

/// A descriptor set and the verdict on it.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) digest: Digest,
    /// What it says, or why nobody can be admitted with it.
    pub(crate) party: Result<Party, Refusals>,
    /// Why nobody can be admitted as its provider, if there is more; consumers have not written it.
    pub(crate) faults: Refusals,
}

impl Judged {
    /// Reads and lints; takes as long as the set is large.
    pub(crate) fn of(bytes: Arc<[u8]>) -> Self {
        let digest = Digest::of(&bytes);
        let party = read(bytes, &digest);
        let faults = party.as_ref().map(|party| faults(&party.contract)).unwrap_or_default();
        Self { digest, party, faults }
    }

    /// A set that was admitted before a restart: what it was admitted with is not withdrawn by a newer
    /// rule of lint, until its instance registers again.
    pub(crate) fn remembered(bytes: Arc<[u8]>) -> Self {
        let digest = Digest::of(&bytes);
        Self { party: read(bytes, &digest), digest, faults: Refusals::default() }
    }

    /// The contract, if it can be read.
    pub(crate) fn contract(&self) -> Option<&Arc<Contract>> {
        self.party.as_ref().ok().map(|party| &party.contract)
    }

    /// Why nobody can be admitted as a provider of it.
    pub(crate) fn refused(&self) -> Option<&Refusals> {
        self.party.as_ref().err().or_else(|| Some(&self.faults).filter(|faults| !faults.is_empty()))
    }

    /// The bytes that are kept of it.
    pub(super) fn size(&self) -> usize {
        self.contract().map_or(0, |contract| contract.bytes.len())
    }
}

fn read(bytes: Arc<[u8]>, digest: &Digest) -> Result<Party, Refusals> {
    Party::read(bytes).map_err(|error| {
        let message = format!("the descriptor set {} cannot be used: {error}", digest.short());
        let remedy = "register the bytes that the contract was compiled to, with imports";
        Refusal::new(Reason::DESCRIPTOR_SET_UNSOUND, &message, remedy).into()
    })
}

/// What its provider has to mend: errors of lint, and rules that nobody could enforce.
fn faults(contract: &Contract) -> Refusals {
    let mut refusals = errors(contract);
    if let Err(RulebookError::Compile(error)) = Rulebook::read([&contract.bytes]) {
        let message = format!("a rule of {} cannot be enforced: {}", error.of, error.reason);
        let remedy = "mend the rule; `treaty contract check` shows every such rule";
        let refusal = Refusal::new(Reason::RULE_UNENFORCEABLE, &message, remedy);
        refusals.add(refusal.at(&error.origin.to_string()));
    }
    refusals
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
