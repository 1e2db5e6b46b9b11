//! What is wrong with a contract, where, and what would be right.

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
    /// How many columns from `origin` on are meant; 0 where that is unknown.
    pub width: u32,
    /// What would be right.
    pub remedy: String,
}

/// Everything that is wrong with `contract`; errors first, then by place.
pub fn lint(contract: &Contract) -> Vec<Diagnostic> {
    contract.findings.clone()
}
