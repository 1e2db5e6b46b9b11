//! Findings, as many as somebody reads. How many there are decides no more than the first ones do.

use super::{Diagnostic, Severity};
use crate::origin::Origin;
use std::collections::BTreeMap;

/// How many errors are kept, and how many warnings: nobody reads more.
pub(super) const MAX_KEPT: usize = 1000;

/// What was found. Errors and warnings are bounded each by itself: no number of warnings hides an error.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    errors: Side,
    warnings: Side,
}

/// Takes what is found.
pub(super) trait Sink {
    /// Takes a finding; what was found before is not found again.
    fn add(&mut self, found: Diagnostic);
}

impl Sink for Kept {
    fn add(&mut self, found: Diagnostic) {
        Self::add(self, found);
    }
}

/// By place, then by rule and message.
#[derive(Clone, Debug, Default)]
struct Side {
    kept: BTreeMap<(Origin, &'static str, String), Diagnostic>,
    /// Beyond the bound; what is found twice is counted twice.
    more: usize,
}

impl Kept {
    /// Takes a finding, once.
    pub(crate) fn add(&mut self, found: Diagnostic) {
        let side = match found.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        let key = (found.origin.clone(), found.rule, found.message.clone());
        if side.kept.len() < MAX_KEPT {
            side.kept.entry(key).or_insert(found);
        } else if !side.kept.contains_key(&key) {
            side.more += 1;
        }
    }

    /// How many errors there are, kept or not.
    pub(super) fn errors(&self) -> usize {
        self.errors.kept.len() + self.errors.more
    }

    /// Errors first, then by place; where some were not kept, the last of its severity says how many.
    pub(super) fn into_findings(self) -> Vec<Diagnostic> {
        let Self { errors, warnings } = self;
        errors.into_findings(Severity::Error).chain(warnings.into_findings(Severity::Warning)).collect()
    }
}

impl Side {
    fn into_findings(self, severity: Severity) -> impl Iterator<Item = Diagnostic> {
        let omitted = (self.more > 0).then(|| {
            let what = if severity == Severity::Error { "errors" } else { "warnings" };
            Diagnostic {
                severity,
                rule: "findings-omitted",
                message: format!("and {} more {what}", self.more),
                origin: Origin::Default,
                remedy: "mend those shown, and look again".to_owned(),
            }
        });
        self.kept.into_values().chain(omitted)
    }
}
