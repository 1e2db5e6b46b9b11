//! The echo's contract to Rust, and its raw descriptor set.

use contract::compile;
use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let (root, file) = (PathBuf::from("proto"), Path::new("bench/v1/echo.proto"));
    let mut compiler = compile::compiler(std::slice::from_ref(&root));
    compiler.open_file(file)?;
    tonic_prost_build::configure().compile_fds(compiler.file_descriptor_set())?;
    let out = PathBuf::from(env::var("OUT_DIR")?).join("bench.v1.binpb");
    fs::write(out, compile::descriptor_set(&[root], &[file])?)?;
    Ok(())
}
