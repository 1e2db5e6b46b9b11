//! Two enums, value by value.

use crate::level::Encoding;
use contract::schema::{Enum, EnumValue};
use std::collections::{HashMap, HashSet};

/// Where two enums differ.
#[derive(Default)]
pub(crate) struct Diff<'a> {
    /// Binary: the reader has the name under another number.
    pub(crate) renumbered: Values<'a>,
    /// JSON: the reader has the number under another name.
    pub(crate) renamed: Values<'a>,
    /// The reader has neither.
    pub(crate) unknown: Values<'a>,
    /// The consumer has it, the provider neither has nor reserves its number.
    pub(crate) free: Values<'a>,
}

/// Some values of an enum: how many, and the first of them.
#[derive(Clone, Default)]
pub(crate) struct Values<'a> {
    /// With what the reader has of the same name or number.
    first: Vec<(&'a EnumValue, Option<&'a EnumValue>)>,
    count: usize,
}

/// As many are named; one more is kept, in case zero is left out.
const NAMED: usize = 3;

impl<'a> Values<'a> {
    fn push(&mut self, value: &'a EnumValue) {
        if self.first.len() <= NAMED {
            self.first.push((value, None));
        }
        self.count += 1;
    }

    fn resolve(&mut self, read: &'a Enum) {
        for (value, same) in &mut self.first {
            *same = read.values.iter().find(|read| read.name == value.name || read.number == value.number);
        }
    }

    /// Zero is not written where it means absence.
    pub(crate) fn without_zero(&self) -> Self {
        let first: Vec<_> = self.first.iter().copied().filter(|(value, _)| value.number != 0).collect();
        let count = self.count - (self.first.len() - first.len());
        Self { first, count }
    }

    /// One to show, rather one that is not zero; and what the reader has of the same name or number.
    pub(crate) fn sample(&self) -> Option<(&'a EnumValue, Option<&'a EnumValue>)> {
        self.first.iter().find(|(value, _)| value.number != 0).or(self.first.first()).copied()
    }

    /// "A, B, C and 4 more".
    pub(crate) fn names(&self) -> String {
        let names: Vec<_> = self.first.iter().take(NAMED).map(|(value, _)| value.name.as_str()).collect();
        super::scalar::few(&names, self.count)
    }
}

impl<'a> Diff<'a> {
    /// Of what is written and read, of which one is the consumer's.
    pub(crate) fn of(
        written: &'a Enum,
        read: &'a Enum,
        (consumer, provider): (&'a Enum, &'a Enum),
        encoding: Encoding,
    ) -> Self {
        let mut diff = Self::default();
        match encoding {
            Encoding::Binary => diff.by_number(written, read),
            Encoding::Json => diff.by_name(written, read),
        }
        if encoding == Encoding::Binary {
            let gone = consumer.values.iter().filter(|value| !provider.has(value.number));
            let free = gone.filter(|value| !provider.reserved.has_number(value.number));
            free.for_each(|value| diff.free.push(value));
        }
        for values in [&mut diff.renumbered, &mut diff.renamed, &mut diff.unknown] {
            values.resolve(read);
        }
        diff
    }

    fn by_number(&mut self, written: &'a Enum, read: &'a Enum) {
        let numbers: HashMap<_, _> =
            read.values.iter().map(|value| (value.name.as_str(), value.number)).collect();
        let known = |value: &EnumValue| numbers.get(value.name.as_str()).copied();
        // Numbers that the reader has under a name of the writer's.
        let kept: HashSet<i32> = written
            .values
            .iter()
            .filter(|value| known(value) == Some(value.number))
            .map(|value| value.number)
            .collect();
        for value in written.values.iter().filter(|value| !kept.contains(&value.number)) {
            if known(value).is_some() {
                self.renumbered.push(value);
            } else if read.closed && !read.has(value.number) {
                self.unknown.push(value);
            }
        }
    }

    fn by_name(&mut self, written: &'a Enum, read: &'a Enum) {
        let names: HashSet<_> = read.values.iter().map(|value| value.name.as_str()).collect();
        let mut seen = HashSet::new();
        // Of several names for one number, the first is written.
        let spoken = written.values.iter().filter(|value| seen.insert(value.number));
        for value in spoken.filter(|value| !names.contains(value.name.as_str())) {
            if read.has(value.number) { self.renamed.push(value) } else { self.unknown.push(value) }
        }
    }
}
