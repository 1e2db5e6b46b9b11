//! Why there is no message.

use validate::{CompileError, Violation, needs::Step};

/// Why no message of a type could be made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SampleError {
    /// The schema has no such type.
    #[error("there is no message type `{0}`")]
    UnknownType(String),
    /// A rule cannot be enforced as it is written, so nothing can be said to obey it.
    #[error("the rules cannot be enforced: {0}")]
    Rules(#[from] CompileError),
    /// A message of the type would need one of its own type in it, and that one again.
    #[error("a {type_name} has no end, so there is none: {}", way(circle))]
    Endless {
        /// The type's full name.
        type_name: String,
        /// From field to field, how it leads back.
        circle: Vec<Step>,
    },
    /// The smallest message of the type is larger than what is made.
    #[error("a {type_name} has at least {what}, and no more than {most} are made{}", by(largest.as_deref()))]
    TooLarge {
        /// The type's full name.
        type_name: String,
        /// What there is too much of: "1000000 values".
        what: String,
        /// The limit.
        most: String,
        /// What asks for most of it.
        largest: Option<Box<Step>>,
    },
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

/// "n.v1.R.kids holds a n.v1.R (`repeated.min_items = 1`, n.proto:3:5)".
fn way(circle: &[Step]) -> String {
    let shown = |step: &Step| {
        let Step { field, holds, rule, origin } = step;
        format!("{field} must hold a {holds} (`{rule}`, {origin})")
    };
    let more =
        if circle.len() > SHOWN { format!(", and {} more", circle.len() - SHOWN) } else { String::new() };
    circle.iter().take(SHOWN).map(shown).collect::<Vec<_>>().join(", ") + &more
}

/// More fields of one circle are counted only.
const SHOWN: usize = 4;

fn by(largest: Option<&Step>) -> String {
    largest.map_or_else(String::new, |Step { field, rule, origin, .. }| {
        format!(": {field} says `{rule}` ({origin})")
    })
}

fn named(violation: &Violation, broken: u32) -> String {
    let Violation { rule_id, origin, .. } = violation;
    format!("{broken} of them broke the rule `{rule_id}` ({origin}), which says: {violation}")
}
