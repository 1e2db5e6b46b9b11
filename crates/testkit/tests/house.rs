//! The shape of the house: who may depend on whom, and on what from outside. The lists beside this file
//! are the rule; a change of them is a decision, not a repair.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot look has failed")]

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

const ARROWS: &str = include_str!("house/arrows.txt");
const OUTSIDE: &str = include_str!("house/outside.txt");
/// What everybody is held to. clippy reads the nearest such file only.
const CLIPPY: &str = include_str!("../../../clippy.toml");
/// What a pure crate does not read.
const CLOCKS: [&str; 4] = [
    "std::time::Instant::now",
    "std::time::Instant::elapsed",
    "std::time::SystemTime::now",
    "std::time::SystemTime::elapsed",
];
/// What a pure crate reaches by no way.
const IMPURE: [&str; 8] = ["tokio", "mio", "tonic", "hyper", "h2", "axum", "async-std", "socket2"];

#[test]
fn arrows_between_our_crates_go_down_only() {
    let metadata = metadata();
    let allowed = list(ARROWS);
    let mut offending = Vec::new();
    for package in metadata.workspace_packages() {
        let from = package.name.as_str();
        let Some(to) = allowed.get(from) else {
            offending.push(format!("`{from}` has no line in arrows.txt"));
            continue;
        };
        for (name, kind) in ours(&metadata, package) {
            let in_tests = kind == DependencyKind::Development;
            if name == "testkit" && !in_tests {
                offending.push(format!("{from} → testkit: testkit is for tests only"));
            } else if name != "testkit" && !to.contains(name) {
                let also = if in_tests { " (in tests)" } else { "" };
                offending.push(format!("{from} → {name}{also}"));
            }
        }
    }
    assert!(offending.is_empty(), "arrows that the house does not allow:\n  {}", offending.join("\n  "));
}

#[test]
fn the_list_of_arrows_names_living_crates_and_has_no_circle() {
    let metadata = metadata();
    let living: BTreeSet<_> =
        metadata.workspace_packages().iter().map(|p| p.name.as_str().to_owned()).collect();
    let mut standing = BTreeSet::from(["testkit".to_owned()]);
    for (from, to) in lines(ARROWS) {
        assert!(living.contains(&from), "arrows.txt names `{from}`, which is no crate of ours");
        let above: Vec<_> = to.iter().filter(|name| !standing.contains(*name)).collect();
        assert!(
            above.is_empty(),
            "arrows.txt: `{from}` points up, at {above:?}: order the lines, break circles"
        );
        standing.insert(from);
    }
}

#[test]
fn pure_crates_use_from_outside_only_what_is_listed() {
    let metadata = metadata();
    let mut offending = Vec::new();
    for (name, allowed) in list(OUTSIDE) {
        let package = package(&metadata, &name);
        let ours: BTreeSet<_> = ours(&metadata, package).into_iter().map(|(name, _)| name).collect();
        for dependency in &package.dependencies {
            let known = ours.contains(dependency.name.as_str()) || allowed.contains(&dependency.name);
            if dependency.kind == DependencyKind::Normal && !known {
                offending.push(format!("{name} → {}", dependency.name));
            }
        }
    }
    assert!(
        offending.is_empty(),
        "pure crates depend on what outside.txt does not list:\n  {}",
        offending.join("\n  ")
    );
}

#[test]
fn pure_crates_reach_no_runtime_and_no_socket() {
    let metadata = metadata();
    let mut offending = Vec::new();
    for name in list(OUTSIDE).keys() {
        for (reached, way) in closure(&metadata, &package(&metadata, name).id) {
            if IMPURE.contains(&reached.as_str()) {
                offending.push(way.join(" → "));
            }
        }
    }
    assert!(offending.is_empty(), "pure crates reach a runtime or a socket:\n  {}", offending.join("\n  "));
}

#[test]
fn pure_crates_are_held_to_no_clock_and_to_what_everybody_is() {
    let metadata = metadata();
    let mut offending = Vec::new();
    for name in list(OUTSIDE).keys() {
        let file = package(&metadata, name).manifest_path.with_file_name("clippy.toml");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let lines: BTreeSet<_> = text.lines().collect();
        let missing = CLIPPY.lines().filter(|line| !lines.contains(line));
        offending.extend(missing.map(|line| format!("{file} lacks the root's `{line}`")));
        let read = CLOCKS.iter().filter(|clock| !text.contains(&format!("path = \"{clock}\"")));
        offending.extend(read.map(|clock| format!("{file} does not disallow `{clock}`")));
    }
    assert!(offending.is_empty(), "clippy lets pure crates do too much:\n  {}", offending.join("\n  "));
}

#[test]
fn the_binary_and_the_services_share_what_they_compile() {
    let alone = features(&["cli"]);
    let together = features(&["cli", "shop-catalog", "shop-inventory", "shop-orders"]);
    let twice: Vec<_> = alone.difference(&together).collect();
    let names: BTreeSet<_> = twice.iter().map(|(name, _)| name).collect();
    assert!(
        twice.is_empty(),
        "`cargo run -- up` would compile these twice, and all that stands on them, for the services ask for \
         more features: ask for them in services/cli/Cargo.toml too:\n  {twice:?}\n  {:?}",
        together.iter().filter(|(name, _)| names.contains(name)).collect::<Vec<_>>()
    );
}

/// Everything that building `packages` compiles, by name and version, with the features of each time that it
/// is compiled: for build scripts they may be others.
fn features(packages: &[&str]) -> BTreeSet<(String, String)> {
    let chosen = packages.iter().flat_map(|package| ["-p", package]);
    let shown = ["-e", "normal,build", "--prefix", "none", "--no-dedupe", "-f", "{p}\t{f}"];
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut cargo = Command::new(env!("CARGO"));
    let tree = cargo.current_dir(root).args(["tree", "--offline", "--locked"]).args(shown).args(chosen);
    let tree = tree.output().expect("cargo tree");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).expect("text");
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    lines.map(|(package, features)| (package.to_owned(), features.to_owned())).collect()
}

/// The workspace and all that it depends on here, resolved, without network.
fn metadata() -> Metadata {
    let verbose = Command::new("rustc").arg("-vV").output().expect("rustc");
    let verbose = String::from_utf8(verbose.stdout).expect("text");
    let host = verbose.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    // What is for other platforms need not be here.
    let options = ["--offline", "--locked", "--filter-platform", host].map(str::to_owned).to_vec();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    MetadataCommand::new()
        .manifest_path(root)
        .features(CargoOpt::AllFeatures)
        .other_options(options)
        .exec()
        .expect("`cargo metadata --offline --locked`; where something was never downloaded, `cargo fetch --locked` helps")
}

fn package<'a>(metadata: &'a Metadata, name: &str) -> &'a Package {
    let found = metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == name);
    found.unwrap_or_else(|| panic!("`{name}` is listed, but no crate of ours"))
}

/// The dependencies of `package` that are crates of ours.
fn ours<'a>(metadata: &Metadata, package: &'a Package) -> Vec<(&'a str, DependencyKind)> {
    let here: BTreeSet<_> =
        metadata.workspace_packages().iter().map(|p| p.name.as_str().to_owned()).collect();
    let ours = package.dependencies.iter().filter(|d| d.path.is_some() && here.contains(&d.name));
    ours.map(|dependency| (dependency.name.as_str(), dependency.kind)).collect()
}

/// Everything that is linked with `from`, and a way there.
fn closure(metadata: &Metadata, from: &PackageId) -> BTreeMap<String, Vec<String>> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let mut found = BTreeMap::new();
    let mut open = vec![(from.clone(), Vec::new())];
    while let Some((id, mut way)) = open.pop() {
        let name = metadata[&id].name.to_string();
        way.push(name.clone());
        if found.insert(name, way.clone()).is_some() {
            continue;
        }
        let node = resolve.nodes.iter().find(|node| node.id == id).expect("a node");
        let linked = |kind: DependencyKind| kind == DependencyKind::Normal;
        let next = node.deps.iter().filter(|dep| dep.dep_kinds.iter().any(|info| linked(info.kind)));
        open.extend(next.map(|dep| (dep.pkg.clone(), way.clone())));
    }
    found
}

/// "name: a b c" for each line that is no comment, in order.
fn lines(text: &str) -> Vec<(String, BTreeSet<String>)> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let split = lines.map(|line| line.split_once(':').unwrap_or_else(|| panic!("no colon in `{line}`")));
    split
        .map(|(name, rest)| (name.to_owned(), rest.split_whitespace().map(str::to_owned).collect()))
        .collect()
}

fn list(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    lines(text).into_iter().collect()
}
