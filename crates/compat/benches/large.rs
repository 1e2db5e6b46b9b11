//! A contract of 10,000 messages, changed in 100 places, against itself: `cargo bench -p compat`.
//!
//! Prints the CPU time that reading and judging take (what else a machine does is not counted; Linux only), and
//! the most memory that they hold at once.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may end here, and prints")]

use compat::{Party, Settings, breaking};
use std::{fmt::Write as _, fs};

const MESSAGES: usize = 10_000;
const CHANGES: usize = 100;
const METHODS: usize = 100;

/// A tree of messages that also lead back, and methods for the first of them: some reach all, some a part.
fn contract(changed: bool) -> String {
    let mut text = "syntax = \"proto3\"; package large.v1;\nenum E { A = 0; B = 1; C = 2; }\n".to_owned();
    for n in 0..MESSAGES {
        let kind = if changed && n % (MESSAGES / CHANGES) == 0 { "string" } else { "int64" };
        let below = |child: usize| if child < MESSAGES { child } else { n };
        let (left, right) = (below(2 * n + 1), below(2 * n + 2));
        _ = writeln!(
            text,
            "message M{n} {{ {kind} id = 1; string name = 2; M{left} left = 3; repeated M{right} right = 4; E e = 5; map<string, M{n}> more = 6; }}"
        );
    }
    text.push_str("service S {\n");
    for n in 0..METHODS {
        _ = writeln!(text, "rpc Call{n}(M{n}) returns (M{n});");
    }
    text + "}\n"
}

/// Of this thread, in milliseconds.
fn cpu() -> f64 {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = statistics.split_whitespace().next().and_then(|text| text.parse::<f64>().ok());
    nanoseconds.unwrap_or_default() / 1e6
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let before = cpu();
    let mut result = None;
    let used = allocation_counter::measure(|| result = Some(work()));
    let milliseconds = cpu() - before;
    println!("{what:<28} {milliseconds:>8.1} ms {:>8.1} MB at most", used.bytes_max as f64 / 1e6);
    result.unwrap()
}

fn main() {
    let set = |changed| contract::compile::texts(&[("large.proto", &contract(changed))]).unwrap().bytes;
    let (old, new) = (set(false), set(true));
    println!(
        "{MESSAGES} messages, {CHANGES} changes, {METHODS} methods, {:.1} MB each",
        old.len() as f64 / 1e6
    );
    timed("all of it", || {
        let [old, new] = [&old, &new].map(|bytes| Party::read(bytes.as_slice()).unwrap());
        breaking(&old, &new, &Settings::default()).len()
    });
    timed("contracts alone", || {
        [&old, &new].map(|bytes| contract::Contract::read(bytes.as_slice()).unwrap())
    });
    let parties = timed("read both", || [old, new].map(|bytes| Party::read(bytes).unwrap()));
    let [old, new] = &parties;
    let same = timed("judge against itself", || breaking(old, old, &Settings::default()));
    assert!(same.iter().all(|verdict| verdict.findings().count() == 0));
    let verdicts = timed("judge what changed", || breaking(old, new, &Settings::default()));
    let found: usize = verdicts.iter().map(|verdict| verdict.findings().count()).sum();
    println!("{found} findings");
}
