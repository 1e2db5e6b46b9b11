//! What is wrong with a contract, where, and what would be right.
//!
//! Rules have stable ids and stand in a table ([`rules`]), each with its reason and an example. [`lint`] and
//! [`errors`] judge what a contract says about how it is run (category SEMANTIC), which the control plane
//! insists on; [`check`] judges names, files and design besides, as its [`Settings`] say, and minds the comments
//! that suppress a finding.

mod comments;
mod design;
pub mod example;
mod excerpt;
mod judge;
mod kept;
mod manual;
mod near;
mod rule;
mod semantic;
mod set;
mod settings;
mod standard;
mod suppression;
#[cfg(test)]
mod tests;

pub use excerpt::Excerpt;
pub(crate) use kept::Kept;
pub use manual::manual;
pub use near::nearest;
pub use rule::{Category, Rule, find, rules};
pub use settings::{SettingError, Settings};
pub(crate) use suppression::is_suppression;

use crate::{model::Contract, origin::Origin};
use judge::Judge;
use kept::Sink as _;
use serde::{Deserialize, Serialize};
use set::Set;
use std::collections::HashSet;
use suppression::Suppressions;

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

/// A finding that a comment suppresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// What was found.
    pub diagnostic: Diagnostic,
    /// What the comment says why; may be empty in buf's form.
    pub reason: String,
}

/// What [`check`] found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Errors first, then by place.
    pub findings: Vec<Diagnostic>,
    /// Found, and suppressed by a comment; the first thousand.
    pub suppressed: Vec<Suppressed>,
}

/// What is wrong with how `contract` is run; errors first, then by place. Deterministic. Of each severity the
/// first thousand found: a finding of the rule `findings-omitted` says how many more there are.
pub fn lint(contract: &Contract) -> Vec<Diagnostic> {
    found(contract).into_findings()
}

/// At most `at_most` of the errors in how `contract` is run, by place, and how many there are. Nothing else
/// refuses a contract.
pub fn errors(contract: &Contract, at_most: usize) -> (Vec<Diagnostic>, usize) {
    let found = found(contract);
    let count = found.errors();
    let mut errors = found.into_findings();
    errors.truncate(at_most.min(count));
    (errors, count)
}

/// Everything that is wrong with `contract`, as far as `settings` and its comments do not say otherwise.
/// Deterministic, bounded like [`lint`], linear in the contract's size.
pub fn check(contract: &Contract, settings: &Settings) -> Checked {
    check_with(contract, settings, Vec::new())
}

/// As [`check`], with findings of others, who know what rules mean: settings and comments have the same say over
/// them. Those in files that nobody asked for are left out.
pub fn check_with(contract: &Contract, settings: &Settings, also: Vec<Diagnostic>) -> Checked {
    let files = set::decode(&contract.bytes);
    let set = Set::of(&files, settings);
    let mut judge = Judge::new(settings, Suppressions::of(&set));
    contract.findings.clone().into_findings().into_iter().for_each(|finding| judge.add(finding));
    semantic::contract(contract, &mut judge);
    semantic::said(contract, &set, &mut judge);
    standard::check(&set, &mut judge);
    design::check(contract, &set, &mut judge);
    comments::check(&set, &mut judge);
    let asked_for: HashSet<&str> = set.targets().map(|file| file.file.name.as_str()).collect();
    also.into_iter()
        .filter(|found| asked_for.contains(found.origin.file()))
        .for_each(|found| judge.add(found));
    judge.into_checked()
}

fn found(contract: &Contract) -> Kept {
    let mut found = contract.findings.clone();
    semantic::contract(contract, &mut found);
    found
}
