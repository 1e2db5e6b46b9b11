//! Rules of `buf.validate` that contradict each other, or have no effect.

use compat::Contradiction;
use contract::{Contract, Diagnostic, Severity, schema::Schema};

pub(super) fn findings(contract: &Contract) -> Vec<Diagnostic> {
    let Ok(schema) = Schema::of(contract) else { return Vec::new() };
    compat::contradictions(&schema).into_iter().map(diagnostic).collect()
}

fn diagnostic(found: Contradiction) -> Diagnostic {
    let Contradiction { origin, message, remedy, .. } = found;
    Diagnostic {
        severity: Severity::Warning,
        rule: "contradictory-rule",
        message,
        origin,
        remedy: remedy.to_owned(),
    }
}
