//! What the official runtimes, Python's and Go's, and this crate have agreed on, message by message.
//!
//! The vectors are written by the differential test of the command line (`services/cli/tests/validation`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says where"
)]

use contract::{compile, schema::Schema};
use serde_json::Value;
use std::{collections::HashMap, time::UNIX_EPOCH};
use validate::{Failure, Program, Violation};

#[test]
fn messages_are_judged_as_the_official_runtimes_judged_them() {
    agreed(include_str!("vectors/standard.proto"), include_str!("vectors/standard.jsonl"));
}

#[test]
fn patterns_match_as_the_official_runtimes_matched_them() {
    agreed(include_str!("vectors/patterns.proto"), include_str!("vectors/patterns.jsonl"));
}

fn agreed(source: &str, vectors: &str) {
    let schema = Schema::read(&compile::texts(&[("source.proto", source)]).unwrap().bytes).unwrap();
    let mut programs: HashMap<String, Program> = HashMap::new();
    for line in vectors.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let name = vector["type"].as_str().unwrap();
        let program = programs
            .entry(name.to_owned())
            .or_insert_with(|| Program::compile(&schema, name).unwrap_or_else(|error| panic!("{error}")));
        let digits = vector["bytes"].as_str().unwrap().as_bytes().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let bytes: Vec<u8> = digits.map(byte).collect();
        let found = match program.examine(&bytes, UNIX_EPOCH) {
            Ok(()) => Some(Vec::new()),
            Err(Failure::Violations(violations)) => Some(violations.0.iter().map(shown).collect()),
            Err(_) => None,
        };
        let wanted = vector["violations"].as_array();
        let wanted: Option<Vec<String>> =
            wanted.map(|list| list.iter().map(|shown| shown.as_str().unwrap().to_owned()).collect());
        let found = found.map(|mut found: Vec<String>| {
            found.sort();
            found
        });
        assert_eq!(found, wanted, "{line}");
    }
}

/// `a[2] string.min_len repeated.items.string.min_len`; a `*` behind the field is for its key.
fn shown(violation: &Violation) -> String {
    let key = if violation.for_key { "*" } else { "" };
    format!("{}{key} {} {}", violation.field, violation.rule_id, violation.rule)
}
