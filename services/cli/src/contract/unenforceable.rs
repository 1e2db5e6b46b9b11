//! Rules of `buf.validate` that could not be enforced as they are written.

use contract::{
    Contract, Diagnostic, Severity,
    schema::{Message, MessageId, Schema},
};
use std::collections::BTreeSet;
use validate::Program;

/// What whoever enforces the contract would refuse, each once.
pub(super) fn findings(contract: &Contract) -> Vec<Diagnostic> {
    let Ok(schema) = Schema::read(&contract.bytes) else { return Vec::new() };
    let (mut sound, mut errors) = (BTreeSet::new(), Vec::new());
    for message in schema.messages().filter(|message| !message.map_entry) {
        if sound.contains(&message.id) {
            continue;
        }
        match Program::compile(&schema, &message.name) {
            // Then the rules of whatever it reaches are sound too.
            Ok(_) => reach(&schema, message, &mut sound),
            Err(error) if !errors.contains(&error) => errors.push(error),
            Err(_) => {}
        }
    }
    // Those that nobody uses yet too.
    errors.extend(validate::check_predefined(&schema));
    errors.sort_by(|one, other| one.origin.cmp(&other.origin));
    let diagnostic = |error: validate::CompileError| Diagnostic {
        severity: Severity::Error,
        rule: "unenforceable-rule",
        message: format!("{}: {}", error.of, error.reason),
        origin: error.origin,
        remedy: "write a rule for the type that the field has, and CEL that compiles".to_owned(),
    };
    errors.into_iter().map(diagnostic).collect()
}

fn reach(schema: &Schema, from: &Message, reached: &mut BTreeSet<MessageId>) {
    let mut pending = vec![from.id];
    while let Some(id) = pending.pop() {
        if reached.insert(id) {
            pending.extend(schema.message_at(id).fields.iter().filter_map(|field| field.kind.message()));
        }
    }
}
