//! The examples that rules give.

use super::{
    family::Family,
    octets::Octets,
    rules::{Check, Rule},
    said::Said,
    set::Set,
    show,
};

impl Family<'_, '_> {
    /// The examples that are given, each as if it were the only value.
    pub(super) fn examples(&mut self, family: u32) -> Vec<Rule> {
        let number = example(family);
        let before = self.rules.len();
        let kind = self.kind;
        let times = || self.said.messages(number).iter().map(Said::nanos).collect::<Vec<_>>();
        let shown = |value: i128| match family {
            21 => show::duration(value),
            22 => show::timestamp(value),
            16 => value.to_string(),
            _ => show::number(kind, value),
        };
        let numbers = match family {
            1..=12 => self.positions(number).into_iter().flatten().collect(),
            16 => self.integers(number),
            21 | 22 => times(),
            _ => Vec::new(),
        };
        for value in numbers {
            self.add(number, "example", &shown(value), Check::Number(Set::of([value])));
        }
        let octets = match family {
            14 => self.said.texts(number).into_iter().map(String::into_bytes).collect(),
            15 => self.said.blobs(number),
            _ => Vec::new(),
        };
        for value in octets {
            self.octets(number, "example", &show::octets(&value), Octets::In(vec![value.clone()]));
        }
        self.rules.split_off(before)
    }
}

/// The field of a family's message that gives examples.
pub(super) const fn example(family: u32) -> u32 {
    match family {
        1 | 2 | 4 | 21 => 9,
        3 | 5..=12 => 8,
        13 => 2,
        14 => 34,
        15 => 14,
        16 => 5,
        22 => 10,
        28 => 4,
        _ => 0,
    }
}
