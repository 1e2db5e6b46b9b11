//! The tables of docs/compatibility.md, row by row, both ways round; every example is held against a runtime.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may end here")]

mod fields;
#[path = "../support/mod.rs"]
mod support;
mod values;

use compat::{
    Direction::{self, Request, Response},
    Encoding::{Binary, Json},
};
use support::Case;

/// What is found from `one` to `other` and back: binary, then JSON with strict readers.
struct Row(&'static str, &'static str, &'static str, [&'static str; 4]);

fn check(direction: Direction, rows: &[Row]) {
    let mut wrong = Vec::new();
    for Row(what, one, other, expected) in rows {
        let there = |encoding| Case::new(one, other, direction, encoding, false);
        let back = |encoding| Case::new(other, one, direction, encoding, false);
        let cases = [there(Binary), back(Binary), there(Json), back(Json)];
        for (at, (case, expected)) in cases.iter().zip(expected).enumerate() {
            if case.verdict() != *expected {
                wrong.push(format!(
                    "{what} [{at}]\n   expected {expected:?}\n   found    {:?}",
                    case.verdict()
                ));
            }
            wrong.extend(case.disprove().into_iter().map(|reason| format!("{what} [{at}] {reason}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const SAFE: &str = "";
const TYPE: &str = "BREAKING field-type";
const SOME_TYPE: &str = "BREAKING(v) field-type";
const RANGE: &str = "LOSSY(v) field-range";
const REFUSED: &str = "BREAKING(v) field-range";
const NARROWED: &str = "BREAKING(v) field-range, LOSSY(v) field-range";
const MANY: &str = "BREAKING field-cardinality";
const SOME_MANY: &str = "LOSSY(v) field-cardinality";
const FORM: &str = "BREAKING json-form";
const EMPTY: &str = "LOSSY(v) field-presence";
const SOME_FORM: &str = "BREAKING(v) json-form";
