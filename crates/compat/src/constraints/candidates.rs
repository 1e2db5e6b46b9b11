//! Strings and bytes that obey some rules, and perhaps not others.

use super::{
    octets::{LONGEST, Octets, every, joined},
    sampler,
    set::{HIGH, Set},
};
use validate::pattern::{self, Pattern};

/// More are not tried.
const MOST: usize = 2000;

/// Values that obey the `old` rules and break the `new` one: the plainest first, at most eight.
pub(super) fn between(old: &[&Octets], new: &Octets, text: bool) -> Vec<Vec<u8>> {
    let breaks = Ready::of(new);
    let mut found = gone(old, new);
    found.truncate(8);
    found.extend(obeying(old, Some(new), text).into_iter().filter(|value| !breaks.holds(value)));
    found.dedup();
    found.truncate(8);
    found
}

/// Where the old rules leave a list of values: those of it that break the new one.
pub(super) fn gone(old: &[&Octets], new: &Octets) -> Vec<Vec<u8>> {
    let (rules, breaks) = (old.iter().map(|rule| Ready::of(rule)).collect::<Vec<_>>(), Ready::of(new));
    let mut all = every(old).unwrap_or_default();
    all.retain(|value| rules.iter().all(|rule| rule.holds(value)) && !breaks.holds(value));
    all.sort_by_key(|value| (plainness(value), value.len()));
    all
}

/// Values that obey the rules, the plainest first. `near`: a rule whose edges are of interest.
pub(super) fn obeying(rules: &[&Octets], near: Option<&Octets>, text: bool) -> Vec<Vec<u8>> {
    let ready: Vec<_> = rules.iter().map(|rule| Ready::of(rule)).collect();
    let mut all = proposals(rules, near, text);
    all.truncate(MOST);
    all.sort_by_key(|value| (plainness(value), value.len()));
    all.dedup();
    all.retain(|value| ready.iter().all(|rule| rule.holds(value)));
    all
}

/// A rule, with its pattern compiled once.
struct Ready<'r> {
    rule: &'r Octets,
    pattern: Option<Pattern>,
}

impl<'r> Ready<'r> {
    fn of(rule: &'r Octets) -> Self {
        let pattern = if let Octets::Pattern(text) = rule { pattern::compile(text).ok() } else { None };
        Self { rule, pattern }
    }

    fn holds(&self, value: &[u8]) -> bool {
        match (&self.pattern, std::str::from_utf8(value)) {
            (Some(pattern), Ok(text)) => pattern.is_match(text),
            _ => self.rule.holds(value),
        }
    }
}

/// 0: letters, digits and what stands between words; 1: other text; 2: no text.
fn plainness(value: &[u8]) -> u8 {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:@ ".contains(byte);
    match std::str::from_utf8(value) {
        Ok(_) if value.iter().all(plain) => 0,
        Ok(text) if !text.contains(char::is_control) => 1,
        _ => 2,
    }
}

fn proposals(rules: &[&Octets], near: Option<&Octets>, text: bool) -> Vec<Vec<u8>> {
    let both: Vec<&Octets> = rules.iter().copied().chain(near).collect();
    let mut all: Vec<Vec<u8>> = Vec::new();
    for rule in &both {
        if let Octets::In(list) | Octets::NotIn(list) = rule {
            all.extend(list.iter().cloned());
        }
    }
    let lengths = lengths(&both);
    let wanted: Vec<u64> = lengths.iter().filter_map(|length| u64::try_from(*length).ok()).collect();
    let mut whole = Vec::new();
    for rule in &both {
        match rule {
            Octets::Format(format) => whole.extend(format.samples(&wanted)),
            Octets::Pattern(pattern) => whole.extend(sampler::samples(pattern, &lengths)),
            _ => {}
        }
    }
    // An unanchored pattern, and a format that goes on.
    let edges: Vec<String> =
        whole.iter().take(40).flat_map(|text| [format!("{text}a"), format!("a{text}")]).collect();
    all.extend(whole.into_iter().chain(edges).map(String::into_bytes));
    let fillers: &[&[u8]] = if text { &TEXTS } else { &BLOBS };
    for filler in fillers {
        for length in &lengths {
            all.extend(built(&both, near, filler, *length));
        }
    }
    all
}

const TEXTS: [&[u8]; 8] = [b"a", b"0", b"A", b"-", b" ", "é".as_bytes(), "𝄞".as_bytes(), b"\x01"];
const BLOBS: [&[u8]; 5] = [b"a", b"0", b"\0", b"\xff", "é".as_bytes()];

/// Lengths at the edges of what the rules say, that can be built.
fn lengths(rules: &[&Octets]) -> Vec<usize> {
    let mut found = vec![0, 1, 2, 3, 5, 8];
    let mut add = |set: &Set| {
        for (low, high) in set.spans() {
            found.extend([low - 1, *low, low + 1, high - 1, *high, high + 1].into_iter().filter_map(
                |length| usize::try_from(length).ok().filter(|length| *length <= LONGEST && *high <= HIGH),
            ));
        }
    };
    for rule in rules {
        match rule {
            Octets::Characters(set) | Octets::Bytes(set) => add(set),
            Octets::Prefix(part)
            | Octets::Suffix(part)
            | Octets::Contains(part)
            | Octets::NotContains(part) => {
                add(&Set::of([super::octets::length(part)]));
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// With the parts that the rules demand, filled up to so many bytes and to so many characters: once with what
/// the rule in question forbids or demands, and once without.
fn built(rules: &[&Octets], near: Option<&Octets>, filler: &[u8], length: usize) -> Vec<Vec<u8>> {
    let longest = |part: fn(&Octets) -> Option<&Vec<u8>>, near: Option<&Octets>| {
        let old = rules.iter().copied().filter(|rule| near.is_none_or(|near| *rule != near));
        old.filter_map(part).max_by_key(|part| part.len()).cloned().unwrap_or_default()
    };
    let prefix: fn(&Octets) -> Option<&Vec<u8>> =
        |r| if let Octets::Prefix(part) = r { Some(part) } else { None };
    let suffix: fn(&Octets) -> Option<&Vec<u8>> =
        |r| if let Octets::Suffix(part) = r { Some(part) } else { None };
    let (prefix, suffix) = (longest(prefix, near), longest(suffix, near));
    let demanded = rules.iter().filter(|rule| near.is_none_or(|near| **rule != near));
    let demanded = demanded
        .filter_map(|rule| if let Octets::Contains(part) = rule { Some(part.as_slice()) } else { None });
    let middle = demanded.collect::<Vec<_>>().concat();
    let forbidden: &[u8] = match near {
        Some(Octets::NotContains(part) | Octets::Contains(part)) => part,
        _ => &[],
    };
    let mut all = Vec::new();
    for middle in [middle.clone(), [middle.as_slice(), forbidden].concat()] {
        let least = [prefix.as_slice(), &middle, &suffix].concat();
        let by_bytes = length.saturating_sub(least.len()) / filler.len().max(1);
        let characters = usize::try_from(super::octets::characters(&least)).unwrap_or(0);
        for count in [by_bytes, length.saturating_sub(characters)] {
            all.push([prefix.as_slice(), &middle, &filler.repeat(count), &suffix].concat());
        }
        all.push(joined(&prefix, &suffix));
    }
    all
}
