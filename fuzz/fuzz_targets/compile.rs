//! Hostile descriptor sets: whatever they say, they are read or refused, and so are their rules.
#![no_main]

use contract::{Contract, schema::Schema};
use fuzz::Source;
use libfuzzer_sys::fuzz_target;
use std::{sync::LazyLock, time::UNIX_EPOCH};
use validate::Program;

static IMPORTS: LazyLock<Vec<u8>> = LazyLock::new(|| Source::rules().imports());

fuzz_target!(init: fuzz::write_seeds("compile", Source::rules().seeds()), |file: &[u8]| {
    let set = fuzz::with(&IMPORTS, file);
    let _ = Contract::read(set.clone());
    let Ok(schema) = Schema::read(&set) else { return };
    for message in schema.messages().filter(|message| !message.name.starts_with("google.")) {
        if let Ok(program) = Program::compile(&schema, &message.name) {
            let _ = program.check(&[], UNIX_EPOCH);
            let _ = program.check(file, UNIX_EPOCH);
        }
    }
});
