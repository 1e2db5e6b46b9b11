//! The same opinion as `buf breaking`, but for differences that are meant, over every kind of change.

use crate::differences::{Difference, MEANT};
use compat::{Encodings, Finding, Level, Party, Settings, Verdict, all_types, breaking};
use contract::compile;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};
use testkit::{
    programs::{available, output},
    versions::{self, CHANGES, Change, Choices, Field, File, Kind, Label},
};

/// Of each change, in each syntax.
const EACH: usize = 8;
const CATEGORIES: [&str; 2] = ["WIRE", "WIRE_JSON"];

/// A change, and what became of the file.
pub(crate) struct Version {
    pub(crate) change: Change,
    /// In the package `p`.
    pub(crate) old: String,
    pub(crate) new: String,
}

/// What is said of one change in one of buf's categories.
pub(crate) struct Said<'v> {
    pub(crate) version: &'v Version,
    pub(crate) json: bool,
    /// "LOSSY field-range"; notes are not among them.
    pub(crate) ours: BTreeSet<String>,
    pub(crate) buf: BTreeSet<String>,
}

impl Said<'_> {
    /// Whether all that buf says is of these rules.
    pub(crate) fn buf_only(&self, rules: &[&str]) -> bool {
        !self.buf.is_empty() && self.buf.iter().all(|said| rules.iter().any(|rule| said.contains(rule)))
    }

    /// Whether all that we say is of these rules.
    pub(crate) fn only(&self, rules: &[&str]) -> bool {
        !self.ours.is_empty() && self.ours.iter().all(|said| rules.iter().any(|rule| said.ends_with(rule)))
    }
}

/// Pairs of versions that compile: of each change and syntax so many.
pub(crate) fn made(each: usize) -> Vec<Version> {
    let mut all = Vec::new();
    for proto2 in [false, true] {
        for &change in CHANGES {
            let mut seed = change as u64 * 1000 + u64::from(proto2);
            let mut found = 0;
            while found < each && seed < change as u64 * 1000 + 600 {
                seed += 2;
                let (schema, changes) = (versions::bytes(seed, 100), versions::bytes(!seed, 30));
                let mut old = versions::grow(&mut Choices::of(&schema));
                use_enums(&mut old);
                let mut new = old.clone();
                let changed = versions::change(&mut new, change, &mut Choices::of(&changes));
                if old.proto2 != proto2 || !changed {
                    continue;
                }
                let (old, new) = (old.text("p"), new.text("p"));
                let sound = |text: &str| compile::texts(&[("p.proto", text)]).is_ok();
                if sound(&old) && sound(&new) {
                    found += 1;
                    all.push(Version { change, old, new });
                }
            }
        }
    }
    all
}

/// An enum that nobody uses is nobody's concern but buf's.
fn use_enums(file: &mut File) {
    for at in 0..file.enums.len() {
        let number = file.fresh();
        file.messages[0].fields.push(Field {
            number,
            name: format!("f_{number}"),
            json_name: None,
            label: Label::Plain,
            kind: Kind::Enum(at),
            packed: None,
            default: None,
            oneof: None,
            extension: false,
        });
    }
}

/// All of the files, each with a package of its own.
pub(crate) fn image<'v>(files: impl Iterator<Item = &'v String>) -> Vec<u8> {
    let texts: Vec<(String, String)> = files
        .enumerate()
        .map(|(at, text)| (format!("p{at}.proto"), text.replace("package p;", &format!("package p{at};"))))
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    compile::texts(&texts).unwrap().bytes
}

/// By the file's number, the rules that buf says are broken.
fn judged(folder: &Path, category: &str) -> BTreeMap<usize, BTreeSet<String>> {
    let config = format!(r#"{{"version":"v2","breaking":{{"use":["{category}"]}}}}"#);
    let mut buf = Command::new("buf");
    buf.args([
        "breaking",
        "new.binpb",
        "--against",
        "old.binpb",
        "--exclude-imports",
        "--error-format",
        "json",
    ])
    .args(["--config", &config])
    .current_dir(folder)
    .env("BUF_CACHE_DIR", folder.join("cache"));
    let output = output(&mut buf);
    // 100: violations.
    let judged = output.status.success() || output.status.code() == Some(100);
    assert!(judged, "{}", String::from_utf8_lossy(&output.stderr));
    let mut found: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        let path = object["path"].as_str().unwrap();
        let at = path.strip_prefix('p').and_then(|path| path.strip_suffix(".proto")).unwrap();
        let rule = object["type"].as_str().unwrap().to_owned();
        found.entry(at.parse().unwrap()).or_default().insert(rule);
    }
    found
}

/// What we say, but for notes, and for types that are gone: buf's categories of the wire do not look for those. Where
/// there are methods, their messages are compared in the directions that they go; else all, in both.
fn ours(version: &Version, json: bool) -> BTreeSet<String> {
    let party = |text: &String| Party::read(image(std::iter::once(text))).unwrap();
    let settings = Settings { encodings: Encodings { binary: true, json }, ..Settings::default() };
    let said = |finding: Finding| format!("{} {}", finding.level, finding.rule);
    let (old, new) = (party(&version.old), party(&version.new));
    let found = if old.contract.services.is_empty() {
        all_types(&old, &new, &settings)
    } else {
        let verdicts = breaking(&old, &new, &settings);
        verdicts.iter().flat_map(Verdict::findings).cloned().collect()
    };
    found
        .into_iter()
        .filter(|finding| finding.level > Level::Safe && finding.rule != "message-deleted")
        .map(said)
        .collect()
}

#[test]
fn buf_agrees_but_for_what_is_meant() {
    if !available("buf", Command::new("buf").arg("--version")) {
        return;
    }
    let mut versions: Vec<Version> = MEANT.iter().map(Difference::vector).collect();
    versions.extend(made(EACH));
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, image: Vec<u8>| std::fs::write(folder.path().join(name), image).unwrap();
    write("old.binpb", image(versions.iter().map(|version| &version.old)));
    write("new.binpb", image(versions.iter().map(|version| &version.new)));
    let (mut meant, mut agreed, mut unexpected) = ([0; MEANT.len()], 0, Vec::new());
    let mut shown = BTreeSet::new();
    for category in CATEGORIES {
        let mut buf = judged(folder.path(), category);
        for (at, version) in versions.iter().enumerate() {
            let json = category == "WIRE_JSON";
            let buf = buf.remove(&at).unwrap_or_default();
            let said = Said { version, json, ours: ours(version, json), buf };
            if said.ours.is_empty() == said.buf.is_empty() {
                agreed += 1;
            } else if let Some(difference) = MEANT.iter().position(|meant| (meant.covers)(&said)) {
                meant[difference] += 1;
                shown.extend((at == difference).then_some(at));
            } else {
                let (Version { change, old, new }, Said { ours, buf, .. }) = (version, &said);
                unexpected.push(format!("{category} {change:?}: ours {ours:?}, buf {buf:?}\n{old}\n{new}"));
            }
        }
    }
    println!("{} changes, {agreed} times agreed", versions.len());
    for (difference, count) in MEANT.iter().zip(meant) {
        println!("  {count} times: {}", difference.reason);
    }
    assert!(unexpected.is_empty(), "{} are judged otherwise:\n{}", unexpected.len(), unexpected[0]);
    let unseen = MEANT.iter().enumerate().find(|(at, _)| !shown.contains(at));
    assert!(unseen.is_none(), "the vector no longer shows: {}", unseen.unwrap().1.reason);
}
