//! Hostile descriptor sets: whatever they say, they are read or refused, and so are their rules.
#![no_main]

use contract::{Contract, schema::Schema};
use libfuzzer_sys::fuzz_target;
use std::time::UNIX_EPOCH;
use validate::Program;

fuzz_target!(init: fuzz::write_seeds("compile", fuzz::seeds()), |file: &[u8]| {
    // One more file behind what it may import, since a set by itself seldom gets as far as its rules.
    let mut set = fuzz::IMPORTS.clone();
    set.extend(fuzz::record(file));
    let _ = Contract::read(set.clone());
    let Ok(schema) = Schema::read(&set) else { return };
    for message in schema.messages().filter(|message| !message.name.starts_with("google.")) {
        if let Ok(program) = Program::compile(&schema, &message.name) {
            let _ = program.check(&[], UNIX_EPOCH);
            let _ = program.check(file, UNIX_EPOCH);
        }
    }
});
