//! Messages that are made to obey: of every type of the corpus that can be obeyed there is one.

use crate::corpus;
use contract::{comments::Comments, compile, schema::Schema};
use sample::{SampleError, Sampler, Wish, tree};
use std::time::{Duration, UNIX_EPOCH};
use validate::Program;

/// Not the expressions that are put together at random: most of them nothing can obey.
fn is_meant(name: &str) -> bool {
    name.starts_with("t.") && !name.starts_with("t.CelMade")
}

/// Of a hundred types: contradictions (`gt: 5, lt: 5`), and expressions that take a mathematician.
const BEYOND_US: usize = 8;

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
    // What cannot be obeyed takes its time to be given up: every third type will do.
    let types = schema.messages().filter(|message| !message.map_entry && is_meant(&message.name)).step_by(3);
    for message in types {
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
        found >= 490 && missed.len() * 100 <= (found + missed.len()) * BEYOND_US,
        "{found} found, {} missed:\n{}",
        missed.len(),
        missed.join("\n")
    );
}
