//! Why there is no message.

use validate::{CompileError, Violation};

/// Why no message of a type could be made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SampleError {
    /// The schema has no such type.
    #[error("there is no message type `{0}`")]
    UnknownType(String),
    /// A rule cannot be enforced as it is written, so nothing can be said to obey it.
    #[error("the rules cannot be enforced: {0}")]
    Rules(#[from] CompileError),
    /// Nothing that was tried obeys the rules: they contradict each other, or ask for more than this crate
    /// can guess.
    #[error("no {type_name} that obeys its rules was found in {tried} attempts: {}", named(violation, *broken))]
    Unsatisfied {
        /// The type's full name.
        type_name: String,
        /// How many messages were tried.
        tried: u32,
        /// The rule that most of them broke, as the last of those did.
        violation: Box<Violation>,
        /// How many of them broke it.
        broken: u32,
    },
    /// A rule could not be evaluated on anything that was tried.
    #[error("no {type_name} was found in {tried} attempts: {reason}")]
    NotEvaluated {
        /// The type's full name.
        type_name: String,
        /// How many messages were tried.
        tried: u32,
        /// What went wrong, and where the rule is written.
        reason: String,
    },
}

fn named(violation: &Violation, broken: u32) -> String {
    let Violation { rule_id, origin, .. } = violation;
    format!("{broken} of them broke the rule `{rule_id}` ({origin}), which says: {violation}")
}
