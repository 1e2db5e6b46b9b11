//! What the engine has spoken of, so that it is not said twice.

use super::{
    inventory::{Element, Kind},
    policy::PolicyChange,
};
use crate::contract::breaking::{Broken, Weight};
use contract::Origin;
use std::collections::BTreeSet;

/// What findings are about already.
pub(super) struct Mentioned<'a> {
    found: &'a [Broken],
    pub(super) old: BTreeSet<&'a Origin>,
    pub(super) new: BTreeSet<&'a Origin>,
}

impl<'a> Mentioned<'a> {
    pub(super) fn of(found: &'a [Broken]) -> Self {
        let placed = |origin: &&Origin| origin.position().is_some();
        Self {
            found,
            old: found.iter().map(|broken| &broken.old.origin).filter(placed).collect(),
            new: found.iter().map(|broken| &broken.new.origin).filter(placed).collect(),
        }
    }

    pub(super) fn element(&self, old: Option<&Element>, new: Option<&Element>) -> bool {
        old.is_some_and(|element| self.old.contains(&element.origin))
            || new.is_some_and(|element| self.new.contains(&element.origin))
            || old.or(new).is_some_and(|element| self.named(element))
    }

    /// By name, where there are no places, and for values: a finding is about the field that carries them.
    fn named(&self, element: &Element) -> bool {
        let own = element.name.rsplit(['.', '/']).next().unwrap_or_default();
        let has_word =
            |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == own);
        let placed = element.origin.position().is_some();
        self.found.iter().any(|broken| match element.kind {
            Kind::Value => {
                has_word(&broken.message) || has_word(&broken.old.text) || has_word(&broken.new.text)
            }
            Kind::Field => {
                let ends_so = |path: &str| path.rsplit('.').next().is_some_and(&has_word);
                !placed && broken.uses.iter().any(|at| ends_so(&at.path))
            }
            Kind::Method => {
                !placed && broken.uses.iter().any(|at| at.path.is_empty() && at.method == element.name)
            }
            _ => false,
        })
    }

    /// Whether a finding says that this rule of this method changed.
    pub(super) fn rule(&self, change: &PolicyChange) -> bool {
        self.found.iter().filter(|broken| broken.weight != Weight::Note).any(|broken| {
            // A rule of the service is said of each of its methods.
            let of_method = broken.uses.iter().any(|at| {
                let own = at.method.strip_prefix(&change.of);
                own.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            let same_place = |one: &Origin, other: &Origin| one.position().is_some() && one == other;
            let placed = same_place(&broken.old.origin, &change.was_at)
                || same_place(&broken.new.origin, &change.is_at);
            of_method && (placed || broken.rule.starts_with(&change.rule.replace('_', "-")))
        })
    }
}
