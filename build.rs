//! proto/ to Rust (messages, tonic stubs) and, for each package, its raw descriptor set. No protoc.

use contract::compile;
use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let root = PathBuf::from("proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = proto_files(&root)?;
    let mut compiler = compile::compiler(std::slice::from_ref(&root));
    for file in &files {
        compiler.open_file(file)?;
    }
    tonic_prost_build::configure().compile_fds(compiler.file_descriptor_set())?;
    for package in packages(&files) {
        let of_package: Vec<_> =
            files.iter().filter(|file| file.parent() == Some(package.as_path())).collect();
        // Raw bytes: a set that went through prost-types has lost its custom options.
        let set = compile::descriptor_set(std::slice::from_ref(&root), &of_package)?;
        let name = package.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(".");
        fs::write(out.join(format!("{name}.binpb")), set)?;
    }
    Ok(())
}

/// Every `.proto` below `root`, relative to it, sorted.
fn proto_files(root: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                files.push(path.strip_prefix(root)?.to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The folders of `files`: one package each.
fn packages(files: &[PathBuf]) -> Vec<PathBuf> {
    let mut packages: Vec<_> = files.iter().filter_map(|file| file.parent()).map(Path::to_owned).collect();
    packages.dedup();
    packages
}
