//! All rules, by name.

mod methods;
mod structure;

use crate::level::Level;
use methods::METHODS;
use structure::STRUCTURE;

/// A rule of this engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rule {
    /// Kebab-case and stable.
    pub id: &'static str,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// How bad what it finds can be; `Safe` is a note.
    pub levels: &'static [Level],
    /// The rules of `buf breaking` that speak of the same; none where buf is silent.
    pub buf: &'static [&'static str],
}

/// All of them: those of methods, then those of messages.
pub const RULES: &[Rule] = &joined();

/// Whether a rule is about what messages carry; else about the method, and what is said of it.
pub(crate) fn is_of_messages(id: &str) -> bool {
    STRUCTURE.iter().any(|rule| rule.id == id)
}

const fn joined() -> [Rule; METHODS.len() + STRUCTURE.len()] {
    const NONE: Rule = Rule { id: "", summary: "", levels: &[], buf: &[] };
    let mut all = [NONE; METHODS.len() + STRUCTURE.len()];
    let (methods, structure) = all.split_at_mut(METHODS.len());
    methods.copy_from_slice(&METHODS);
    structure.copy_from_slice(STRUCTURE);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_is_there_once_and_says_what_it_finds() {
        let ids: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        assert!(RULES.iter().all(|rule| rule.summary.ends_with('.') && !rule.levels.is_empty()));
    }

    /// Whoever reads a rule's name in a report finds it in the specification.
    #[test]
    fn every_rule_is_in_the_specification() {
        let text = include_str!("../../../../docs/compatibility.md");
        let missing: Vec<_> = RULES
            .iter()
            .filter(|rule| !text.contains(&format!("`{}`", rule.id)))
            .map(|rule| rule.id)
            .collect();
        assert_eq!(missing, [""; 0]);
    }
}
