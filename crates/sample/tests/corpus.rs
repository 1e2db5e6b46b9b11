//! The schemas that `treaty contract validate` is held against other implementations by: what can be obeyed
//! is obeyed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]
#![allow(dead_code, unreachable_pub, reason = "the corpus makes messages too, which are not wanted here")]

#[path = "../../../services/cli/tests/validation/corpus/mod.rs"]
mod corpus;

/// What the corpus asks of where it is at home.
mod toolchains {
    pub(crate) fn file(path: &str) -> std::path::PathBuf {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../services/cli/tests/validation")
            .join(path)
    }
}

use contract::{comments::Comments, compile, schema::Schema};
use sample::{SampleError, Sampler, Wish, tree};
use std::time::{Duration, UNIX_EPOCH};
use validate::Program;

/// Not the expressions that are put together at random: most of them nothing can obey.
fn is_meant(name: &str) -> bool {
    name.starts_with("t.") && !name.starts_with("t.CelMade")
}

/// Of what was found so: contradictions (`gt: 5, lt: 5`), and expressions that take a mathematician.
const BEYOND_US: usize = 70;

#[test]
fn what_can_be_obeyed_is_obeyed() {
    let sources = corpus::sources(7);
    let files: Vec<(&str, &str)> =
        sources.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let set = compile::texts(&files).unwrap().bytes;
    let schema = Schema::read(&set).unwrap();
    let sampler = Sampler::new(schema.clone(), Comments::read(&set).unwrap());
    let now = UNIX_EPOCH + Duration::from_secs(1_770_000_000);
    let (mut found, mut missed) = (0, Vec::new());
    for message in schema.messages().filter(|message| !message.map_entry && is_meant(&message.name)) {
        match sampler.message(&message.name, &Wish::of(3, now)) {
            Ok(sample) => {
                let program = Program::compile(&schema, &message.name).unwrap();
                assert_eq!(program.examine(&sample.bytes, now), Ok(()), "{}", message.name);
                let read = tree::decode(&schema, message.id, &sample.bytes);
                assert_eq!(tree::encode(&schema, &read), sample.bytes, "{}", message.name);
                found += 1;
            }
            Err(SampleError::Rules(_)) => {}
            Err(error) => missed.push(error.to_string()),
        }
    }
    assert!(
        found > 1500 && missed.len() <= BEYOND_US,
        "{found} found, {} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}
