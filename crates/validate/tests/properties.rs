//! What holds for all bytes: a check says of them what a judge of decoded values says that shares nothing with it,
//! in whatever way writers are free to encode them; and no bytes make it panic.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may end here")]

mod support;

use proptest::prelude::*;
use prost_reflect::{DynamicMessage, prost::Message as _};
use std::collections::BTreeSet;
use support::{Entropy, World, now};
use validate::Failure;

/// The verdict, comparable: violations in any order, since decoded maps have none.
fn verdict(world: &World, bytes: &[u8]) -> Result<Vec<String>, String> {
    match world.program.check(bytes, now()) {
        Ok(()) => Ok(Vec::new()),
        Err(Failure::Violations(found)) => {
            let mut all: Vec<_> = found
                .0
                .iter()
                .map(|one| format!("{} {} {} {}", one.field, one.rule, one.rule_id, one.for_key))
                .collect();
            all.sort_unstable();
            Ok(all)
        }
        Err(Failure::Malformed(error)) => Err(error.to_string()),
        Err(Failure::Runtime(error)) => panic!("{error}"),
    }
}

fn capped(verdict: &Result<Vec<String>, String>) -> bool {
    verdict.as_ref().is_ok_and(|found| found.len() >= 100)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_are_judged_as_the_decoded_message_is(entropy in prop::collection::vec(any::<u8>(), 0..400)) {
        let world = World::shared();
        let bytes = Entropy::new(&entropy).message(&world.descriptor, 0);
        let decoded = DynamicMessage::decode(world.descriptor.clone(), bytes.as_slice()).unwrap();
        let (found, expected) = (verdict(world, &bytes), verdict(world, &decoded.encode_to_vec()));
        prop_assume!(!capped(&found));
        prop_assert_eq!(found, expected, "{:x?} is written again as {:x?}", bytes, decoded.encode_to_vec());
    }

    #[test]
    fn bytes_are_judged_as_decoded_values_are(entropy in prop::collection::vec(any::<u8>(), 0..400)) {
        let world = World::shared();
        let bytes = Entropy::new(&entropy).message(&world.descriptor, 0);
        let decoded = DynamicMessage::decode(world.descriptor.clone(), bytes.as_slice()).unwrap();
        let found = match world.program.check(&bytes, now()) {
            Ok(()) => BTreeSet::new(),
            Err(Failure::Violations(found)) => {
                prop_assume!(found.0.len() < 100);
                found.0.iter().map(|one| {
                    format!("{}{} {}", one.field, if one.for_key { "*" } else { "" }, one.rule_id)
                }).collect()
            }
            Err(error) => panic!("{error}"),
        };
        prop_assert_eq!(found, support::oracle::judge(&decoded, 1_800_000_000), "{:x?} is {}", bytes, decoded);
    }

    #[test]
    fn runs_may_be_split_and_unpacked(
        entropy in prop::collection::vec(any::<u8>(), 0..300),
        seed in any::<u64>(),
    ) {
        let world = World::shared();
        let bytes = Entropy::new(&entropy).message(&world.descriptor, 0);
        let split = support::split_runs(&world.descriptor, &bytes, seed);
        prop_assert_eq!(verdict(world, &split), verdict(world, &bytes), "{:x?} is {:x?}", bytes, split);
    }

    #[test]
    fn the_order_of_fields_does_not_matter(
        entropy in prop::collection::vec(any::<u8>(), 0..300),
        seed in any::<u64>(),
    ) {
        let world = World::shared();
        let bytes = Entropy::new(&entropy).message(&world.descriptor, 0);
        let shuffled = support::shuffle(&world.descriptor, &bytes, seed);
        prop_assert_eq!(shuffled.len(), bytes.len());
        prop_assert_eq!(verdict(world, &shuffled), verdict(world, &bytes));
    }

    #[test]
    fn a_message_split_anywhere_between_records_is_the_same(
        entropy in prop::collection::vec(any::<u8>(), 0..300),
        cut in any::<prop::sample::Index>(),
    ) {
        let world = World::shared();
        let inner = Entropy::new(&entropy).message(&world.descriptor, 1);
        let ends = support::record_ends(&inner);
        let (first, second) = inner.split_at(*cut.get(ends.as_slice()));
        // World.inner, whole and in two parts.
        let whole = support::delimited(14, &inner);
        let parts = [support::delimited(14, first), support::delimited(14, second)].concat();
        prop_assert_eq!(verdict(world, &parts), verdict(world, &whole));
    }

    #[test]
    fn what_is_malformed_is_so_for_decoders_too(
        entropy in prop::collection::vec(any::<u8>(), 0..200),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        length in any::<prop::sample::Index>(),
    ) {
        let world = World::shared();
        let mut bytes = Entropy::new(&entropy).message(&world.descriptor, 0);
        if bytes.is_empty() {
            return Ok(());
        }
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(length.index(bytes.len()) + 1);
        if DynamicMessage::decode(world.descriptor.clone(), bytes.as_slice()).is_ok() {
            let found = verdict(world, &bytes);
            // prost-reflect reads messages of any wire type as if it were theirs, which no other decoder does.
            prop_assume!(support::has_messages_as_declared(&world.descriptor, &bytes));
            prop_assert!(found.is_ok(), "{:?} of {:x?}", found, bytes);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = verdict(World::shared(), &bytes);
    }

    #[test]
    fn what_is_cut_within_a_record_is_malformed(
        entropy in prop::collection::vec(any::<u8>(), 0..200),
        cut in any::<prop::sample::Index>(),
    ) {
        let world = World::shared();
        let bytes = Entropy::new(&entropy).message(&world.descriptor, 0);
        let at = cut.index(bytes.len() + 1);
        let whole = support::record_ends(&bytes).contains(&at);
        prop_assert_eq!(verdict(world, &bytes[..at]).is_ok(), whole);
    }
}
