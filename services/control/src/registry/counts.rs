//! Counting who says what.

use std::collections::BTreeMap;

/// How often each is said.
#[derive(Debug, Default)]
pub(super) struct Counts(BTreeMap<String, usize>);

impl Counts {
    /// Whether it is new.
    pub(super) fn add(&mut self, text: &str) -> bool {
        if let Some(count) = self.0.get_mut(text) {
            *count += 1;
            return false;
        }
        self.0.insert(text.to_owned(), 1).is_none()
    }

    /// Whether it is gone.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let Some(count) = self.0.get_mut(text) else { return false };
        *count -= 1;
        *count == 0 && self.0.remove(text).is_some()
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        self.0.contains_key(text)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }
}
