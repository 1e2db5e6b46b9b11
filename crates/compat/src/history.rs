//! What a provider's fields were before.

use crate::party::Party;
use std::collections::BTreeMap;

/// Numbers and names of the fields that older versions of a provider had.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// By the message's full name, by number: the names in order of time.
    messages: BTreeMap<String, BTreeMap<u32, Vec<Era>>>,
    versions: usize,
}

/// A name that a number had, from one version to another.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        let at = self.versions;
        self.versions += 1;
        for message in version.schema.messages().filter(|message| !message.map_entry) {
            let numbers = self.messages.entry(message.name.clone()).or_default();
            for field in &message.fields {
                let eras = numbers.entry(field.number).or_default();
                match eras.last_mut().filter(|era| era.name == field.name && era.last + 1 == at) {
                    Some(era) => era.last = at,
                    None => eras.push(Era { name: field.name.clone(), first: at, last: at }),
                }
            }
        }
    }

    /// Whether a number meant `consumer` to somebody who was built for a field that was later removed, and has
    /// been given to `provider` since. A field that only changed its name was never removed.
    pub(crate) fn reused(&self, message: &str, number: u32, consumer: &str, provider: &str) -> bool {
        let Some(eras) = self.messages.get(message).and_then(|numbers| numbers.get(&number)) else {
            return false;
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
        let (before, since) = eras.split_at(current);
        let among = |eras: &[Era]| eras.iter().any(|era| era.name == consumer);
        consumer != provider && !among(since) && among(before)
    }
}
