//! Whether every text that one pattern matches is matched by another: decided by walking both automata side
//! by side, which also finds the shortest text that is not.

use super::{octets::Octets, set::HIGH};
use regex_automata::{
    Anchored,
    dfa::{Automaton, StartKind, dense},
    util::{primitives::StateID, start, syntax},
};
use std::collections::{HashMap, VecDeque};
use validate::pattern;

/// Of one automaton, in bytes; beyond it nothing is decided.
const MAX_AUTOMATON: usize = 1 << 20;
/// Pairs of states that are visited; beyond it nothing is decided.
const MAX_PAIRS: usize = 50_000;
/// Longer repetitions make automata too large to be worth the while.
const MAX_REPEAT: i128 = 300;

/// What is known of two rules of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Included {
    Yes,
    /// The shortest text that obeys the old rule and breaks the new one.
    No(Vec<u8>),
    Unknown,
}

/// Whether everything that obeys the old rule obeys the new one.
pub(super) fn included(old: &Octets, new: &Octets) -> Included {
    let automata =
        || Some([automaton(&written(old)?)?, automaton(&written(new)?)?, automaton(r"\A(?s:.)*\z")?]);
    automata()
        .and_then(|automata| Walk { automata: &automata, seen: HashMap::new() }.run())
        .unwrap_or(Included::Unknown)
}

/// A rule as a pattern of the crate `regex`, where it can be one.
fn written(rule: &Octets) -> Option<String> {
    let literal = |bytes: &[u8]| bytes.iter().map(|byte| format!(r"(?-u:\x{byte:02x})")).collect::<String>();
    let repeated = |one: &str, (low, high): (i128, i128)| match high {
        HIGH if low <= MAX_REPEAT => Some(format!(r"\A{one}{{{low},}}\z")),
        high if high <= MAX_REPEAT => Some(format!(r"\A{one}{{{low},{high}}}\z")),
        _ => None,
    };
    match rule {
        Octets::Pattern(text) => {
            let translated = pattern::compile(text).ok()?.translated().to_owned();
            // "No border of words" is not quite the same there.
            (!translated.contains(r"\B")).then_some(translated)
        }
        Octets::Characters(set) if set.spans().len() == 1 => repeated("(?s:.)", *set.spans().first()?),
        Octets::Bytes(set) if set.spans().len() == 1 => repeated("(?s-u:.)", *set.spans().first()?),
        Octets::Prefix(part) => Some(format!(r"\A{}", literal(part))),
        Octets::Suffix(part) => Some(format!(r"{}\z", literal(part))),
        Octets::Contains(part) => Some(literal(part)),
        Octets::In(list) if list.len() <= 64 => {
            let all: Vec<_> = list.iter().map(|entry| literal(entry)).collect();
            Some(format!(r"\A(?:{})\z", all.join("|")))
        }
        _ => None,
    }
}

type Dfa = dense::DFA<Vec<u32>>;

fn automaton(pattern: &str) -> Option<Dfa> {
    let limits = dense::Config::new()
        .start_kind(StartKind::Unanchored)
        .dfa_size_limit(Some(MAX_AUTOMATON))
        .determinize_size_limit(Some(4 * MAX_AUTOMATON));
    let bytes = syntax::Config::new().utf8(false);
    dense::Builder::new().configure(limits).syntax(bytes).build(pattern).ok()
}

/// Where the old rule, the new one and UTF-8 stand; none: it has matched, whatever follows.
type Place = [Option<StateID>; 3];

struct Walk<'a> {
    automata: &'a [Dfa; 3],
    /// With the place before it, and the byte between.
    seen: HashMap<Place, Option<(Place, u8)>>,
}

impl Walk<'_> {
    fn run(mut self) -> Option<Included> {
        let start = start::Config::new().anchored(Anchored::No);
        let mut first = [None; 3];
        for (state, automaton) in first.iter_mut().zip(self.automata) {
            *state = Some(automaton.start_state(&start).ok()?);
        }
        let bytes = self.representatives();
        let mut pending = VecDeque::from([first]);
        self.seen.insert(first, None);
        while let Some(place) = pending.pop_front() {
            if self.is_between(place) {
                return Some(Included::No(self.way(place)));
            }
            for byte in &bytes {
                let Some(next) = self.step(place, *byte)? else { continue };
                if self.seen.contains_key(&next) {
                    continue;
                }
                if self.seen.len() >= MAX_PAIRS {
                    return None;
                }
                self.seen.insert(next, Some((place, *byte)));
                pending.push_back(next);
            }
        }
        Some(Included::Yes)
    }

    /// One byte of each sort that no automaton tells apart; letters first.
    fn representatives(&self) -> Vec<u8> {
        let plain = *b"a0A-_. ";
        let mut classes = std::collections::HashSet::new();
        let all = plain.into_iter().chain(0..=u8::MAX);
        all.filter(|byte| {
            let class: Vec<u8> =
                self.automata.iter().map(|automaton| automaton.byte_classes().get(*byte)).collect();
            classes.insert(class)
        })
        .collect()
    }

    /// One byte on. Nothing where no counterexample lies that way; none at all where an automaton gives up.
    #[allow(clippy::option_option, reason = "three answers: a place, none, or none to be had")]
    fn step(&self, place: Place, byte: u8) -> Option<Option<Place>> {
        let mut next = [None; 3];
        for (at, (state, automaton)) in place.iter().zip(self.automata).enumerate() {
            let Some(state) = state else { continue };
            let state = automaton.next_state(*state, byte);
            if automaton.is_quit_state(state) {
                return None;
            }
            let matched = automaton.is_match_state(state);
            match at {
                // What the new rule has matched stays matched.
                1 if matched => return Some(None),
                0 | 2 if automaton.is_dead_state(state) => return Some(None),
                _ => {}
            }
            // UTF-8 holds of the whole only.
            if let Some(slot) = next.get_mut(at) {
                *slot = (at == 2 || !matched).then_some(state);
            }
        }
        Some(Some(next))
    }

    /// Whether a text that ends here obeys the old rule, breaks the new one and is UTF-8.
    fn is_between(&self, place: Place) -> bool {
        let ends = |(state, automaton): (&Option<StateID>, &Dfa)| {
            state.is_none_or(|state| automaton.is_match_state(automaton.next_eoi_state(state)))
        };
        let ended: Vec<bool> = place.iter().zip(self.automata).map(ends).collect();
        ended == [true, false, true]
    }

    fn way(&self, mut place: Place) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let Some(Some((before, byte))) = self.seen.get(&place) {
            bytes.push(*byte);
            place = *before;
        }
        bytes.reverse();
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constraints::set::Set;

    fn pattern(text: &str) -> Octets {
        Octets::Pattern(text.to_owned())
    }

    #[test]
    fn patterns_lie_within_others_or_do_not() {
        let no = |text: &str| Included::No(text.as_bytes().to_vec());
        let table = [
            ("^[a-z]+$", "^[a-z0-9]+$", Included::Yes),
            ("^[a-z0-9]+$", "^[a-z]+$", no("0")),
            ("^a{1,20}$", "^a+$", Included::Yes),
            ("^a+$", "^a{1,3}$", no("aaaa")),
            ("^(cat|dog)$", "^(dog|cat|bird)$", Included::Yes),
            ("a", "^a", no("0a")),
            ("^é+$", "^.+$", Included::Yes),
            ("^.$", "^[a-z]$", no("0")),
            (r"^\d{4}-\d{2}$", r"^[0-9-]{7}$", Included::Yes),
            (r"\bfoo\b", "foo", Included::Yes),
        ];
        for (old, new, expected) in table {
            assert_eq!(included(&pattern(old), &pattern(new)), expected, "{old} → {new}");
        }
    }

    #[test]
    fn lengths_and_parts_follow_from_patterns() {
        let at_most = |most| Octets::Characters(Set::between(0, most));
        assert_eq!(included(&pattern("^[a-z]{1,20}$"), &at_most(20)), Included::Yes);
        assert_eq!(included(&pattern("^é{1,20}$"), &at_most(20)), Included::Yes);
        assert_eq!(included(&pattern("^é{1,2}$"), &Octets::Bytes(Set::between(0, 4))), Included::Yes);
        assert!(
            matches!(included(&pattern("^[a-z]{1,20}$"), &at_most(19)), Included::No(text) if text.len() == 20)
        );
        assert_eq!(included(&Octets::Prefix(b"abc".to_vec()), &pattern("^ab")), Included::Yes);
        assert_eq!(included(&pattern("^v1/.+"), &Octets::Prefix(b"v1/".to_vec())), Included::Yes);
    }
}
