//! What the targets start from: the schemas of the differential tests.

use contract::{compile, schema::Schema};
use prost::Message as _;
use std::{fs, path::Path, sync::LazyLock};
use validate::Program;

const NAMES: [&str; 3] = ["legacy.proto", "nested.proto", "predefined.proto"];

/// Encoded descriptors of these files and all that they import.
fn set() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../services/cli/tests/validation/schemas");
    compile::descriptor_set(&[folder], &NAMES).expect("the schemas compile")
}

/// The files by name, as the bytes that they are in the set: decoded and encoded again they would lose options.
fn files() -> Vec<(String, Vec<u8>)> {
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
    let name = |file: &[u8]| Named::decode(file).expect("a file").name;
    Set::decode(set().as_slice()).expect("a set").files.into_iter().map(|file| (name(&file), file)).collect()
}

/// The schemas' own files.
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    files().into_iter().filter(|(name, _)| is_seed(name)).collect()
}

/// What all of the files import, as the start of a set that one more file can follow.
pub static IMPORTS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    files().iter().filter(|(name, _)| !is_seed(name)).flat_map(|(_, file)| record(file)).collect()
});

/// Programs of messages with rules of every kind.
pub static PROGRAMS: LazyLock<Vec<Program>> = LazyLock::new(|| {
    let schema = Schema::read(&set()).expect("a schema");
    let names = [
        "t.Order",
        "t.Legacy",
        "t.LegacyCel",
        "t.LegacyMaps",
        "t.Predefined",
        "t.PartLine",
        "t.PartCustomer",
    ];
    names.iter().map(|name| Program::compile(&schema, name).expect("rules that compile")).collect()
});

/// As one more file of a set.
pub fn record(file: &[u8]) -> Vec<u8> {
    let mut record = Vec::with_capacity(file.len() + 8);
    prost::encoding::bytes::encode(1, &file.to_vec(), &mut record);
    record
}

/// Whether the file is one of the schemas, rather than something they import.
fn is_seed(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Writes the seeds of a target where libFuzzer is about to look for them.
pub fn write_seeds(target: &str, seeds: impl IntoIterator<Item = (String, Vec<u8>)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).expect("a folder");
    for (name, seed) in seeds {
        fs::write(folder.join(name), seed).expect("a file");
    }
}
