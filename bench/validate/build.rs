//! Messages and their generated validation, as a user of prost-protovalidate makes them. Needs protoc.

use std::{env, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let set = PathBuf::from(env::var("OUT_DIR")?).join("set.bin");
    let vocabulary = "../../crates/contract/proto";
    prost_build::Config::new()
        .file_descriptor_set_path(&set)
        .extern_path(".buf.validate", "::prost_protovalidate::types")
        .compile_protos(&["proto/bench/v1/bench.proto"], &["proto", vocabulary])?;
    prost_protovalidate_build::Builder::new().file_descriptor_set_path(&set)?.compile()?;
    println!("cargo:rerun-if-changed=proto");
    Ok(())
}
