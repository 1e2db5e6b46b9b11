//! A descriptor set and the verdict on it. Depends on its bytes alone, so it holds for everybody.

use super::Refusal;
use contract::{Contract, Digest, Severity, lint::lint};
use std::sync::Arc;

/// A descriptor set and the verdict on it.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) digest: Digest,
    /// The contract, or why nobody can be admitted with it.
    pub(crate) verdict: Result<Arc<Contract>, Vec<Refusal>>,
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
}

fn read(bytes: Arc<[u8]>, digest: &Digest) -> Result<Contract, Vec<Refusal>> {
    Contract::read(bytes).map_err(|error| {
        let message = format!("the descriptor set {} cannot be used: {error}", digest.short());
        let remedy = "register the bytes that the contract was compiled to, with imports";
        vec![Refusal::new("DESCRIPTOR_SET_UNSOUND", message, remedy)]
    })
}

fn errors(contract: &Contract) -> Vec<Refusal> {
    let errors = lint(contract).into_iter().filter(|found| found.severity == Severity::Error);
    errors
        .map(|found| Refusal {
            reason: "LINT_ERROR",
            message: format!("{} ({})", found.message, found.rule),
            origin: found.origin.to_string(),
            remedy: found.remedy,
        })
        .collect()
}
