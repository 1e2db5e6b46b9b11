//! What is wrong with a contract, where, and what would be right.
//!
//! Rules have stable names. Those about single values (`bad-duration`, `unknown-workload-form`,
//! `allow-twice`, `key-not-scalar`, `limit-incomplete`, `hedge-incomplete`, `hedge-with-retry`,
//! `bad-percent`, `bad-rollout-steps`, `attribute-on-masked-field`, `mask-without-effect`) are judged while the contract is read; those about what values
//! mean together, here.

mod excerpt;
mod kept;
mod methods;
mod services;
#[cfg(test)]
mod tests;

pub use excerpt::Excerpt;
pub(crate) use kept::Kept;

use crate::{model::Contract, origin::Origin};
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The contract is refused.
    Error,
    /// Somebody should look at it.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable, in kebab-case: "retry-without-idempotency".
    pub rule: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where it is written.
    pub origin: Origin,
    /// What would be right.
    pub remedy: String,
}

impl Diagnostic {
    /// The refusal of a contract for `message`, under a rule that is always an error.
    pub(crate) fn error(
        rule: &'static str,
        origin: &Origin,
        message: String,
        remedy: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Error, rule, message, origin: origin.clone(), remedy: remedy.into() }
    }

    pub(crate) fn warning(
        rule: &'static str,
        origin: &Origin,
        message: String,
        remedy: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, origin, message, remedy) }
    }
}

/// Everything that is wrong with `contract`; errors first, then by place. Deterministic. Of each severity the
/// first thousand found: a finding of the rule `findings-omitted` says how many more there are.
pub fn lint(contract: &Contract) -> Vec<Diagnostic> {
    found(contract).into_findings()
}

/// At most `at_most` of the errors in `contract`, by place, and how many there are.
pub fn errors(contract: &Contract, at_most: usize) -> (Vec<Diagnostic>, usize) {
    let found = found(contract);
    let count = found.errors();
    let mut errors = found.into_findings();
    errors.truncate(at_most.min(count));
    (errors, count)
}

fn found(contract: &Contract) -> Kept {
    let mut found = contract.findings.clone();
    for service in &contract.services {
        services::check(service, &mut found);
        for method in &service.methods {
            methods::check(contract, service, method, &mut found);
        }
    }
    found
}
