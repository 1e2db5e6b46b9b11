//! Rules of `buf.validate` that could not be enforced as they are written.

use contract::{Contract, Diagnostic, Origin, Severity, schema::Schema};
use validate::CompileError;

/// Nobody reads more.
const MAX_FOUND: usize = 1000;

/// What whoever enforces the contract would refuse, each once, and the first thousand.
pub(super) fn findings(contract: &Contract) -> Vec<Diagnostic> {
    let Ok(schema) = Schema::of(contract) else { return Vec::new() };
    let methods = contract.services.iter().flat_map(|service| &service.methods);
    let enforced = methods.flat_map(|method| [method.input.as_str(), method.output.as_str()]);
    let mut errors = validate::check_rules(&schema, enforced);
    // Those that nobody uses yet too.
    errors.extend(validate::check_predefined(&schema));
    let key = |error: &CompileError| (error.origin.clone(), error.of.clone(), error.reason.clone());
    errors.sort_by_cached_key(key);
    errors.dedup();
    let more = errors.len().saturating_sub(MAX_FOUND);
    errors.truncate(MAX_FOUND);
    let omitted = (more > 0).then(|| Diagnostic {
        severity: Severity::Error,
        rule: "findings-omitted",
        message: format!("and {more} more rules that cannot be enforced"),
        origin: Origin::Default,
        remedy: "mend those shown, and look again".to_owned(),
    });
    errors.into_iter().map(diagnostic).chain(omitted).collect()
}

fn diagnostic(error: CompileError) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        rule: "unenforceable-rule",
        message: format!("{}: {}", error.of, error.reason),
        origin: error.origin,
        remedy: "write a rule for the type that the field has, and CEL that compiles".to_owned(),
    }
}
