//! Hostile messages: whatever the bytes, they are judged, and judged the same twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::time::UNIX_EPOCH;

fuzz_target!(init: fuzz::write_seeds("check", seeds()), |bytes: &[u8]| {
    let Some((which, message)) = bytes.split_first() else { return };
    let program = &fuzz::PROGRAMS[usize::from(*which) % fuzz::PROGRAMS.len()];
    let judged = program.check(message, UNIX_EPOCH);
    assert_eq!(judged, program.check(message, UNIX_EPOCH));
    if let Err(failure) = judged {
        let _ = failure.to_string();
    }
});

/// For each program: nothing, and the fields 1 to 15 as texts, as messages with a text, as varints.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let values = [
        ("texts", 2, &[3, b'f', b'o', b'o'][..]),
        ("messages", 2, &[4, 10, 2, b'a', b'b']),
        ("numbers", 0, &[7]),
    ];
    let mut seeds = Vec::new();
    for which in 0..u8::try_from(fuzz::PROGRAMS.len()).expect("a few programs") {
        seeds.push((format!("empty-{which}"), vec![which]));
        for (name, wire_type, value) in values {
            let fields = (1_u8..16).flat_map(|number| [&[number << 3 | wire_type], value].concat());
            seeds.push((format!("{name}-{which}"), std::iter::once(which).chain(fields).collect()));
        }
    }
    seeds
}
