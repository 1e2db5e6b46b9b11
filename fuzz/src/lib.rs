//! What the targets start from, and what they share: schemas, programs, versions of a file.

pub mod mutate;
mod schemas;

pub use schemas::{PROGRAMS, SCHEMA, Source, TYPES};

use prost::Message as _;
use std::{fs, path::Path};

#[derive(Clone, PartialEq, prost::Message)]
struct Set {
    #[prost(bytes = "vec", repeated, tag = "1")]
    files: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Named {
    #[prost(string, tag = "1")]
    name: String,
}

/// The files of a set by name, as the bytes that they are in it: decoded and encoded again they would lose
/// options.
fn files(set: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let name = |file: &[u8]| Named::decode(file).expect("a file").name;
    Set::decode(set).expect("a set").files.into_iter().map(move |file| (name(&file), file))
}

/// As one more file of a set.
pub fn record(file: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(file.len() + 8);
    prost::encoding::bytes::encode(1, &file.to_vec(), &mut record);
    record
}

/// A set with one more file, behind what it may import: by itself it seldom gets as far as its rules.
pub fn with(imports: &[u8], file: &[u8]) -> Vec<u8> {
    [imports, &record(file)].concat()
}

/// Writes the seeds of a target where libFuzzer is about to look for them.
pub fn write_seeds(target: &str, seeds: impl IntoIterator<Item = (String, Vec<u8>)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).expect("a folder");
    for (name, seed) in seeds {
        fs::write(folder.join(name.replace('/', "-")), seed).expect("a file");
    }
}
