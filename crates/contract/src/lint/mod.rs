//! What is wrong with a contract, where, and what would be right.
//!
//! Rules have stable names. Those about single values (`bad-duration`, `unknown-workload-form`,
//! `allow-twice`, `key-not-scalar`, `limit-incomplete`, `hedge-incomplete`, `hedge-with-retry`,
//! `bad-percent`, `bad-rollout-steps`, `attribute-on-masked-field`, `mask-without-effect`) are judged while the contract is read; those about what values
//! mean together, here.

mod excerpt;
mod methods;
mod services;
#[cfg(test)]
mod tests;

pub use excerpt::Excerpt;

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

/// Everything that is wrong with `contract`; errors first, then by place. Deterministic.
pub fn lint(contract: &Contract) -> Vec<Diagnostic> {
    let mut found = contract.findings.clone();
    for service in &contract.services {
        services::check(service, &mut found);
        for method in &service.methods {
            methods::check(contract, service, method, &mut found);
        }
    }
    found.sort_by(|one, other| {
        let key = |d: &Diagnostic| (d.severity, d.origin.clone(), d.rule, d.message.clone());
        key(one).cmp(&key(other))
    });
    found.dedup();
    found
}
