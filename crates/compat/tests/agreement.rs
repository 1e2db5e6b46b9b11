//! Verdicts held against a runtime, over generated versions of a file and random messages.
//!
//! What one version writes and the other reads with prost-reflect, in both encodings: where something is lost or
//! changed there is a finding at that very field, where reading fails a Breaking one; and every example does
//! what its finding says. Cases that once failed are in `vectors/`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may end here")]

#[path = "support/judge.rs"]
mod judge;
#[path = "support/pair.rs"]
mod pair;
#[path = "support/refute.rs"]
mod refute;

use compat::{
    Direction::Request,
    Encoding::{Binary, Json},
};
use pair::{Pair, Side, Way};
use proptest::prelude::*;
use prost_reflect::DynamicMessage;
use refute::refute;
use std::cell::Cell;
use testkit::versions::{self, CHANGES, Choices, File};

/// A version, and one that came after it.
fn versions_of(schema: &[u8], changes: &[u8]) -> (File, File) {
    let one = versions::grow(&mut Choices::of(schema));
    let mut other = one.clone();
    let mut choices = Choices::of(changes);
    for _ in 0..1 + choices.below(3) {
        let what = choices.pick(CHANGES);
        versions::change(&mut other, what, &mut choices);
    }
    (one, other)
}

/// Four messages, every second with hardly more than one field.
fn random(side: &Side, bytes: &[u8]) -> Vec<DynamicMessage> {
    let mut choices = Choices::of(bytes);
    (0..4).map(|at| versions::random(&side.message, &mut choices, at % 2 == 1)).collect()
}

/// As many as take a few seconds; PROPTEST_CASES asks for another number.
const CASES: u32 = 1000;

#[test]
fn a_runtime_agrees() {
    let (compared, refused) = (Cell::new(0), Cell::new(0));
    let some = |length: usize| proptest::collection::vec(any::<u8>(), 0..length);
    let cases =
        if std::env::var_os("PROPTEST_CASES").is_some() { ProptestConfig::default().cases } else { CASES };
    let config = ProptestConfig {
        cases,
        max_shrink_iters: 3000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&(some(80), some(16), some(250)), |(schema, changes, values)| {
        let (one, other) = versions_of(&schema, &changes);
        let (one, other) = (one.text("t"), other.text("t"));
        let (Ok(before), Ok(after)) = (Side::of(&one), Side::of(&other)) else {
            refused.set(refused.get() + 1);
            return Ok(());
        };
        compared.set(compared.get() + 1);
        let wrong = refute(&before, &after, |side| random(side, &values));
        let shown = wrong.iter().take(3).cloned().collect::<Vec<_>>().join("\n");
        prop_assert!(wrong.is_empty(), "{one}\n{other}\n{shown}");
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(refused.get() * 20 < compared.get(), "{} of {} do not compile", refused.get(), compared.get());
}

/// A case that once failed, or shows what is easily got wrong.
#[derive(serde::Deserialize)]
struct Vector {
    one: String,
    other: String,
    /// In JSON; each is written by whichever side knows it.
    messages: Vec<serde_json::Value>,
    /// What is found in requests, binary forth and back, JSON forth and back.
    found: [String; 4],
}

#[test]
fn vectors_hold() {
    let mut wrong = Vec::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let vector: Vector = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let (one, other) = (Side::of(&vector.one).unwrap(), Side::of(&vector.other).unwrap());
        let messages = |side: &Side| {
            let known =
                |json: &serde_json::Value| DynamicMessage::deserialize(side.message.clone(), json).ok();
            vector.messages.iter().filter_map(known).collect::<Vec<_>>()
        };
        assert!(!messages(&one).is_empty(), "{name}: nobody writes that");
        wrong.extend(refute(&one, &other, messages).into_iter().map(|reason| format!("{name}: {reason}")));
        let found = [Binary, Json].map(|encoding| {
            let way = Way { encoding, lenient: false, direction: Request };
            [Pair::new(&one, &other, way), Pair::new(&other, &one, way)].map(|pair| pair.summary())
        });
        let found = found.as_flattened();
        if found != vector.found {
            wrong.push(format!("{name}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
