//! What a provider's fields were before.

use crate::party::Party;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many names of one number are told apart. Of more, those in the middle are forgotten.
const MAX_ERAS: usize = 16;

/// Numbers and names of the fields that older versions of a provider had. Fit to be kept when the versions
/// themselves are not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// By the message's full name, by number: the names in order of time.
    messages: BTreeMap<String, BTreeMap<u32, Vec<Era>>>,
    versions: usize,
}

/// A name that a number had, from one version to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Era {
    name: String,
    first: usize,
    last: usize,
}

impl History {
    /// Nothing is known.
    pub const fn new() -> Self {
        Self { messages: BTreeMap::new(), versions: 0 }
    }

    /// Of these versions, the oldest first; whether the current one is among them does not matter.
    pub fn of(versions: &[Party]) -> Self {
        let mut history = Self::new();
        versions.iter().for_each(|version| history.add(version));
        history
    }

    /// Notes a version that came after those before.
    pub fn add(&mut self, version: &Party) {
        self.note(self.versions, version);
    }

    /// Notes version number `at`, counted from 0. They may come in any order.
    pub fn note(&mut self, at: usize, version: &Party) {
        self.versions = self.versions.max(at.saturating_add(1));
        for message in version.schema.messages().filter(|message| !message.map_entry) {
            let numbers = self.messages.entry(message.name.clone()).or_default();
            for field in &message.fields {
                note(numbers.entry(field.number).or_default(), &field.name, at);
            }
        }
    }

    /// One more than the number of the last version.
    pub const fn versions(&self) -> usize {
        self.versions
    }

    /// Whether a number meant `consumer` to somebody who was built for a field that was later removed, and has
    /// been given to `provider` since. A field that only changed its name was never removed.
    pub(crate) fn reused(&self, message: &str, number: u32, consumer: &str, provider: &str) -> bool {
        let (before, since) = self.eras(message, number);
        let among = |eras: &[Era]| eras.iter().any(|era| era.name == consumer);
        consumer != provider && !among(since) && among(before)
    }

    /// What a number meant last before it belonged to no field, if that is not what it means to `provider` now.
    pub(crate) fn meant(&self, message: &str, number: u32, provider: &str) -> Option<&str> {
        let (before, since) = self.eras(message, number);
        let known = |name: &str| name == provider || since.iter().any(|era| era.name == name);
        before.last().map(|era| era.name.as_str()).filter(|name| !known(name))
    }

    /// What a number meant before it belonged to no field, and since.
    fn eras(&self, message: &str, number: u32) -> (&[Era], &[Era]) {
        let Some(eras) = self.messages.get(message).and_then(|numbers| numbers.get(&number)) else {
            return (&[], &[]);
        };
        // The eras that lead to now without a gap tell of one field.
        let mut next = self.versions;
        let mut current = eras.len();
        while let Some(era) =
            current.checked_sub(1).and_then(|at| eras.get(at)).filter(|era| era.last + 1 == next)
        {
            next = era.first;
            current -= 1;
        }
        eras.split_at(current)
    }
}

/// A number has one name in each version, so eras never overlap; those of one name that touch are one.
fn note(eras: &mut Vec<Era>, name: &str, at: usize) {
    let next = eras.partition_point(|era| era.first <= at);
    let known = |era: &&mut Era| era.name == name;
    let follows = eras.get(next).is_some_and(|era| era.name == name && at + 1 == era.first);
    let end = if follows { eras.get(next).map_or(at, |era| era.last) } else { at };
    match next.checked_sub(1).and_then(|before| eras.get_mut(before)).filter(known) {
        Some(era) if era.last >= at => return,
        Some(era) if era.last + 1 == at => {
            era.last = end;
            if follows {
                eras.remove(next);
            }
        }
        _ if follows => eras.get_mut(next).into_iter().for_each(|era| era.first = at),
        _ => eras.insert(next, Era { name: name.to_owned(), first: at, last: at }),
    }
    if eras.len() > MAX_ERAS {
        eras.remove(MAX_ERAS / 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_in_which_versions_are_noted_does_not_matter() {
        let names = ["a", "a", "b", "b", "", "a", "c", "c"];
        let told = |order: &[usize]| {
            let mut eras = Vec::new();
            for at in order.iter().copied().filter(|at| !names[*at].is_empty()) {
                note(&mut eras, names[at], at);
                note(&mut eras, names[at], at);
            }
            eras.into_iter().map(|era| (era.name, era.first, era.last)).collect::<Vec<_>>()
        };
        let expected = [("a", 0, 1), ("b", 2, 3), ("a", 5, 5), ("c", 6, 7)];
        let expected = expected.map(|(name, first, last)| (name.to_owned(), first, last));
        for order in [[0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1, 0], [3, 1, 7, 5, 0, 2, 6, 4]] {
            assert_eq!(told(&order), expected, "{order:?}");
        }
    }

    #[test]
    fn one_number_takes_so_much_room_and_no_more() {
        let mut eras = Vec::new();
        (0..1000).for_each(|at| note(&mut eras, &at.to_string(), at));
        assert_eq!((eras.len(), eras[0].name.as_str()), (MAX_ERAS, "0"));
        assert_eq!(eras.last().map(|era| era.name.as_str()), Some("999"));
    }
}
