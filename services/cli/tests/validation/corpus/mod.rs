//! Schemas with rules, and messages at the borders of each rule: the same ones on every run.

mod expressions;
mod fields;
mod formats;
mod grammar;
mod messages;
mod numbers;
mod patterns;
mod random;
mod standard;
mod texts;
mod times;
mod wire;

pub(crate) use random::Random;
pub(crate) use wire::Value;

use contract::schema::Schema;
use std::collections::BTreeMap;

/// Sources, and the values that are of interest in some of their fields.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) files: Vec<(String, String)>,
    pub(crate) pools: Pools,
}

impl Sources {
    /// What stands in one of the files.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.files.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str()).unwrap()
    }
}

/// By the full name of a message and the number of a field.
pub(crate) type Pools = BTreeMap<(String, u32), Vec<Value>>;

/// A message to be judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Case {
    pub(crate) type_name: String,
    /// Whether there are records in it of another wire type than their field's.
    pub(crate) strayed: bool,
    pub(crate) bytes: Vec<u8>,
}

/// Everything: the generated schemas and those that were written by hand.
pub(crate) fn sources(seed: u64) -> Sources {
    let mut sources = Sources::default();
    standard::add(&mut sources, &mut Random::new(seed));
    expressions::add(&mut sources, &mut Random::new(!seed));
    patterns::add(&mut sources, &mut Random::new(seed ^ 0xff));
    for name in ["legacy.proto", "predefined.proto", "nested.proto"] {
        let text = std::fs::read_to_string(crate::toolchains::file(&format!("schemas/{name}"))).unwrap();
        sources.files.push((name.to_owned(), text));
    }
    sources
}

/// Messages of every type of the package `t` that stands for something.
pub(crate) fn cases(schema: &Schema, pools: &Pools, seed: u64) -> Vec<Case> {
    let mut cases = Vec::new();
    let judged = |name: &str| name.starts_with("t.") && !name.contains(".Part");
    for message in schema.messages().filter(|message| !message.map_entry && judged(&message.name)) {
        let mut random = Random::new(seed ^ hash(&message.name));
        let mut author = messages::Author { schema, pools, random: &mut random };
        let texts = author.of_message(message);
        let case = |(bytes, strayed)| Case { type_name: message.name.clone(), strayed, bytes };
        cases.extend(texts.into_iter().map(case));
    }
    cases.sort();
    cases.dedup();
    cases
}

fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
