//! Rules of strings and bytes: whether the old ones imply a new one.

use super::{
    format::Format,
    set::{HIGH, Set},
};

/// Longer examples than this are not made, in bytes.
pub(super) const LONGEST: usize = 16 * 1024;

/// A rule of a string or of bytes. Strings are compared as their UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Octets {
    /// One of these, in order ([`Self::one_of`]); `const` is a list of one.
    In(Vec<Vec<u8>>),
    /// None of these, in order ([`Self::none_of`]).
    NotIn(Vec<Vec<u8>>),
    /// How many characters.
    Characters(Set),
    /// How many bytes.
    Bytes(Set),
    Prefix(Vec<u8>),
    Suffix(Vec<u8>),
    Contains(Vec<u8>),
    NotContains(Vec<u8>),
    Pattern(String),
    Format(Format),
}

/// Whether old rules imply a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Implied {
    Yes,
    /// Something that met the old ones breaks the new one.
    No,
    /// Nobody can tell without trying.
    Unknown,
}

impl Octets {
    /// Generated lists have tens of thousands of values, which are looked for in each other: in order, that is quick.
    pub(super) fn one_of(mut list: Vec<Vec<u8>>) -> Self {
        list.sort_unstable();
        list.dedup();
        Self::In(list)
    }

    /// As [`Self::one_of`].
    pub(super) fn none_of(mut list: Vec<Vec<u8>>) -> Self {
        list.sort_unstable();
        list.dedup();
        Self::NotIn(list)
    }

    /// Whether a value obeys.
    pub(super) fn holds(&self, value: &[u8]) -> bool {
        let text = || std::str::from_utf8(value).ok();
        match self {
            Self::In(list) => has(list, value),
            Self::NotIn(list) => !has(list, value),
            Self::Characters(set) => set.contains(characters(value)),
            Self::Bytes(set) => set.contains(length(value)),
            Self::Prefix(prefix) => value.starts_with(prefix),
            Self::Suffix(suffix) => value.ends_with(suffix),
            Self::Contains(part) => contains(value, part),
            Self::NotContains(part) => !contains(value, part),
            Self::Format(format) => text().is_some_and(|text| format.holds(text)),
            Self::Pattern(pattern) => text().is_some_and(|text| {
                validate::pattern::compile(pattern).is_ok_and(|pattern| pattern.is_match(text))
            }),
        }
    }

    /// Whether what it accepts can only be told by trying.
    pub(super) const fn is_opaque(&self) -> bool {
        matches!(self, Self::Pattern(_) | Self::Format(_))
    }

    /// Whether everything that obeys the `old` rules obeys this one. `without_empty`: the empty value is not
    /// asked about.
    pub(super) fn is_implied_by(&self, old: &[&Self], without_empty: bool) -> Implied {
        if let Some(all) = every(old) {
            let accepted = |value: &&Vec<u8>| {
                !(without_empty && value.is_empty()) && old.iter().all(|rule| rule.holds(value))
            };
            return yes(all.iter().filter(accepted).all(|value| self.holds(value)));
        }
        let excludes =
            |value: &[u8]| (without_empty && value.is_empty()) || old.iter().any(|rule| !rule.holds(value));
        // How parts overlap is looked at for a beginning and an end only.
        let parts = |rule: &&Self| matches!(rule, Self::Contains(_)) && old.len() > 1;
        let opaque = old.iter().any(|rule| rule.is_opaque() || parts(rule));
        let implied = match self {
            Self::In(_) => false,
            // Exact whatever the old rules are: each can be tried.
            Self::NotIn(list) => return yes(list.iter().all(|value| excludes(value))),
            Self::Characters(set) => lengths(old, without_empty).0.minus(set).is_empty(),
            Self::Bytes(set) => lengths(old, without_empty).1.minus(set).is_empty(),
            Self::Prefix(part) | Self::Suffix(part) | Self::Contains(part) if part.is_empty() => true,
            Self::Prefix(part) => {
                old.iter().any(|rule| matches!(rule, Self::Prefix(p) if p.starts_with(part)))
            }
            Self::Suffix(part) => old.iter().any(|rule| matches!(rule, Self::Suffix(s) if s.ends_with(part))),
            Self::Contains(part) => old.iter().any(|rule| rule.always_contains(part)),
            Self::NotContains(part) => {
                let shorter = lengths(old, without_empty).1.most().is_none_or(|most| most < length(part));
                let lacks = |rule: &&Self| matches!(rule, Self::NotContains(other) if contains(part, other));
                shorter || old.iter().any(lacks)
            }
            Self::Format(format) => {
                old.iter().any(|rule| matches!(rule, Self::Format(f) if f.is_within(*format)))
            }
            Self::Pattern(_) => {
                let same = old.contains(&self);
                return if same { Implied::Yes } else { Implied::Unknown };
            }
        };
        match implied {
            true => Implied::Yes,
            false if opaque || matches!(self, Self::Format(_)) => Implied::Unknown,
            false => Implied::No,
        }
    }

    /// Whether every value that obeys has this in it.
    pub(super) fn always_contains(&self, part: &[u8]) -> bool {
        matches!(self, Self::Prefix(own) | Self::Suffix(own) | Self::Contains(own) if contains(own, part))
    }
}

fn has(list: &[Vec<u8>], value: &[u8]) -> bool {
    list.binary_search_by(|entry| entry.as_slice().cmp(value)).is_ok()
}

const fn yes(implied: bool) -> Implied {
    if implied { Implied::Yes } else { Implied::No }
}

/// All values that rules leave, where they are few: those of a list, or none but the empty one.
pub(super) fn every(rules: &[&Octets]) -> Option<Vec<Vec<u8>>> {
    let list =
        rules.iter().find_map(|rule| if let Octets::In(list) = rule { Some(list.clone()) } else { None });
    list.or_else(|| {
        let most = lengths(rules, false).1.most();
        most.is_none_or(|most| most == 0).then(|| vec![Vec::new()])
    })
}

/// How many characters and how many bytes values may have that obey the rules; more than there are, where
/// patterns and formats leave less.
pub(super) fn lengths(rules: &[&Octets], without_empty: bool) -> (Set, Set) {
    let (mut characters, mut bytes) = (Set::between(0, HIGH), Set::between(i128::from(without_empty), HIGH));
    for rule in rules {
        match rule {
            Octets::Characters(set) => characters = characters.and(set),
            Octets::Bytes(set) => bytes = bytes.and(set),
            Octets::Format(format) => {
                let (least, most) = format.lengths();
                // Those with an end are ASCII, and the shortest of the others are.
                let ends = Set::between(least.into(), most.map_or(HIGH, i128::from));
                (characters, bytes) = (characters.and(&ends), bytes.and(&ends));
            }
            _ => {}
        }
    }
    let least = shortest(rules);
    bytes = bytes.and(&Set::between(length(&least), HIGH));
    characters = characters.and(&Set::between(self::characters(&least), HIGH));
    // A character has one to four bytes.
    let ends = |set: &Set| (set.least(), set.most());
    let (Some(fewest), Some(most)) = ends(&characters) else { return (Set::none(), Set::none()) };
    bytes = bytes.and(&Set::between(fewest, most.saturating_mul(4).min(HIGH)));
    let (Some(fewest), Some(most)) = ends(&bytes) else { return (Set::none(), Set::none()) };
    characters = characters.and(&Set::between((fewest + 3).div_euclid(4), most));
    (characters, bytes)
}

/// The shortest value that begins and ends as the rules say, with the longest part that they ask for in it.
fn shortest(rules: &[&Octets]) -> Vec<u8> {
    let longest = |part: fn(&Octets) -> Option<&Vec<u8>>| {
        rules.iter().filter_map(|rule| part(rule)).max_by_key(|part| part.len()).cloned().unwrap_or_default()
    };
    let prefix = longest(|rule| if let Octets::Prefix(part) = rule { Some(part) } else { None });
    let suffix = longest(|rule| if let Octets::Suffix(part) = rule { Some(part) } else { None });
    let part = longest(|rule| if let Octets::Contains(part) = rule { Some(part) } else { None });
    let ends = joined(&prefix, &suffix);
    if contains(&ends, &part) { ends } else { joined(&joined(&prefix, &part), &suffix) }
}

/// The shortest value with this beginning and this end, which may overlap.
pub(super) fn joined(prefix: &[u8], suffix: &[u8]) -> Vec<u8> {
    if prefix.ends_with(suffix) {
        return prefix.to_vec();
    }
    if suffix.starts_with(prefix) {
        return suffix.to_vec();
    }
    let overlap = (0..=prefix.len().min(suffix.len()))
        .rev()
        .find(|length| prefix.ends_with(suffix.get(..*length).unwrap_or_default()));
    [prefix, suffix.get(overlap.unwrap_or_default()..).unwrap_or_default()].concat()
}

pub(super) fn contains(whole: &[u8], part: &[u8]) -> bool {
    part.is_empty() || whole.windows(part.len()).any(|window| window == part)
}

/// How many bytes.
pub(super) fn length(value: &[u8]) -> i128 {
    i128::try_from(value.len()).unwrap_or(HIGH)
}

/// How many characters, where it is text.
pub(super) fn characters(value: &[u8]) -> i128 {
    std::str::from_utf8(value)
        .map_or_else(|_| length(value), |text| i128::try_from(text.chars().count()).unwrap_or(HIGH))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_least(least: i128) -> Set {
        Set::between(least, HIGH)
    }

    fn at_most(most: i128) -> Set {
        Set::between(0, most)
    }

    #[test]
    fn lengths_follow_from_one_another() {
        use Octets::{Bytes, Characters, Contains, Format as F, In, NotIn, Prefix, Suffix};
        let text = |text: &str| text.as_bytes().to_vec();
        let cases = [
            (vec![Characters(at_most(50))], Characters(at_most(100)), Implied::Yes),
            (vec![Characters(at_most(100))], Characters(at_most(50)), Implied::No),
            (vec![Characters(at_most(10))], Bytes(at_most(40)), Implied::Yes),
            (vec![Characters(at_most(10))], Bytes(at_most(39)), Implied::No),
            (vec![Bytes(at_least(9))], Characters(at_least(3)), Implied::Yes),
            (vec![Bytes(at_least(9))], Characters(at_least(4)), Implied::No),
            (vec![Prefix(text("ab")), Suffix(text("cd"))], Characters(at_least(4)), Implied::Yes),
            (vec![Prefix(text("aba")), Suffix(text("bac"))], Characters(at_least(5)), Implied::No),
            (vec![Prefix(text("ab")), Contains(text("cd"))], Characters(at_least(4)), Implied::Yes),
            (vec![Prefix(text("ab")), Contains(text("bb"))], Characters(at_least(4)), Implied::Unknown),
            (vec![Prefix(text("abc"))], Prefix(text("ab")), Implied::Yes),
            (vec![Suffix(text("abc"))], Contains(text("b")), Implied::Yes),
            (vec![In(vec![text("a"), text("bb")])], Characters(at_most(1)), Implied::No),
            (vec![In(vec![text("a"), text("bb")]), Characters(at_most(1))], Bytes(at_most(1)), Implied::Yes),
            (vec![Characters(at_least(2))], NotIn(vec![text("a")]), Implied::Yes),
            (vec![F(Format::of(22))], Characters(Set::between(36, 36)), Implied::Yes),
            (vec![F(Format::of(15))], F(Format::of(14)), Implied::Yes),
            (vec![F(Format::of(12))], NotIn(vec![text("nobody")]), Implied::Yes),
            (vec![Octets::Pattern("^a+$".into())], Characters(at_least(1)), Implied::Unknown),
        ];
        for (old, new, expected) in cases {
            let found = new.is_implied_by(&old.iter().collect::<Vec<_>>(), false);
            assert_eq!(found, expected, "{old:?} → {new:?}");
        }
    }

    #[test]
    fn the_empty_value_may_be_left_out() {
        let new = Octets::Characters(at_least(1));
        assert_eq!(new.is_implied_by(&[], true), Implied::Yes);
        assert_eq!(new.is_implied_by(&[], false), Implied::No);
    }
}
