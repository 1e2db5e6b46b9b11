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
    /// A number that neither has: an open writer may write it, and a closed reader takes none such.
    pub(crate) undeclared: Option<i32>,
    /// JSON: numbers that mean one value to the writer and another to the reader, sorted.
    swapped: Vec<i32>,
    /// What is zero to the reader, as the writer has it.
    pub(crate) zero: Option<i32>,
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

    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The word for one of them, or that for several.
    pub(crate) const fn word(&self, one: &'static str, several: &'static str) -> &'static str {
        if self.count > 1 { several } else { one }
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
        let mut diff = Self { zero: written.has(0).then_some(0), ..Self::default() };
        if !written.closed && read.closed {
            diff.undeclared = (1..i32::MAX).find(|number| !written.has(*number) && !read.has(*number));
        }
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

    /// Whether a number, where it is not written and stands for itself, is another value to the reader.
    pub(crate) fn is_swapped(&self, number: i128) -> bool {
        i32::try_from(number).is_ok_and(|number| self.swapped.binary_search(&number).is_ok())
    }

    fn by_name(&mut self, written: &'a Enum, read: &'a Enum) {
        let numbers = |of: &'a Enum| -> HashMap<&'a str, i32> {
            of.values.iter().map(|value| (value.name.as_str(), value.number)).collect()
        };
        let known = numbers(read);
        self.zero = None;
        let mut seen = HashSet::new();
        // Of several names for one number, the first is written.
        let spoken = written.values.iter().filter(|value| seen.insert(value.number));
        for value in spoken {
            let same = known.get(value.name.as_str());
            self.zero = self.zero.or_else(|| same.filter(|number| **number == 0).map(|_| value.number));
            if same.is_none() {
                if read.has(value.number) { self.renamed.push(value) } else { self.unknown.push(value) }
            }
        }
        self.swapped = swapped((written, &numbers(written)), (read, &known));
    }
}

/// The numbers that both have under names of which none is the same, and one belongs elsewhere on the other
/// side. A number whose name is merely new there has been renamed.
fn swapped(
    (written, of_writer): (&Enum, &HashMap<&str, i32>),
    (read, of_reader): (&Enum, &HashMap<&str, i32>),
) -> Vec<i32> {
    let (mut kept, mut moved) = (HashSet::new(), Vec::new());
    for (values, other) in [(&written.values, of_reader), (&read.values, of_writer)] {
        for value in values {
            match other.get(value.name.as_str()) {
                Some(number) if *number == value.number => _ = kept.insert(value.number),
                Some(_) => moved.push(value.number),
                None => {}
            }
        }
    }
    moved.retain(|number| !kept.contains(number) && written.has(*number) && read.has(*number));
    moved.sort_unstable();
    moved.dedup();
    moved
}
