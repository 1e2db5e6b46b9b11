//! Choosing an endpoint. Nothing is allocated and nothing is locked: candidates are a slice, what is
//! known about each comes from closures, randomness is an argument.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The less busy of two different random candidates ("power of two choices"; gRFC A48 with two choices).
///
/// `load` is the number of requests in flight, or `None` where the candidate cannot take one now. If
/// neither of the two can, the first that can, counted from the first of the two, is taken; `None` if
/// there is no such candidate. `random` is uniform in all its 64 bits.
pub fn least_request<C>(candidates: &[C], load: impl Fn(&C) -> Option<u32>, random: u64) -> Option<usize> {
    let count = candidates.len();
    if count == 0 {
        return None;
    }
    let (first, second) = two_of(count, random);
    let load_at = |index: usize| candidates.get(index).and_then(&load);
    match (load_at(first), load_at(second)) {
        (Some(one), Some(other)) if other < one => Some(second),
        (Some(_), _) => Some(first),
        (None, Some(_)) => Some(second),
        (None, None) => first_from(count, first, |index| load_at(index).is_some()),
    }
}

/// Two different indices below `count`, or twice 0 where there is only one.
fn two_of(count: usize, random: u64) -> (usize, usize) {
    // Multiply and shift instead of a remainder: no division, no bias worth a name.
    let below = |bits: u64, bound: usize| ((bits * bound as u64) >> 32) as usize;
    let first = below(random >> 32, count);
    let step = if count > 1 { 1 + below(random & 0xffff_ffff, count - 1) } else { 0 };
    (first, (first + step) % count)
}

fn first_from(count: usize, start: usize, usable: impl Fn(usize) -> bool) -> Option<usize> {
    (start..count).chain(0..start).find(|index| usable(*index))
}

/// Each candidate in turn.
#[derive(Debug, Default)]
pub struct RoundRobin {
    next: AtomicUsize,
}

impl RoundRobin {
    /// Starts at a random place, so that many callers that start together do not meet.
    pub const fn starting_at(start: usize) -> Self {
        Self { next: AtomicUsize::new(start) }
    }

    /// The next candidate that can take a request now; `None` if there is none.
    pub fn pick<C>(&self, candidates: &[C], usable: impl Fn(&C) -> bool) -> Option<usize> {
        let count = candidates.len();
        if count == 0 {
            return None;
        }
        let start = self.next.fetch_add(1, Ordering::Relaxed) % count;
        first_from(count, start, |index| candidates.get(index).is_some_and(&usable))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nobody_is_picked_from_nothing() {
        assert_eq!(least_request(&[] as &[u32], |load| Some(*load), 7), None);
        assert_eq!(RoundRobin::default().pick(&[] as &[u32], |_| true), None);
    }

    #[test]
    fn the_idle_one_of_two_is_always_picked() {
        for random in (0..64).map(|bit| 1_u64 << bit) {
            assert_eq!(least_request(&[9, 0], |load| Some(*load), random), Some(1));
        }
    }

    #[test]
    fn turns_are_equal() {
        let turns = RoundRobin::default();
        let picked: Vec<_> = (0..6).map(|_| turns.pick(&["a", "b", "c"], |_| true).unwrap()).collect();
        assert_eq!(picked, [0, 1, 2, 0, 1, 2]);
        assert_eq!(turns.pick(&["a", "b", "c"], |name| *name == "b"), Some(1));
    }

    proptest! {
        #[test]
        fn a_usable_candidate_is_picked_if_there_is_one(
            loads in proptest::collection::vec(proptest::option::of(0_u32..9), 0..12),
            random: u64,
        ) {
            let picked = least_request(&loads, |load| *load, random);
            prop_assert_eq!(picked.is_some(), loads.iter().any(Option::is_some));
            if let Some(index) = picked {
                prop_assert!(loads[index].is_some());
            }
        }

        #[test]
        fn the_busiest_of_many_is_never_picked(count in 2_usize..20, random: u64) {
            let loads: Vec<u32> = (0..count).map(|index| u32::from(index == 0)).collect();
            prop_assert_ne!(least_request(&loads, |load| Some(*load), random), Some(0));
        }

        #[test]
        fn two_are_different_and_in_range(count in 2_usize..1000, random: u64) {
            let (first, second) = two_of(count, random);
            prop_assert!(first < count && second < count && first != second);
        }
    }
}
